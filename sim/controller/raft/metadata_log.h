// The log of the quorum on one node: the folder `__cluster_metadata-0`, what of it is durable, and its
// records.
//
// Raft counts an entry of a replica only once it is on its disk, so this keeps, beside the end of the log,
// the offset up to which it is flushed; a flush is asked for by `flush` and ends by `flush_done`.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "sim/base/node.h"
#include "sim/controller/metadata/loader.h"
#include "sim/storage/log.h"
#include "sim/wire/kafka/control_records.h"
#include "sim/wire/kafka/metadata_records.h"

namespace brokerlab {

inline const TopicPartition metadata_partition{"__cluster_metadata", 0};

class MetadataLog {
 public:
  /// Flushes of this log have tokens from here; other roles of a node use smaller ones.
  static constexpr uint64_t first_disk_token = uint64_t{1} << 48;

  static Result<MetadataLog> open(Disk& disk, int32_t node_id);

  int64_t end_offset() const { return log_.log_end_offset(); }
  int64_t start_offset() const { return log_.log_start_offset(); }
  /// Of the last record; 0 when the log is empty.
  int32_t last_epoch() const { return log_.latest_epoch() < 0 ? 0 : log_.latest_epoch(); }
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

  /// Whether a replica that fetches from `offset` after a record of `epoch` has this log's records up to
  /// there; if not, where its log leaves this one (KIP-595: DivergingEpoch).
  std::optional<EpochEndOffset> divergence(int64_t offset, int32_t epoch) const;
  /// For a follower or observer: from `offset` to the end, committed or not.
  Result<Slices> read(Disk& disk, int64_t offset, uint64_t max_bytes) const;
  /// The batches from `offset` up to `end` (exclusive), decoded, or the first `max_bytes` of them. `invalid`:
  /// bytes that are no metadata records.
  Result<std::vector<MetadataBatch>> batches(Disk& disk, int64_t offset, int64_t end,
                                             uint64_t max_bytes) const;

  /// Asks for a flush of what is not durable, unless one is under way.
  void flush(Effects& effects);
  static bool owns(DiskToken token) { return token.value >= first_disk_token; }
  /// A flush has ended; asks for the next one when there is more.
  Status flush_done(Effects& effects, const input::DiskDone& done);
  /// Leaves the files as Kafka does when it stops. The log cannot be used afterwards.
  Status close(Disk& disk) { return log_.close(disk); }

 private:
  MetadataLog(Log log, int32_t node_id) : log_(std::move(log)), node_id_(node_id) {}
  Result<int64_t> append_batch(Effects& effects, const Bytes& batch, int32_t epoch, int64_t now_ms);
  void appended(Effects& effects, const BatchInfo& batch, bool as_leader) const;

  Log log_;
  int32_t node_id_;
  LogFlush flush_;  ///< the one under way
  std::set<DiskToken> flushing_;
  uint64_t next_token_ = first_disk_token;
};

}  // namespace brokerlab
