// The log of the quorum on one node: the folder `__cluster_metadata-0`, what of it is durable, its records and its
// snapshots.
//
// Raft counts an entry of a replica only once it is on its disk, so this keeps, beside the end of the log,
// the offset up to which it is flushed; a flush is asked for by `flush` and ends by `flush_done`.
//
// KIP-630: what a snapshot contains may go from the log. Invariant: when the log does not begin at 0, there is a
// snapshot that ends where it begins, or later. Segments and snapshots go by metadata.max.retention.bytes and .ms,
// as in Kafka: always the oldest snapshot, together with all of the log that the next one contains.
//
// Deviations: files go at once (Kafka: renamed, and removed after a minute); a snapshot is written in one go, in the
// step that makes it (Kafka: by a thread).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/base/node.h"
#include "sim/controller/metadata/loader.h"
#include "sim/controller/raft/snapshot.h"
#include "sim/storage/log.h"
#include "sim/wire/kafka/control_records.h"
#include "sim/wire/kafka/metadata_records.h"

namespace brokerlab {

inline const TopicPartition metadata_partition{"__cluster_metadata", 0};

struct MetadataLogConfig {
  uint32_t segment_bytes = 1u << 30;                ///< metadata.log.segment.bytes
  int64_t segment_ms = 7 * 24 * 3600 * 1000;        ///< metadata.log.segment.ms
  int64_t max_retention_bytes = 100 << 20;          ///< metadata.max.retention.bytes; -1: no limit
  int64_t max_retention_ms = 7 * 24 * 3600 * 1000;  ///< metadata.max.retention.ms; -1: no limit
};

class MetadataLog {
 public:
  /// Flushes of this log have tokens from here; other roles of a node use smaller ones.
  static constexpr uint64_t first_disk_token = uint64_t{1} << 48;

  /// Removes what was not finished, and the log when it ends before the newest snapshot. `invalid`: the log does not
  /// begin at 0, and no snapshot says what came before.
  static Result<MetadataLog> open(Disk& disk, int32_t node_id, const MetadataLogConfig& config = {});

  int64_t end_offset() const { return log_.log_end_offset(); }
  int64_t start_offset() const { return log_.log_start_offset(); }
  /// Of the last record; 0 when there never was one.
  int32_t last_epoch() const;
  /// Everything below it is on the disk.
  int64_t flushed_offset() const { return log_.recovery_point(); }

  /// Leader: one batch; its first offset.
  Result<int64_t> append(Effects& effects, const std::vector<kafka::MetadataRecord>& records, int32_t epoch,
                         int64_t now_ms);
  /// Leader: the control record that starts its epoch; its offset.
  Result<int64_t> append_leader_change(Effects& effects, const kafka::LeaderChangeMessage& message,
                                       int32_t epoch, int64_t now_ms);
  /// Follower: what the leader of `epoch` sent.
  Status append_fetched(Effects& effects, const Slices& records, int32_t epoch);
  /// Follower: the leader's log ends for `leader.epoch` at `leader.end_offset`; cuts what this log has beyond
  /// that.
  Status truncate_to_leader(Effects& effects, EpochEndOffset leader, int32_t leader_epoch);
  /// Where that would cut.
  int64_t truncation_offset(EpochEndOffset leader) const { return log_.truncation_offset_for(leader); }

  /// What a replica that fetches from `offset` after a record of `epoch` is to do.
  struct FetchPosition {
    std::optional<EpochEndOffset> diverging{};  ///< its log leaves this one there (KIP-595: DivergingEpoch)
    std::optional<SnapshotId> snapshot{};       ///< what it lacks is only there (KIP-630)
    /// It has this log's records up to there.
    bool is_valid() const { return !diverging && !snapshot; }
  };
  FetchPosition check_position(int64_t offset, int32_t epoch) const;
  /// For a follower or observer: from `offset` to the end, committed or not. REQUIRES: a valid position.
  Result<Slices> read(Disk& disk, int64_t offset, uint64_t max_bytes) const;
  /// The batches from `offset` up to `end` (exclusive), decoded, or the first `max_bytes` of them. `invalid`:
  /// bytes that are no metadata records.
  Result<std::vector<MetadataBatch>> batches(Disk& disk, int64_t offset, int64_t end,
                                             uint64_t max_bytes) const;

  // ---- Snapshots

  std::optional<SnapshotId> latest_snapshot() const;
  /// Tells the journal which there are. Whatever changes them does, opening apart.
  void tell_snapshots(Effects& effects) const;
  bool has_snapshot(const SnapshotId& id) const { return snapshots_.contains(id); }
  uint64_t snapshot_bytes(const SnapshotId& id) const { return snapshots_.at(id).bytes; }
  Result<Snapshot> read_snapshot(Disk& disk, const SnapshotId& id) const;
  /// A piece of its file, as slices. REQUIRES: the snapshot exists; within the file.
  Result<Slices> snapshot_slices(Disk& disk, const SnapshotId& id, uint64_t position, uint64_t bytes) const;
  /// Makes one that this log contains, durably. REQUIRES: no such snapshot, of committed records.
  Status add_snapshot(Effects& effects, const Snapshot& snapshot, int64_t now_ms);
  /// Follower: stores the leader's, durably, and begins the log anew behind it. False when the log has more than the
  /// snapshot, so that it stays.
  Result<bool> install_snapshot(Effects& effects, const SnapshotId& id, const Bytes& file,
                                int32_t leader_epoch);
  /// Removes the snapshots and segments that are too many or too old; what it did, as lines for the node's log.
  Result<std::vector<std::string>> clean(Effects& effects, int64_t now_ms);

  /// Asks for a flush of what is not durable, unless one is under way.
  void flush(Effects& effects);
  static bool owns(DiskToken token) { return token.value >= first_disk_token; }
  /// A flush has ended; asks for the next one when there is more.
  Status flush_done(Effects& effects, const input::DiskDone& done);
  /// Leaves the files as Kafka does when it stops. The log cannot be used afterwards.
  Status close(Disk& disk);

 private:
  /// A file of a snapshot; it stays open, since pieces of it are sent.
  struct StoredSnapshot {
    FileId file;
    uint64_t bytes = 0;
    int64_t last_contained_log_ms = 0;
  };

  MetadataLog(Log log, int32_t node_id, const MetadataLogConfig& config)
      : log_(std::move(log)), node_id_(node_id), config_(config) {}
  Status find_snapshots(Disk& disk);
  Status open_snapshot(Disk& disk, const SnapshotId& id);
  Status store_snapshot(Disk& disk, const SnapshotId& id, const Bytes& file);
  Status remove_snapshots_before(Disk& disk, const SnapshotId& id);
  Result<bool> truncate_to_latest_snapshot(Disk& disk);
  Result<bool> delete_before(Disk& disk, const SnapshotId& id);
  EpochEndOffset end_offset_for_epoch(int32_t epoch) const;
  Result<int64_t> append_batch(Effects& effects, const Bytes& batch, int32_t epoch, int64_t now_ms);
  void appended(Effects& effects, const BatchInfo& batch, bool as_leader) const;

  Log log_;
  int32_t node_id_;
  MetadataLogConfig config_;
  std::map<SnapshotId, StoredSnapshot> snapshots_;
  LogFlush flush_;  ///< the one under way
  std::set<DiskToken> flushing_;
  uint64_t next_token_ = first_disk_token;
};

}  // namespace brokerlab
