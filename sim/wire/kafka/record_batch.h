// Record batches v2 (KIP-98), the unit in which records are produced, stored and fetched.
//
//   base offset i64 | length i32 | partition leader epoch i32 | magic i8 = 2 | CRC u32 | attributes i16 |
//   last offset delta i32 | base timestamp i64 | max timestamp i64 | producer id i64 | producer epoch i16 |
//   base sequence i32 | record count i32 | records
//
// `length` counts what follows it. The CRC-32C covers everything from the attributes on, so a broker gives a
// batch its offset and leader epoch without touching it. Compression covers all records together. Magic 0 and
// 1 are recognised and refused: Kafka 4 neither stores nor converts them (KIP-724).
//
// Reading never trusts a length or a count, and never allocates per record: keys and values are views.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/wire/kafka/compression.h"
#include "sim/wire/kafka/errors.h"
#include "sim/wire/kafka/reader.h"

namespace brokerlab::kafka {

enum class TimestampType : uint8_t { create_time = 0, log_append_time = 1 };

struct RecordBatchHeader {
  static constexpr size_t bytes = 61;
  /// Base offset and length: what must be there to know a batch's size.
  static constexpr size_t bytes_before_length_counts = 12;
  static constexpr size_t crc_covers_from = 21;
  static constexpr int8_t current_magic = 2;

  int64_t base_offset = 0;
  int32_t length = 0;
  int32_t partition_leader_epoch = -1;
  int8_t magic = current_magic;
  uint32_t crc = 0;
  int16_t attributes = 0;
  int32_t last_offset_delta = 0;
  int64_t base_timestamp = -1;
  int64_t max_timestamp = -1;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  int32_t record_count = 0;

  /// Of the whole batch.
  uint64_t size() const { return bytes_before_length_counts + static_cast<uint64_t>(length); }
  /// Also right after compaction took records out; of an empty batch too.
  int64_t last_offset() const { return base_offset + last_offset_delta; }
  /// -1 without a base sequence; numbers wrap from 2^31-1 to 0.
  int32_t last_sequence() const;
  /// Nothing for an id that Kafka 4.3.1 does not know.
  std::optional<Compression> compression() const;
  TimestampType timestamp_type() const {
    return (attributes & timestamp_type_bit) != 0 ? TimestampType::log_append_time
                                                  : TimestampType::create_time;
  }
  bool is_transactional() const { return (attributes & transactional_bit) != 0; }
  bool is_control() const { return (attributes & control_bit) != 0; }
  /// When tombstones and markers may go (KIP-534); it stands in the place of the base timestamp.
  std::optional<int64_t> delete_horizon_ms() const;

  /// LogAppendTime: all records have this time. The CRC changes with it (`rewrite_header`).
  void stamp_log_append_time(int64_t now_ms) {
    attributes |= timestamp_type_bit;
    max_timestamp = now_ms;
  }

  static constexpr int16_t compression_mask = 0x07;
  static constexpr int16_t timestamp_type_bit = 0x08;
  static constexpr int16_t transactional_bit = 0x10;
  static constexpr int16_t control_bit = 0x20;
  static constexpr int16_t delete_horizon_bit = 0x40;
  friend bool operator==(const RecordBatchHeader&, const RecordBatchHeader&) = default;
};

/// Nothing when there are fewer than 61 bytes, the magic is not 2, or the length or the offsets are impossible.
/// Whether the whole batch is there, the caller knows.
std::optional<RecordBatchHeader> parse_batch_header(std::span<const uint8_t> bytes);
std::array<uint8_t, RecordBatchHeader::bytes> encode_batch_header(const RecordBatchHeader& header);
/// REQUIRES: a whole batch.
bool has_right_crc(const Bytes& batch);
/// The same records under another header: new header bytes, and a view of the rest. `header.crc` is computed
/// anew if something that it covers changed. REQUIRES: a whole batch, and a header of the same length.
Slices rewrite_header(const Bytes& batch, RecordBatchHeader& header);

/// What is wrong with record bytes, as the code that Kafka answers and the words of its log.
struct [[nodiscard]] RecordsError {
  ErrorCode code = ErrorCode::none;
  std::string message;
  bool ok() const { return code == ErrorCode::none; }
  explicit operator bool() const { return ok(); }
};

/// One whole batch: its header, and all its bytes.
struct RecordBatch {
  RecordBatchHeader header;
  Bytes bytes;
};

/// Cuts bytes into batches. Bytes at the end that are not a whole batch are left over, not an error: fetched
/// bytes are cut at the limit in the middle of a batch.
class BatchReader {
 public:
  explicit BatchReader(Bytes bytes) : rest_(std::move(bytes)) {}
  /// The next whole batch; nothing at the end, or at an error. CRCs are not checked here.
  std::optional<RecordBatch> next();
  /// CORRUPT_MESSAGE for an impossible length or magic, INVALID_RECORD for magic 0 or 1.
  const RecordsError& error() const { return error_; }
  const Bytes& rest() const { return rest_; }

