// Writes the protocol's primitive types into one allocation, with record slices between.
//
// A message is walked twice: a counting writer learns its size, a second one of exactly that size fills it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "sim/base/bytes.h"
#include "sim/base/ids.h"

namespace brokerlab::kafka {

class Writer {
 public:
  /// Counts only.
  Writer() = default;
  /// Writes; more than `memory_size` bytes (record slices not counted) is our bug.
  explicit Writer(size_t memory_size);

  void int8(int8_t value) { big_endian(static_cast<uint8_t>(value)); }
  void int16(int16_t value) { big_endian(static_cast<uint16_t>(value)); }
  void int32(int32_t value) { big_endian(static_cast<uint32_t>(value)); }
  void int64(int64_t value) { big_endian(static_cast<uint64_t>(value)); }
  void float64(double value);
  void uuid(const Uuid& value);
  /// Base 128, low group first; the protocol's UNSIGNED_VARINT.
  void unsigned_varint(uint32_t value);
  /// Zigzag, then base 128: VARINT and VARLONG of records.
  void varint(int32_t value);
  void varlong(int64_t value);
  void raw(std::span<const uint8_t> bytes);
  void raw(std::string_view text);
  /// Not copied: the slices stand in the output as they are.
  void slices(const Slices& slices);

  size_t memory_size() const { return used_; }
  /// Memory and record slices together.
  uint64_t size() const { return used_ + slices_size_; }
  /// REQUIRES: a writing one, filled to its size.
  Slices take();

 private:
  template <class Unsigned>
  void big_endian(Unsigned value) {
    uint8_t* to = advance(sizeof value);
    if (to == nullptr) return;
    for (size_t i = 0; i < sizeof value; ++i)
      to[i] = static_cast<uint8_t>(value >> (8 * (sizeof value - 1 - i)));
  }
  void base128(uint64_t value);
  /// Where to put `count` bytes; null when only counting.
  uint8_t* advance(size_t count);
  void cut();

  std::shared_ptr<uint8_t[]> memory_;
  size_t capacity_ = 0;
  size_t used_ = 0;
  size_t cut_at_ = 0;  ///< memory before here is already in `pieces_`
  uint64_t slices_size_ = 0;
  Slices pieces_;
};

}  // namespace brokerlab::kafka
