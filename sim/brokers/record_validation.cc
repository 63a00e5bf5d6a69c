#include "sim/brokers/record_validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sim/wire/kafka/crc32c.h"

namespace brokerlab {

using kafka::ErrorCode;
using kafka::RecordBatchHeader;

namespace {

constexpr size_t length_at = 8;
constexpr size_t magic_at = 16;
/// Of magic 0, the smallest record there ever was.
constexpr int32_t smallest_record = 14;
/// zstd came with Produce v7 (KIP-110).
constexpr int16_t first_version_with_zstd = 7;

ValidatedRecords refuse_early(ErrorCode error, std::string message = {}) {
  return {error, std::move(message), false, {}};
}
ValidatedRecords refuse(ErrorCode error) { return {error, {}, true, {}}; }

int32_t int32_at(const Bytes& bytes, size_t at) {
  return static_cast<int32_t>(uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 |
                              uint32_t{bytes[at + 2]} << 8 | uint32_t{bytes[at + 3]});
}

ErrorCode check_header(const RecordBatchHeader& header) {
  const bool is_wrong = header.base_offset != 0 || header.is_control() ||
                        header.timestamp_type() != kafka::TimestampType::create_time ||
                        header.delete_horizon_ms().has_value() || header.record_count <= 0 ||
                        header.last_offset_delta != header.record_count - 1 ||
                        (header.producer_id >= 0 && header.producer_epoch >= 0 && header.base_sequence < 0);
  return is_wrong ? ErrorCode::invalid_record : ErrorCode::none;
}

ErrorCode check_records(const kafka::RecordBatch& batch) {
  const std::optional<kafka::Compression> codec = batch.header.compression();
  if (!codec) return ErrorCode::unknown_server_error;
  if (!kafka::is_supported(*codec)) return ErrorCode::none;
  kafka::RecordReader reader(batch);
  kafka::Record record;
  while (reader.next(record)) {
  }
  return reader.error().code;
}

/// The same records under another codec: offsets and timestamps stay, length and CRC are new.
Result<Bytes> compress_anew(const kafka::RecordBatch& batch, kafka::Compression from, kafka::Compression to) {
  Bytes records = batch.bytes.subview(RecordBatchHeader::bytes);
  if (from != kafka::Compression::none) {
    Result<Bytes> plain = kafka::decompress(from, records);
    if (!plain) return plain.status();
    records = *plain;
  }
  if (to != kafka::Compression::none) records = kafka::compress(to, records.span());
  RecordBatchHeader header = batch.header;
  header.attributes = static_cast<int16_t>((header.attributes & ~RecordBatchHeader::compression_mask) |
                                           static_cast<int16_t>(to));
  header.length = static_cast<int32_t>(RecordBatchHeader::bytes -
                                       RecordBatchHeader::bytes_before_length_counts + records.size());
  std::vector<uint8_t> bytes(RecordBatchHeader::bytes + records.size());
  const auto write_header = [&] {
    const auto encoded = kafka::encode_batch_header(header);
    std::copy(encoded.begin(), encoded.end(), bytes.begin());
  };
  write_header();
  std::copy(records.begin(), records.end(), bytes.begin() + RecordBatchHeader::bytes);
  header.crc = kafka::crc32c(std::span(bytes).subspan(RecordBatchHeader::crc_covers_from));
  write_header();
  return Bytes::adopt(std::move(bytes));
}

}  // namespace

ValidatedRecords validate_records(const Bytes& records, const ProduceRules& rules) {
  // What ProduceRequest.validateRecords looks at: the size, the magic and the number of batches.
  if (records.size() <= magic_at) return refuse_early(ErrorCode::invalid_record);
  const int32_t length = int32_at(records, length_at);
  if (length < smallest_record)
    return refuse_early(
        ErrorCode::corrupt_message,
        fmt::format("Record size {} is less than the minimum record overhead ({})", length, smallest_record));
  const auto magic = static_cast<int8_t>(records[magic_at]);
  if (magic < 0 || magic > RecordBatchHeader::current_magic)
    return refuse_early(ErrorCode::corrupt_message, fmt::format("Invalid magic found in record: {}", magic));
  if (magic != RecordBatchHeader::current_magic) return refuse_early(ErrorCode::invalid_record);
  if (static_cast<uint32_t>(length) > INT32_MAX - RecordBatchHeader::bytes_before_length_counts)
    return refuse_early(ErrorCode::unknown_server_error);  // Kafka's sum overflows
  kafka::BatchReader batches(records);
  std::optional<kafka::RecordBatch> batch = batches.next();
  if (!batch) {
    const bool is_cut = batches.error().ok();
    return refuse_early(is_cut ? ErrorCode::invalid_record : ErrorCode::corrupt_message);
  }
  if (batch->header.compression() == kafka::Compression::zstd && rules.version < first_version_with_zstd)
    return refuse_early(ErrorCode::unsupported_compression_type);
  if (batch->header.is_transactional())
    // There is no transaction coordinator: no id is known.
    return refuse_early(rules.has_transactional_id ? ErrorCode::invalid_producer_id_mapping
                                                   : ErrorCode::transactional_id_authorization_failed);
  if (batch->bytes.size() > rules.max_message_bytes) return refuse_early(ErrorCode::message_too_large);
  const bool has_right_crc = kafka::has_right_crc(batch->bytes);
  if (!batches.rest().empty() && has_right_crc) return refuse_early(ErrorCode::invalid_record);
  if (!has_right_crc) return refuse_early(ErrorCode::corrupt_message);
  // And the log: what the header says must be what is there.
  if (const ErrorCode error = check_header(batch->header); error != ErrorCode::none) return refuse(error);
  if (const ErrorCode error = check_records(*batch); error != ErrorCode::none) return refuse(error);
  const kafka::Compression codec = *batch->header.compression();
  const bool is_kept = !rules.compression || *rules.compression == codec || !kafka::is_supported(codec) ||
                       !kafka::is_supported(*rules.compression);
  if (is_kept) return {ErrorCode::none, {}, true, batch->bytes};
  const Result<Bytes> stored = compress_anew(*batch, codec, *rules.compression);
  return stored ? ValidatedRecords{ErrorCode::none, {}, true, *stored}
                : refuse(ErrorCode::unknown_server_error);
}

}  // namespace brokerlab
