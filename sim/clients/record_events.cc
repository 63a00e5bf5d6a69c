#include "sim/clients/record_events.h"

#include "sim/wire/kafka/crc32c.h"

namespace brokerlab {

namespace {

uint32_t add_number(uint64_t number, uint32_t hash) {
  uint8_t bytes[8];
  for (uint8_t& byte : bytes) {
    byte = static_cast<uint8_t>(number);
    number >>= 8;
  }
  return kafka::crc32c(bytes, hash);
}

/// With its length before it: a key and a value do not run into each other.
uint32_t add_field(const std::optional<Bytes>& field, uint32_t hash) {
  hash = add_number(field ? field->size() + 1 : 0, hash);
  return field ? kafka::crc32c(field->span(), hash) : hash;
}

}  // namespace

uint32_t record_hash(const std::optional<Bytes>& key, const std::optional<Bytes>& value,
                     int64_t timestamp_ms) {
  return add_field(value, add_field(key, add_number(static_cast<uint64_t>(timestamp_ms), 0)));
}

event::RecordsSent sent_event(const Delivery& delivery, const ProducerConfig& config, size_t unanswered) {
  event::RecordsSent sent;
  sent.partition = delivery.partition;
  sent.first_offset = delivery.first_offset;
  sent.records = static_cast<int32_t>(delivery.records.size());
  sent.error_code = kafka::to_int16(delivery.error);
  sent.attempts = delivery.attempts;
  sent.took_us = delivery.took.nanoseconds / 1'000;
  sent.acks = config.acks;
  sent.is_idempotent = config.is_idempotent;
  sent.unanswered = static_cast<int32_t>(unanswered);
  sent.record_hashes = delivery.record_hashes;
  return sent;
}

std::vector<event::RecordsConsumed> consumed_events(std::span<const ConsumedRecord> records) {
  std::vector<event::RecordsConsumed> runs;
  for (const ConsumedRecord& taken : records) {
    const int64_t offset = taken.record.offset;
    if (runs.empty() || runs.back().partition != taken.partition || runs.back().last_offset + 1 != offset) {
      event::RecordsConsumed& run = runs.emplace_back();
      run.partition = taken.partition;
      run.first_offset = offset;
    }
    event::RecordsConsumed& run = runs.back();
    run.last_offset = offset;
    ++run.records;
    run.record_hashes.push_back(record_hash(taken.record.key, taken.record.value, taken.record.timestamp_ms));
  }
  return runs;
}

}  // namespace brokerlab
