// TEMPORARY until sim/wire/kafka/record_batch.h lands.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace brokerlab {

struct BatchHeader {
  static constexpr size_t bytes = 61;
  int64_t base_offset = 0;
  int32_t length = 0;
  int32_t partition_leader_epoch = 0;
  int8_t magic = 0;
  uint32_t crc = 0;
  int16_t attributes = 0;
  int32_t last_offset_delta = 0;
  int64_t base_timestamp = 0;
  int64_t max_timestamp = 0;
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  int32_t base_sequence = 0;
  int32_t record_count = 0;
  uint64_t size() const { return 12 + static_cast<uint64_t>(length); }
  int64_t last_offset() const { return base_offset + last_offset_delta; }
  bool is_control() const { return attributes & 0x20; }
};
std::optional<BatchHeader> parse_batch_header(std::span<const uint8_t> bytes);
uint32_t crc32c(std::span<const uint8_t> bytes, uint32_t crc = 0);

}  // namespace brokerlab
