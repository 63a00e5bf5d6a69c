#include "sim/wire/kafka/reader.h"

#include <bit>

namespace brokerlab::kafka {

bool Reader::has(uint64_t count) {
  if (!ok()) return false;
  if (count <= bytes_.size() - position_) return true;
  fail("the bytes end too early");
  return false;
}

double Reader::float64() { return std::bit_cast<double>(int64()); }

Uuid Reader::uuid() {
  if (!has(16)) return {};
  const uint64_t high = big_endian<uint64_t>();
  return {high, big_endian<uint64_t>()};
}

uint64_t Reader::base128(int bits) {
  uint64_t value = 0;
  for (int shift = 0; shift < bits; shift += 7) {
    if (!has(1)) return 0;
    const uint8_t byte = bytes_[position_++];
    value |= uint64_t{byte & 0x7Fu} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  fail(StatusCode::limit, "a variable-length number is too long");
  return 0;
}

int32_t Reader::varint() {
  const auto zigzag = static_cast<uint32_t>(base128(32));
  return static_cast<int32_t>(zigzag >> 1) ^ -static_cast<int32_t>(zigzag & 1);
}

int64_t Reader::varlong() {
  const uint64_t zigzag = base128(64);
  return static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1);
}

Bytes Reader::view(uint64_t length) {
  if (!has(length)) return {};
  Bytes bytes = bytes_.subview(position_, length);
  position_ += length;
  return bytes;
}

}  // namespace brokerlab::kafka