 private:
  std::optional<RecordBatch> fail(ErrorCode code, std::string message);

  Bytes rest_;
  RecordsError error_;
};

struct RecordHeader {
  std::string_view key;
  std::optional<std::string_view> value;
};

/// One record; key, value and headers are views of the batch (or of its decompressed records).
struct Record {
  int64_t offset = 0;
  int64_t timestamp_ms = -1;
  int32_t sequence = -1;
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  int32_t header_count = 0;
  Bytes raw_headers;

  std::vector<RecordHeader> headers() const;
};

/// Walks the records of a batch, decompressing them first.
class RecordReader {
 public:
  explicit RecordReader(const RecordBatch& batch, const DecompressionLimits& limits = {});
  /// False at the end, or at an error.
  bool next(Record& record);
  /// INVALID_RECORD for a wrong structure or count; UNKNOWN_SERVER_ERROR, as Kafka answers, for an unknown
  /// codec, damaged compressed bytes or a number that does not end; MESSAGE_TOO_LARGE beyond the limits.
  const RecordsError& error() const { return error_; }

 private:
  bool fail(ErrorCode code, std::string message);
  std::optional<Bytes> read_nullable_bytes();

  RecordBatchHeader header_;
  Reader reader_;
  int32_t read_ = 0;
  RecordsError error_;
};

using RecordData = std::optional<std::span<const uint8_t>>;

/// Appends one record, with its deltas to the header of its batch.
void put_record(std::vector<uint8_t>& to, int64_t timestamp_delta, int32_t offset_delta, RecordData key,
                RecordData value, std::span<const RecordHeader> headers);
/// The batch: its header, whose length and CRC are computed, and the records, compressed as the header says.
/// `room_and_records` has room for the header in front.
Bytes encode_batch(RecordBatchHeader header, std::vector<uint8_t> room_and_records);

/// Collects records and makes a batch of them.
class RecordBatchBuilder {
 public:
  struct Options {
    int64_t base_offset = 0;
    Compression compression = Compression::none;
    int64_t producer_id = -1;
    int16_t producer_epoch = -1;
    int32_t base_sequence = -1;
    int32_t partition_leader_epoch = -1;
    bool is_transactional = false;
    bool is_control = false;
  };
  explicit RecordBatchBuilder(const Options& options);

  using Data = RecordData;
  void append(int64_t timestamp_ms, Data key, Data value, std::span<const RecordHeader> headers = {});

  int32_t record_count() const { return header_.record_count; }
  bool empty() const { return record_count() == 0; }
  /// Of the batch as it would be now, uncompressed.
  size_t size() const { return buffer_.size(); }
  /// How much `append` would add at most: the record uncompressed, with the longest possible deltas.
  static size_t largest_record_size(Data key, Data value, std::span<const RecordHeader> headers = {});

  /// The batch. The builder is empty afterwards, with the same options.
  /// REQUIRES: not empty.
  Bytes build();

 private:
  RecordBatchHeader header_;
  std::vector<uint8_t> buffer_;  ///< room for the header, then the records
};

}  // namespace brokerlab::kafka
