#include "sim/storage/batch_filter.h"

#include <algorithm>

#include "sim/base/assert.h"

namespace brokerlab {
namespace {

using kafka::RecordBatchHeader;

kafka::RecordData data_of(const std::optional<Bytes>& bytes) {
  return bytes ? kafka::RecordData(bytes->span()) : kafka::RecordData();
}

/// Timestamps of a damaged or hostile batch may be anything.
int64_t wrapping_difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

}  // namespace

Result<Bytes> keep_records(const kafka::RecordBatch& batch, const std::vector<bool>& keeps,
                           std::optional<int64_t> delete_horizon_ms) {
  RecordBatchHeader header = batch.header;
  if (!delete_horizon_ms) delete_horizon_ms = header.delete_horizon_ms();
  const bool is_create_time = header.timestamp_type() == kafka::TimestampType::create_time;
  header.attributes &=
      static_cast<int16_t>(RecordBatchHeader::compression_mask | RecordBatchHeader::timestamp_type_bit |
                           RecordBatchHeader::transactional_bit | RecordBatchHeader::control_bit);
  if (delete_horizon_ms) {
    header.attributes |= RecordBatchHeader::delete_horizon_bit;
    header.base_timestamp = *delete_horizon_ms;
  }
  if (is_create_time) header.max_timestamp = -1;
  header.record_count = 0;

  std::vector<uint8_t> room_and_records(RecordBatchHeader::bytes);
  kafka::RecordReader records(batch);
  size_t index = 0;
  for (kafka::Record record; records.next(record); ++index) {
    BROKERLAB_ASSERT(index < keeps.size());
    if (!keeps[index]) continue;
    if (header.record_count == 0 && !delete_horizon_ms) header.base_timestamp = record.timestamp_ms;
    if (is_create_time) header.max_timestamp = std::max(header.max_timestamp, record.timestamp_ms);
    ++header.record_count;
    kafka::put_record(room_and_records, wrapping_difference(record.timestamp_ms, header.base_timestamp),
                      static_cast<int32_t>(record.offset - header.base_offset), data_of(record.key),
                      data_of(record.value), record.headers());
  }
  if (!records.error()) return Status::error(StatusCode::invalid, records.error().message);
  BROKERLAB_ASSERT(header.record_count > 0);
  return kafka::encode_batch(header, std::move(room_and_records));
}

Bytes empty_batch(const RecordBatchHeader& header) {
  RecordBatchHeader empty = header;
  empty.attributes &=
      static_cast<int16_t>(RecordBatchHeader::timestamp_type_bit | RecordBatchHeader::transactional_bit |
                           RecordBatchHeader::control_bit);
  empty.base_timestamp = -1;
  empty.record_count = 0;
  return kafka::encode_batch(empty, std::vector<uint8_t>(RecordBatchHeader::bytes));
}

}  // namespace brokerlab
