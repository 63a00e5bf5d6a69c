// The snapshots of the metadata log: which there are, making and installing one, and what goes with the old ones.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/base/assert.h"
#include "sim/controller/raft/metadata_log.h"
#include "sim/storage/retention.h"

namespace brokerlab {

namespace {

/// Enough for the batch with the header.
constexpr uint64_t beginning_bytes = 256;

std::string path_of(const std::string& name) { return metadata_partition.to_string() + "/" + name; }

}  // namespace

std::optional<SnapshotId> MetadataLog::latest_snapshot() const {
  return snapshots_.empty() ? std::nullopt : std::optional(snapshots_.rbegin()->first);
}

// ---- What is there ----------------------------------------------------------------------------------------

Status MetadataLog::find_snapshots(Disk& disk) {
  for (const std::string& name : disk.list(metadata_partition.to_string())) {
    const std::optional<SnapshotFile> file = parse_snapshot_name(name);
    if (!file) continue;
    const bool is_needed = file->is_complete && file->id.end_offset >= start_offset();
    if (Status status = is_needed ? open_snapshot(disk, file->id) : disk.remove_file(path_of(name)); !status)
      return status;
  }
  if (start_offset() > 0 && (snapshots_.empty() || snapshots_.rbegin()->first.end_offset < start_offset()))
    return Status::error(
        StatusCode::invalid,
        fmt::format(
            "Inconsistent snapshot state: there must be a snapshot at an offset larger then the current "
            "log start offset {}, but the latest snapshot is {}",
            start_offset(),
            snapshots_.empty() ? "None" : fmt::format("Some({})", to_string(*latest_snapshot()))));
  return {};
}

Status MetadataLog::open_snapshot(Disk& disk, const SnapshotId& id) {
  const Result<FileId> file = disk.open(path_of(snapshot_name(id)), /*create=*/false);
  if (!file) return file.status();
  const Result<uint64_t> bytes = disk.size(*file);
  if (!bytes) return bytes.status();
  const Result<Bytes> beginning = disk.read(*file, 0, std::min(*bytes, beginning_bytes));
  if (!beginning) return beginning.status();
  snapshots_[id] = {*file, *bytes, last_contained_log_ms(*beginning)};
  return {};
}

void MetadataLog::tell_snapshots(Effects& effects) const {
  event::SnapshotsChanged changed{
      .partition = metadata_partition, .replica = node_id_, .log_start_offset = start_offset()};
  changed.count = static_cast<int32_t>(snapshots_.size());
  if (!snapshots_.empty()) {
    changed.oldest_end_offset = snapshots_.begin()->first.end_offset;
    changed.latest_end_offset = snapshots_.rbegin()->first.end_offset;
    changed.latest_epoch = snapshots_.rbegin()->first.epoch;
  }
  effects.emit(std::move(changed));
}

Result<Snapshot> MetadataLog::read_snapshot(Disk& disk, const SnapshotId& id) const {
  const StoredSnapshot& stored = snapshots_.at(id);
  const Result<Bytes> bytes = disk.read(stored.file, 0, stored.bytes);
  if (!bytes) return bytes.status();
  return decode_snapshot(id, *bytes);
}

Result<Slices> MetadataLog::snapshot_slices(Disk& disk, const SnapshotId& id, uint64_t position,
                                            uint64_t bytes) const {
  const StoredSnapshot& stored = snapshots_.at(id);
  return disk.slices(stored.file, position, std::min(bytes, stored.bytes - position));
}

// ---- A new one --------------------------------------------------------------------------------------------

Status MetadataLog::store_snapshot(Disk& disk, const SnapshotId& id, const Bytes& file) {
  BROKERLAB_ASSERT(!has_snapshot(id));
  if (Status written = disk.replace_file(path_of(snapshot_name(id)), file, Durability::synced); !written)
    return written;
  return open_snapshot(disk, id);
}

Status MetadataLog::add_snapshot(Effects& effects, const Snapshot& snapshot, int64_t now_ms) {
  BROKERLAB_ASSERT(snapshot.id.end_offset >= start_offset() && snapshot.id.end_offset <= end_offset());
  Status stored = store_snapshot(effects.disk(), snapshot.id, encode_snapshot(snapshot, now_ms));
  if (stored) tell_snapshots(effects);
  return stored;
}

Result<bool> MetadataLog::truncate_to_latest_snapshot(Disk& disk) {
  const std::optional<SnapshotId> latest = latest_snapshot();
  // Of a log that ends before the snapshot, or in an epoch before the snapshot's, nothing is needed: all that is
  // committed is in the snapshot.
  if (!latest || (latest->end_offset <= end_offset() && latest->epoch <= std::max(log_.latest_epoch(), 0)))
    return false;
  if (Status truncated = log_.truncate_fully_and_start_at(disk, latest->end_offset); !truncated)
    return truncated;
  if (Status removed = remove_snapshots_before(disk, *latest); !removed) return removed;
  return true;
}

Result<bool> MetadataLog::install_snapshot(Effects& effects, const SnapshotId& id, const Bytes& file,
                                           int32_t leader_epoch) {
  const int64_t before = end_offset();
  const int64_t start_before = start_offset();
  if (Status stored = store_snapshot(effects.disk(), id, file); !stored) return stored;
  const Result<bool> truncated = truncate_to_latest_snapshot(effects.disk());
  if (truncated && *truncated) {
    effects.emit(event::LogTruncated{.partition = metadata_partition,
                                     .replica = node_id_,
                                     .to_offset = end_offset(),
                                     .from_offset = before,
                                     .leader_epoch = leader_epoch});
    // What it had before the snapshot's end is gone too, and may have been something else.
    effects.emit(
        event::LogStartMoved{metadata_partition, node_id_, start_before, start_offset(), "snapshot fetched"});
  }
  tell_snapshots(effects);
  return truncated;
}

// ---- What goes --------------------------------------------------------------------------------------------

Status MetadataLog::remove_snapshots_before(Disk& disk, const SnapshotId& id) {
  while (!snapshots_.empty() && snapshots_.begin()->first < id) {
    const auto oldest = snapshots_.begin();
    disk.close(oldest->second.file);
    if (Status removed = disk.remove_file(path_of(snapshot_name(oldest->first))); !removed) return removed;
    snapshots_.erase(oldest);
  }
  return {};
}

/// All that the snapshot contains goes: older snapshots, and segments. False when there is nothing to gain.
Result<bool> MetadataLog::delete_before(Disk& disk, const SnapshotId& id) {
  if (id.end_offset <= start_offset()) return false;
  if (Status advanced = log_.advance_log_start(disk, id.end_offset); !advanced) return advanced;
  // By what lies below the log start alone: neither size nor time of segments counts.
  if (Status gone = log_.delete_oldest_segments(disk, count_old_segments(log_, end_offset(), 0)); !gone)
    return gone;
  if (Status removed = remove_snapshots_before(disk, id); !removed) return removed;
  return true;
}

Result<std::vector<std::string>> MetadataLog::clean(Effects& effects, int64_t now_ms) {
  Disk& disk = effects.disk();
  const int64_t start_before = start_offset();
  std::vector<std::string> notes;
  // Why the oldest snapshot may go; empty when it may not, or is the only one.
  const auto reason_to_go = [&]() -> std::string {
    if (snapshots_.size() < 2) return "";
    const auto& [id, oldest] = *snapshots_.begin();
    uint64_t snapshot_bytes = 0;
    for (const auto& [other, stored] : snapshots_) snapshot_bytes += stored.bytes;
    if (config_.max_retention_bytes >= 0 &&
        log_.size_bytes() + snapshot_bytes > static_cast<uint64_t>(config_.max_retention_bytes))
      return fmt::format(
          "Marking snapshot {} for deletion because the log size ({}) and snapshots size ({}) is greater "
          "than {}",
          to_string(id), log_.size_bytes(), snapshot_bytes, config_.max_retention_bytes);
    if (config_.max_retention_ms >= 0 && now_ms - oldest.last_contained_log_ms > config_.max_retention_ms)
      return fmt::format(
          "Marking snapshot {} for deletion because its timestamp ({}) is now ({}) older than the retention "
          "({})",
          to_string(id), oldest.last_contained_log_ms, now_ms, config_.max_retention_ms);
    return "";
  };
  for (std::string reason = reason_to_go(); !reason.empty(); reason = reason_to_go()) {
    const Result<bool> deleted = delete_before(disk, std::next(snapshots_.begin())->first);
    if (!deleted) return deleted.status();
    if (!*deleted) break;
    notes.push_back(std::move(reason));
  }
  if (start_offset() > start_before) {
    effects.emit(event::LogStartMoved{metadata_partition, node_id_, start_before, start_offset(),
                                      "snapshot generated"});
    tell_snapshots(effects);
  }
  return notes;
}

Status MetadataLog::close(Disk& disk) {
  for (const auto& [id, stored] : snapshots_) disk.close(stored.file);
  snapshots_.clear();
  return log_.close(disk);
}

}  // namespace brokerlab
