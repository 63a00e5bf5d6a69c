#include "sim/brokers/record_validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/base/assert.h"
#include "sim/wire/kafka/crc32c.h"

namespace brokerlab {

using kafka::ErrorCode;
using kafka::RecordBatch;
using kafka::RecordBatchHeader;

namespace {

constexpr int64_t no_timestamp = -1;
constexpr size_t record_errors_shown = 3;

ValidatedRecords refused(ErrorCode error, std::string message = {}) {
  ValidatedRecords result;
  result.error = error;
  result.error_message = std::move(message);
  return result;
}

ValidatedRecords refused_by_log(ErrorCode error, std::string message = {}) {
  ValidatedRecords result = refused(error, std::move(message));
  result.names_log_start_offset = true;
  return result;
}

// Kafka puts the reader's words in the response only for these: what it finds before it looks at a whole
// batch.
bool is_told_to_producer(const kafka::RecordsError& error) {
  return error.message.starts_with("Record size") || error.message.starts_with("Invalid magic");
}

/// The count, the offsets and the flags of a header that only its producer can have got wrong.
bool is_valid_from_client(const RecordBatchHeader& header) {
  const bool has_offset_range = header.last_offset_delta >= 0;
  const bool has_as_many_records = header.record_count == int64_t{header.last_offset_delta} + 1;
  const bool has_sequence = header.producer_id < 0 || header.base_sequence >= 0;
  return has_offset_range && has_as_many_records && !header.is_control() && has_sequence;
}

// The producer's clock may be wrong only so far. The bounds saturate, as they may be Kafka's largest numbers.
struct TimestampRange {
  int64_t earliest;
  int64_t latest;
  bool contains(int64_t timestamp_ms) const { return earliest <= timestamp_ms && timestamp_ms <= latest; }
};

TimestampRange allowed_timestamps(const RecordRules& rules, int64_t now_ms) {
  constexpr int64_t never = std::numeric_limits<int64_t>::max();
  const int64_t after = std::min(rules.timestamp_after_max_ms, never - now_ms);
  return {now_ms - rules.timestamp_before_max_ms, now_ms + after};
}

std::string shown(const std::vector<RecordError>& errors) {
  std::string text;
  for (const RecordError& error : std::span(errors).first(std::min(errors.size(), record_errors_shown))) {
    if (!text.empty()) text += ", ";
    text += fmt::format("RecordError(batchIndex={}, message='{}')", error.batch_index, error.message);
  }
  return text;
}

/// The batch under another header and with its records in other bytes; the CRC is computed anew.
RecordBatch rebuild(RecordBatchHeader header, const Bytes& records) {
  header.length = static_cast<int32_t>(RecordBatchHeader::bytes -
                                       RecordBatchHeader::bytes_before_length_counts + records.size());
  std::vector<uint8_t> bytes(RecordBatchHeader::bytes + records.size());
  std::copy(records.begin(), records.end(), bytes.begin() + RecordBatchHeader::bytes);
  const auto write_header = [&] { std::ranges::copy(kafka::encode_batch_header(header), bytes.begin()); };
  write_header();
  header.crc = kafka::crc32c(std::span<const uint8_t>(bytes).subspan(RecordBatchHeader::crc_covers_from));
  write_header();
  return {header, Bytes::adopt(std::move(bytes))};
}

/// The batch as it is to be stored. In a topic with CreateTime it says so, and its largest timestamp is that
/// of its records, whatever its producer wrote; it is compressed with the topic's codec. Honest producers,
/// and topics with compression.type=producer, leave nothing to do: then no byte is copied.
Result<RecordBatch> to_be_stored(const RecordBatch& batch, const RecordRules& rules,
                                 int64_t max_timestamp_ms) {
  RecordBatchHeader header = batch.header;
  if (!rules.is_log_append_time) {
    header.attributes &= static_cast<int16_t>(~RecordBatchHeader::timestamp_type_bit);
    header.max_timestamp = max_timestamp_ms;
  }
  const kafka::Compression from = *header.compression();
  const kafka::Compression to = rules.compression.value_or(from);
  if (to == from && header == batch.header) return batch;
  Bytes records = batch.bytes.subview(RecordBatchHeader::bytes);
  if (to != from) {
    Result<Bytes> plain = kafka::decompress(from, records, rules.decompression);
    if (!plain) return plain.status();
    records = kafka::compress(to, plain->span());
    header.attributes = static_cast<int16_t>((header.attributes & ~RecordBatchHeader::compression_mask) |
                                             static_cast<int16_t>(to));
  }
  return rebuild(header, records);
}

ValidatedRecords validate_each_record(const RecordBatch& batch, const RecordRules& rules, int64_t now_ms) {
  const TimestampRange allowed = allowed_timestamps(rules, now_ms);
  std::vector<RecordError> errors;
  bool has_wrong_timestamp = false;
  int64_t max_timestamp_ms = no_timestamp;
  // Without an owner: to count the references of each record's views takes longer than to read it.
  const Bytes unowned(nullptr, batch.bytes.data(), batch.bytes.size());
  kafka::RecordReader reader({batch.header, unowned}, rules.decompression);
  int32_t index = 0;
  for (kafka::Record record; reader.next(record); ++index) {
    max_timestamp_ms = std::max(max_timestamp_ms, record.timestamp_ms);
    if (record.offset != batch.header.base_offset + index) return refused_by_log(ErrorCode::invalid_record);
    if (rules.is_compacted && !record.key) {
      errors.push_back(
          {index, fmt::format("Compacted topic cannot accept message without key in topic partition {}",
                              rules.topic_partition)});
    } else if (!rules.is_log_append_time && record.timestamp_ms != no_timestamp &&
               !allowed.contains(record.timestamp_ms)) {
      has_wrong_timestamp = true;
      errors.push_back(
          {index, fmt::format("Timestamp {} of message with offset {} is out of range. The timestamp "
                              "should be within [{}, {}]",
                              record.timestamp_ms, record.offset, allowed.earliest, allowed.latest)});
    }
  }
  if (!reader.error().ok()) return refused_by_log(reader.error().code);
  if (errors.empty()) {
    Result<RecordBatch> stored = to_be_stored(batch, rules, max_timestamp_ms);
    BROKERLAB_ASSERT(stored.ok());  // it was decompressed to be read
    // Compressed less well than its producer did, it may have become too large for the log.
    if (stored->bytes.size() > rules.max_message_bytes) return refused(ErrorCode::message_too_large);
    ValidatedRecords accepted;
    accepted.batch = std::move(*stored);
    return accepted;
  }

  ValidatedRecords result =
      has_wrong_timestamp
          ? refused_by_log(ErrorCode::invalid_timestamp,
                           "One or more records have been rejected due to invalid timestamp")
          : refused_by_log(
                ErrorCode::invalid_record,
                fmt::format(
                    "One or more records have been rejected due to {} record errors in total, and only "
                    "showing the first three errors at most: [{}]",
                    errors.size(), shown(errors)));
  result.record_errors = std::move(errors);
  return result;
}

}  // namespace

ValidatedRecords validate_records(const Bytes& records, const RecordRules& rules, int64_t now_ms) {
  kafka::BatchReader batches(records);
  const std::optional<RecordBatch> batch = batches.next();
  if (batch && batch->header.compression() == kafka::Compression::zstd && !rules.accepts_zstd)
    return refused(ErrorCode::unsupported_compression_type);
  const bool is_only_one = batch && !batches.next();
  if (const kafka::RecordsError& error = batches.error(); !error.ok())
    return refused(error.code, is_told_to_producer(error) ? error.message : "");
  if (!is_only_one) return refused(ErrorCode::invalid_record);

  const RecordBatchHeader& header = batch->header;
  if (header.is_transactional() && !rules.has_transactional_id)
    return refused(ErrorCode::transactional_id_authorization_failed);
  if (header.base_offset != 0) return refused_by_log(ErrorCode::invalid_record);
  if (batch->bytes.size() > rules.max_message_bytes) return refused(ErrorCode::message_too_large);
  if (!kafka::has_right_crc(batch->bytes)) return refused(ErrorCode::corrupt_message);
  if (!is_valid_from_client(header)) return refused_by_log(ErrorCode::invalid_record);
  return validate_each_record(*batch, rules, now_ms);
}

}  // namespace brokerlab
