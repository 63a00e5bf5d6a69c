#include "sim/wire/kafka/reader.h"

#include <bit>

namespace brokerlab::kafka {

double Reader::float64() { return std::bit_cast<double>(int64()); }

Uuid Reader::uuid() {
  if (!has(16)) return {};
  const uint64_t high = big_endian<uint64_t>();
  return {high, big_endian<uint64_t>()};
}

uint64_t Reader::long_base128(int bits) {
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

}  // namespace brokerlab::kafka
