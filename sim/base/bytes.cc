#include "sim/base/bytes.h"

#include "sim/base/assert.h"

namespace brokerlab {

Bytes Bytes::copy_of(std::span<const uint8_t> bytes) {
  auto owner = std::make_shared_for_overwrite<uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), owner.get());
  const uint8_t* data = owner.get();
  return Bytes(std::move(owner), data, bytes.size());
}

Bytes Bytes::copy_of(std::string_view text) { return copy_of(bytes_of(text)); }

Bytes Bytes::adopt(std::vector<uint8_t> bytes) {
  auto owner = std::make_shared<const std::vector<uint8_t>>(std::move(bytes));
  const uint8_t* data = owner->data();
  const size_t size = owner->size();
  return Bytes(std::move(owner), data, size);
}

Bytes Bytes::subview(size_t offset, size_t length) const {
  BROKERLAB_ASSERT(offset <= size_ && length <= size_ - offset);
  return Bytes(owner_, data_ + offset, length);
}

uint64_t size_of(const Slice& slice) {
  if (const auto* bytes = std::get_if<Bytes>(&slice)) return bytes->size();
  return std::get<FileSlice>(slice).length;
}

uint64_t size_of(std::span<const Slice> slices) {
  uint64_t total = 0;
  for (const Slice& slice : slices) total += size_of(slice);
  return total;
}

Bytes joined(std::span<const Slice> slices) {
  if (slices.size() == 1) return std::get<Bytes>(slices.front());
  std::vector<uint8_t> all;
  all.reserve(size_of(slices));
  for (const Slice& slice : slices) {
    const Bytes& piece = std::get<Bytes>(slice);
    all.insert(all.end(), piece.begin(), piece.end());
  }
  return Bytes::adopt(std::move(all));
}

std::string to_hex(std::span<const uint8_t> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (uint8_t byte : bytes) {
    hex.push_back(digits[byte >> 4]);
    hex.push_back(digits[byte & 15]);
  }
  return hex;
}

std::vector<uint8_t> from_hex(std::string_view hex) {
  auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::vector<uint8_t> bytes;
  if (hex.size() % 2 != 0) return bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]);
    const int low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes.push_back(static_cast<uint8_t>(high << 4 | low));
  }
  return bytes;
}

}  // namespace brokerlab
