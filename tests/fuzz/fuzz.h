// What the fuzz targets share. Each target is one kind of input from outside; libFuzzer makes the inputs,
// address and undefined-behaviour sanitizers watch, and a target itself checks three things: nothing stops the
// program, what was accepted is written and read back as the same, and memory stays bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"

/// Unlike an assertion it is about the outcome of the input, not about the code that it stands in.
#define FUZZ_CHECK(condition) \
  ((condition) ? void(0) : ::brokerlab::fuzz::failed(#condition, __FILE__, __LINE__))

namespace brokerlab::fuzz {

[[noreturn]] void failed(const char* condition, const char* file, int line);

/// Takes an input apart from its front. What is not there any more reads as zero or as nothing.
class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size) : rest_(Bytes::copy_of(std::span(data, size))) {}
  bool empty() const { return rest_.empty(); }
  uint8_t byte();
  /// A piece of bytes behind its length (two bytes); shorter when the input is.
  Bytes piece();
  const Bytes& rest() const { return rest_; }

 private:
  Bytes rest_;
};
/// The way back, for seeds: REQUIRES at most 65535 bytes.
void put_piece(std::vector<uint8_t>& to, std::span<const uint8_t> piece);

/// While it lives, it counts every allocation of the program, those of the C libraries too; at its end the
/// most that was held at one time must not have been more than `limit_bytes`.
class MemoryLimit {
 public:
  explicit MemoryLimit(uint64_t limit_bytes);
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;
  ~MemoryLimit();

 private:
  uint64_t limit_bytes_;
};

/// The same batches with right CRCs, which no fuzzer finds by chance.
Bytes with_right_crcs(const Bytes& batches);

}  // namespace brokerlab::fuzz
