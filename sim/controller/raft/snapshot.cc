#include "sim/controller/raft/snapshot.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "sim/base/assert.h"
#include "sim/storage/segment.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/control_records.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

namespace {

using kafka::ControlRecordType;

constexpr std::string_view suffix = ".checkpoint";
constexpr std::string_view partial_suffix = ".checkpoint.part";     // Kafka's, while it writes
constexpr std::string_view removed_suffix = ".checkpoint.deleted";  // Kafka's, before it removes
constexpr std::string_view temporary_suffix = ".checkpoint.tmp";    // ours: Disk::replace_file
constexpr size_t offset_digits = 20;
constexpr size_t epoch_digits = 10;
constexpr int16_t control_version = 0;
constexpr size_t most_batch_bytes = 8 << 20;  // Kafka's MAX_BATCH_SIZE_BYTES

Status damaged(const SnapshotId& id, std::string_view what) {
  return Status::error(StatusCode::invalid, fmt::format("{}: {}", snapshot_name(id), what));
}

template <class Number>
bool parse(std::string_view digits, Number& number) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc{} && end == digits.data() + digits.size() && number >= 0;
}

/// A file in the making: batches one behind the other, with offsets from 0.
class SnapshotWriter {
 public:
  SnapshotWriter(int32_t epoch, int64_t now_ms) : epoch_(epoch), now_ms_(now_ms) {}

  template <class Message>
  void append_control(ControlRecordType type, const Message& message) {
    end_batch();
    kafka::RecordBatchBuilder batch(options(/*is_control=*/true));
    const Slices value = kafka::encode(message, control_version);
    batch.append(now_ms_, kafka::encode_control_record_key(type).span(),
                 std::get<Bytes>(value.front()).span());
    add(batch);
  }
  void append(const kafka::MetadataRecord& record) {
    const Bytes value = kafka::encode_metadata_record(record, kafka::newest_version(record));
    if (records_ && records_->size() + kafka::RecordBatchBuilder::largest_record_size({}, value.span()) >
                        most_batch_bytes)
      end_batch();
    if (!records_) records_.emplace(options(/*is_control=*/false));
    records_->append(now_ms_, std::nullopt, value.span());
  }
  Bytes finish() {
    end_batch();
    return joined(batches_);
  }

 private:
  kafka::RecordBatchBuilder::Options options(bool is_control) const {
    return {.base_offset = next_offset_, .partition_leader_epoch = epoch_, .is_control = is_control};
  }
  void end_batch() {
    if (!records_) return;
    add(*records_);
    records_.reset();
  }
  void add(kafka::RecordBatchBuilder& batch) {
    next_offset_ += batch.record_count();
    batches_.emplace_back(batch.build());
  }

  int32_t epoch_;
  int64_t now_ms_;
  int64_t next_offset_ = 0;
  std::optional<kafka::RecordBatchBuilder> records_;
  Slices batches_;
};

/// The control record of a batch, when it is of this type.
template <class Message>
std::optional<Message> control_record(const kafka::RecordBatch& batch, ControlRecordType type) {
  if (!batch.header.is_control()) return std::nullopt;
  kafka::RecordReader records(batch);
  kafka::Record record;
  if (!records.next(record) || !record.key || !record.value) return std::nullopt;
  const Result<ControlRecordType> found = kafka::decode_control_record_key(*record.key);
  if (!found || *found != type) return std::nullopt;
  Result<Message> message = kafka::decode<Message>(*record.value, control_version);
  return message ? std::optional(std::move(*message)) : std::nullopt;
}

}  // namespace

std::string to_string(const SnapshotId& id) {
  return fmt::format("OffsetAndEpoch[offset={}, epoch={}]", id.end_offset, id.epoch);
}

std::string snapshot_name(const SnapshotId& id) {
  return fmt::format("{:0{}}-{:0{}}{}", id.end_offset, offset_digits, id.epoch, epoch_digits, suffix);
}

std::optional<SnapshotFile> parse_snapshot_name(std::string_view name) {
  SnapshotFile file;
  file.is_complete = name.ends_with(suffix);
  // Kafka's unfinished ones have a number of their own before the suffix.
  if (!file.is_complete && !name.ends_with(partial_suffix) && !name.ends_with(removed_suffix) &&
      !name.ends_with(temporary_suffix))
    return std::nullopt;
  if (name.size() < offset_digits + 1 + epoch_digits || name[offset_digits] != '-') return std::nullopt;
  if (!parse(name.substr(0, offset_digits), file.id.end_offset) ||
      !parse(name.substr(offset_digits + 1, epoch_digits), file.id.epoch))
    return std::nullopt;
  if (file.is_complete && name != snapshot_name(file.id)) return std::nullopt;
  if (file.id.end_offset > max_offset_ever) return std::nullopt;
  return file;
}

Bytes encode_snapshot(const Snapshot& snapshot, int64_t now_ms) {
  SnapshotWriter writer(snapshot.id.epoch, now_ms);
  kafka::SnapshotHeaderRecord header;
  header.last_contained_log_timestamp = snapshot.last_contained_log_ms;
  writer.append_control(ControlRecordType::snapshot_header, header);
  for (const kafka::MetadataRecord& record : snapshot.records) writer.append(record);
  writer.append_control(ControlRecordType::snapshot_footer, kafka::SnapshotFooterRecord{});
  return writer.finish();
}

int64_t last_contained_log_ms(const Bytes& beginning) {
  kafka::BatchReader reader(beginning);
  const std::optional<kafka::RecordBatch> batch = reader.next();
  if (!batch) return 0;
  const auto header = control_record<kafka::SnapshotHeaderRecord>(*batch, ControlRecordType::snapshot_header);
  return header ? header->last_contained_log_timestamp : 0;
}

Result<Snapshot> decode_snapshot(const SnapshotId& id, const Bytes& bytes) {
  Snapshot snapshot{.id = id};
  bool has_header = false;
  bool has_footer = false;
  kafka::BatchReader reader(bytes);
  while (const std::optional<kafka::RecordBatch> batch = reader.next()) {
    if (!kafka::has_right_crc(batch->bytes)) return damaged(id, "a batch has a wrong CRC");
    if (has_footer) return damaged(id, "something stands behind the footer");
    if (!has_header) {
      const auto header =
          control_record<kafka::SnapshotHeaderRecord>(*batch, ControlRecordType::snapshot_header);
      if (!header) return damaged(id, "it does not begin with a header");
      snapshot.last_contained_log_ms = header->last_contained_log_timestamp;
      has_header = true;
    } else if (batch->header.is_control()) {
      has_footer =
          control_record<kafka::SnapshotFooterRecord>(*batch, ControlRecordType::snapshot_footer).has_value();
    } else {
      kafka::RecordReader records(*batch);
      kafka::Record record;
      while (records.next(record)) {
        Result<kafka::MetadataRecord> decoded = kafka::decode_metadata_record(record.value.value_or(Bytes{}));
        if (!decoded) return damaged(id, decoded.status().message);
        snapshot.records.push_back(std::move(*decoded));
      }
      if (!records.error().ok()) return damaged(id, records.error().message);
    }
  }
  if (!reader.error().ok()) return damaged(id, reader.error().message);
  if (!has_footer || !reader.rest().empty()) return damaged(id, "it ends before its footer");
  return snapshot;
}

}  // namespace brokerlab
