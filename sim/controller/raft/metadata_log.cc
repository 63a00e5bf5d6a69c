#include "sim/controller/raft/metadata_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "sim/base/assert.h"
#include "sim/storage/checkpoint.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

namespace {

constexpr int16_t leader_change_version = 0;  // kraft.version 0

/// The schema versions that metadata.version 4.3-IV0 writes. Of a change of a registration, Kafka writes the
/// oldest one that has what changed.
int16_t version_of(const kafka::MetadataRecord& record) {
  const auto* change = std::get_if<kafka::BrokerRegistrationChangeRecord>(&record);
  if (change == nullptr) return kafka::newest_version(record);
  if (change->cordoned_log_dirs) return 3;
  if (!change->log_dirs.empty()) return 2;
  return change->in_controlled_shutdown != 0 ? 1 : 0;
}

Status invalid(std::string message) { return Status::error(StatusCode::invalid, std::move(message)); }

}  // namespace

Result<MetadataLog> MetadataLog::open(Disk& disk, int32_t node_id, const MetadataLogConfig& config) {
  // Nothing is remembered about what was flushed: every batch is checked, and flushed again. So does Kafka.
  const std::string folder = metadata_partition.to_string();
  LogConfig log_config;
  log_config.segment_bytes = config.segment_bytes;
  log_config.segment_ms = config.segment_ms;
  log_config.deletes = false;  // only by snapshots
  Result<Log> opened = Log::open(disk, folder, log_config, LogCheckpoints{});
  if (!opened) return opened.status();
  if (!read_partition_metadata(disk, folder)) {
    if (Status written = write_partition_metadata(disk, folder, metadata_topic_id); !written) return written;
  }
  MetadataLog log(std::move(*opened), node_id, config);
  if (Status found = log.find_snapshots(disk); !found) return found;
  if (const Result<bool> truncated = log.truncate_to_latest_snapshot(disk); !truncated)
    return truncated.status();
  return log;
}

int32_t MetadataLog::last_epoch() const {
  if (log_.latest_epoch() >= 0) return log_.latest_epoch();
  return snapshots_.empty() ? 0 : snapshots_.rbegin()->first.epoch;  // nothing came behind it yet
}

Result<int64_t> MetadataLog::append(Effects& effects, const std::vector<kafka::MetadataRecord>& records,
                                    int32_t epoch, int64_t now_ms) {
  kafka::RecordBatchBuilder builder({});
  for (const kafka::MetadataRecord& record : records) {
    const Bytes value = kafka::encode_metadata_record(record, version_of(record));
    builder.append(now_ms, std::nullopt, value.span());
  }
  return append_batch(effects, builder.build(), epoch, now_ms);
}

Result<int64_t> MetadataLog::append_leader_change(Effects& effects, const kafka::LeaderChangeMessage& message,
                                                  int32_t epoch, int64_t now_ms) {
  kafka::RecordBatchBuilder builder({.is_control = true});
  const Bytes key = kafka::encode_control_record_key(kafka::ControlRecordType::leader_change);
  const Slices value = kafka::encode(message, leader_change_version);
  BROKERLAB_ASSERT(value.size() == 1);
  builder.append(now_ms, key.span(), std::get<Bytes>(value.front()).span());
  return append_batch(effects, builder.build(), epoch, now_ms);
}

Result<int64_t> MetadataLog::append_batch(Effects& effects, const Bytes& batch, int32_t epoch,
                                          int64_t now_ms) {
  const Result<LeaderAppend> appended = log_.append_as_leader(effects.disk(), batch, epoch, now_ms);
  if (!appended) return appended.status();
  BROKERLAB_ASSERT(appended->error == kafka::ErrorCode::none && !appended->duplicate);
  this->appended(effects, appended->batch, /*as_leader=*/true);
  return appended->batch.first_offset;
}

Status MetadataLog::append_fetched(Effects& effects, const Slices& records, int32_t epoch) {
  for (const Slice& slice : records) {
    const Bytes* bytes = std::get_if<Bytes>(&slice);
    if (bytes == nullptr) return invalid("records that are not in memory");
    // Nothing compacts this log, so that a gap would be a lost entry.
    int64_t expected = end_offset();
    kafka::BatchReader reader(*bytes);
    while (const std::optional<kafka::RecordBatch> batch = reader.next()) {
      if (batch->header.base_offset != expected) {
        return invalid(
            fmt::format("a batch at {} where {} was expected", batch->header.base_offset, expected));
      }
      expected = batch->header.last_offset() + 1;
    }
    const Result<std::vector<BatchInfo>> batches = log_.append_as_follower(effects.disk(), *bytes, epoch);
    if (!batches) return batches.status();
    for (const BatchInfo& batch : *batches) appended(effects, batch, /*as_leader=*/false);
  }
  return {};
}

void MetadataLog::appended(Effects& effects, const BatchInfo& batch, bool as_leader) const {
  effects.emit(event::LogAppended{.partition = metadata_partition,
                                  .replica = node_id_,
                                  .first_offset = batch.first_offset,
                                  .last_offset = batch.last_offset,
                                  .leader_epoch = batch.leader_epoch,
                                  .crc = batch.crc,
                                  .bytes = batch.bytes,
                                  .as_leader = as_leader,
                                  .records = batch.records});
}

