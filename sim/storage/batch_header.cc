#include "sim/storage/batch_header.h"

namespace brokerlab {
namespace {
template <class T>
T get(const uint8_t* from) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value = value << 8 | from[i];
  return static_cast<T>(value);
}
}  // namespace
std::optional<BatchHeader> parse_batch_header(std::span<const uint8_t> b) {
  if (b.size() < 61) return std::nullopt;
  const uint8_t* p = b.data();
  BatchHeader h;
  h.base_offset = get<int64_t>(p);
  h.length = get<int32_t>(p + 8);
  h.partition_leader_epoch = get<int32_t>(p + 12);
  h.magic = get<int8_t>(p + 16);
  h.crc = get<uint32_t>(p + 17);
  h.attributes = get<int16_t>(p + 21);
  h.last_offset_delta = get<int32_t>(p + 23);
  h.base_timestamp = get<int64_t>(p + 27);
  h.max_timestamp = get<int64_t>(p + 35);
  h.producer_id = get<int64_t>(p + 43);
  h.producer_epoch = get<int16_t>(p + 51);
  h.base_sequence = get<int32_t>(p + 53);
  h.record_count = get<int32_t>(p + 57);
  if (h.length < 49 || h.magic != 2) return std::nullopt;
  return h;
}
uint32_t crc32c(std::span<const uint8_t> bytes, uint32_t crc) {
  static uint32_t table[256];
  if (table[1] == 0)
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t c = i;
      for (int k = 0; k < 8; ++k) c = c & 1 ? (c >> 1) ^ 0x82f63b78u : c >> 1;
      table[i] = c;
    }
  crc = ~crc;
  for (uint8_t b : bytes) crc = table[(crc ^ b) & 255] ^ crc >> 8;
  return ~crc;
}
}  // namespace brokerlab
