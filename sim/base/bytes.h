// Byte slices: immutable views of reference-counted memory, and slices of files.
//
// Invariants: the bytes under a `Bytes` never change; copying one copies a pointer. A `Slice` is what a node
// hands to the network: memory or (file, offset, length), so that a driver can send from the file. It stays
// valid and unchanged until it was sent.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/ids.h"

namespace brokerlab {

class Bytes {
 public:
  Bytes() = default;
  Bytes(std::shared_ptr<const void> owner, const uint8_t* data, size_t size)
      : owner_(std::move(owner)), data_(data), size_(size) {}

  static Bytes copy_of(std::span<const uint8_t> bytes);
  static Bytes copy_of(std::string_view text);
  static Bytes adopt(std::vector<uint8_t> bytes);

  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const uint8_t* begin() const { return data_; }
  const uint8_t* end() const { return data_ + size_; }
  uint8_t operator[](size_t i) const { return data_[i]; }
  std::span<const uint8_t> span() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  /// REQUIRES: offset + length <= size(). Shares the owner.
  Bytes subview(size_t offset, size_t length) const;
  Bytes subview(size_t offset) const { return subview(offset, size_ - offset); }
  const std::shared_ptr<const void>& owner() const { return owner_; }

  friend bool operator==(const Bytes& a, const Bytes& b) { return a.text() == b.text(); }

 private:
  std::shared_ptr<const void> owner_;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

struct FileSlice {
  FileId file;
  uint64_t offset = 0;
  uint64_t length = 0;
  std::shared_ptr<const void> owner;  ///< the open file, which lives and stays unchanged for this slice
  friend bool operator==(const FileSlice&, const FileSlice&) = default;
};

using Slice = std::variant<Bytes, FileSlice>;
using Slices = std::vector<Slice>;

uint64_t size_of(const Slice& slice);
uint64_t size_of(std::span<const Slice> slices);
/// One piece; several are copied together. REQUIRES: memory slices only.
Bytes joined(std::span<const Slice> slices);

std::string to_hex(std::span<const uint8_t> bytes);
/// Empty when the text is not an even number of hexadecimal digits.
std::vector<uint8_t> from_hex(std::string_view hex);

/// The bytes of a text, not copied.
inline std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace brokerlab