Status MetadataLog::truncate_to_leader(Effects& effects, EpochEndOffset leader, int32_t leader_epoch) {
  const int64_t before = log_.log_end_offset();
  Status status = log_.truncate_to(effects.disk(), log_.truncation_offset_for(leader));
  const int64_t after = log_.log_end_offset();
  // Where what follows the cut failed, the records are gone all the same.
  if (status.ok() || after != before)
    effects.emit(event::LogTruncated{.partition = metadata_partition,
                                     .replica = node_id_,
                                     .to_offset = after,
                                     .from_offset = before,
                                     .leader_epoch = leader_epoch});
  return status;
}

EpochEndOffset MetadataLog::end_offset_for_epoch(int32_t epoch) const {
  const EpochEndOffset end = log_.end_offset_for_epoch(epoch);
  if (end.is_undefined()) return {last_epoch(), end_offset()};
  // The epoch is below those of the log: what came before it is the oldest snapshot.
  if (!snapshots_.empty() && end.epoch == epoch && end.end_offset == snapshots_.begin()->first.end_offset)
    return {snapshots_.begin()->first.epoch, end.end_offset};
  return end;
}

MetadataLog::FetchPosition MetadataLog::check_position(int64_t offset, int32_t epoch) const {
  const std::optional<SnapshotId> latest = latest_snapshot();
  // To an empty log a snapshot brings more at once than the segments would.
  if (offset == 0 && latest && *latest != bootstrap_snapshot) return {.snapshot = latest};
  if (offset == 0 && start_offset() == 0) return {};  // an empty log is the beginning of every log
  if (latest) {
    const SnapshotId& earliest = snapshots_.begin()->first;
    if (offset < start_offset() || (offset == start_offset() && epoch != earliest.epoch) ||
        epoch < earliest.epoch)
      return {.snapshot = latest};
  }
  const EpochEndOffset end = end_offset_for_epoch(epoch);
  if (end.epoch == epoch && end.end_offset >= offset) return {};
  return {.diverging = end};
}

Result<Slices> MetadataLog::read(Disk& disk, int64_t offset, uint64_t max_bytes) const {
  Result<LogRead> read =
      log_.read(disk, offset, log_.log_end_offset(), max_bytes, /*at_least_one_batch=*/true);
  if (!read) return read.status();
  return std::move(read->slices);
}

Result<std::vector<MetadataBatch>> MetadataLog::batches(Disk& disk, int64_t offset, int64_t end,
                                                        uint64_t max_bytes) const {
  const Result<Bytes> bytes = log_.read_bytes(disk, offset, end, max_bytes);
  if (!bytes) return bytes.status();
  std::vector<MetadataBatch> batches;
  kafka::BatchReader reader(*bytes);
  while (const std::optional<kafka::RecordBatch> stored = reader.next()) {
    if (stored->header.last_offset() < offset) continue;
    MetadataBatch batch;
    batch.base_offset = stored->header.base_offset;
    batch.last_offset = stored->header.last_offset();
    batch.epoch = stored->header.partition_leader_epoch;
    batch.append_time_ms = stored->header.max_timestamp;
    batch.bytes = stored->bytes.size();
    batch.is_control = stored->header.is_control();
    if (!batch.is_control) {
      kafka::RecordReader records(*stored);
      kafka::Record record;
      while (records.next(record)) {
        Result<kafka::MetadataRecord> decoded = kafka::decode_metadata_record(record.value.value_or(Bytes{}));
        if (!decoded) {
          return invalid(fmt::format("{} at offset {}: {}", metadata_partition.to_string(), record.offset,
                                     decoded.status().message));
        }
        batch.records.push_back(std::move(*decoded));
      }
      if (!records.error().ok()) return invalid(records.error().message);
    }
    batches.push_back(std::move(batch));
  }
  if (!reader.error().ok()) return invalid(reader.error().message);
  return batches;
}

void MetadataLog::flush(Effects& effects) {
  if (!flushing_.empty() || flushed_offset() == log_.log_end_offset()) return;
  flush_ = log_.begin_flush(log_.log_end_offset());
  for (const FileId file : flush_.files) {
    const DiskToken token{next_token_++};
    flushing_.insert(token);
    effects.flush(file, token);
  }
  BROKERLAB_ASSERT(!flushing_.empty());
}

Status MetadataLog::flush_done(Effects& effects, const input::DiskDone& done) {
  BROKERLAB_ASSERT(flushing_.erase(done.token) == 1);
  // A file that is gone needs no flush: its segment was cut off.
  if (!done.status.ok() && done.status.code != StatusCode::not_found) return done.status;
  if (!flushing_.empty()) return {};
  const int64_t before = flushed_offset();
  log_.end_flush(effects.disk(), flush_);
  if (flushed_offset() > before) {
    effects.emit(event::LogFlushed{
        .partition = metadata_partition, .replica = node_id_, .to_offset = flushed_offset()});
  }
  flush(effects);
  return {};
}

}  // namespace brokerlab
