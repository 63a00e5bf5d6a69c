// One replica of a partition on this broker: its log, its role, and what a leader knows of its followers.
//
// Rules of Kafka 4.3.1, as `Partition` and `Replica` there have them:
// - A follower's fetch offset is its log end offset: the fetch itself is the acknowledgement. It learns the
//   high watermark from the next answer, one fetch late.
// - The high watermark is the smallest log end offset over the maximal in-sync set (the committed one, what
//   is being added to it, and eligible replicas that are caught up and about to join). It goes back only
//   with a log that is cut below it (after an unclean election), and stands still while fewer than
//   min.insync.replicas are in sync, whatever acks asks for (KIP-966).
// - Logs are compared and cut by leader epoch, never by the high watermark (KIP-101, KIP-279, KIP-320).
// - An in-sync set changes only through the controller (AlterPartition, KIP-497); a proposal counts for the
//   maximal set while it is under way, so nothing is acknowledged that a shrunken set would lose.
//
// A value: every call is handed the disk (in `effects`), the clock and the metadata image. I/O errors are
// returned; they end the broker, as the failure of Kafka's only log directory does.
//
// Deviations: one log directory, no tiered storage, no preferred read replicas, no transactions (the last
// stable offset is the high watermark).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/base/bugs.h"
#include "sim/base/ids.h"
#include "sim/base/node.h"
#include "sim/base/time.h"
#include "sim/base/views/node_view.h"
#include "sim/brokers/fetch_session.h"
#include "sim/controller/metadata/image.h"
#include "sim/storage/log.h"
#include "sim/wire/kafka/compression.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab {

/// What a partition takes from the settings of its topic and broker.
struct PartitionConfig {
  int32_t min_in_sync_replicas = 1;
  uint32_t max_message_bytes = 1'048'588;
  std::optional<kafka::Compression> compression;  ///< compression.type; empty: as the producer sent it
  int64_t timestamp_before_max_ms = INT64_MAX;    ///< message.timestamp.before.max.ms
  int64_t timestamp_after_max_ms = 3'600'000;     ///< message.timestamp.after.max.ms
  Duration replica_lag_time_max;
  Bugs bugs;
  friend bool operator==(const PartitionConfig&, const PartitionConfig&) = default;
};

/// How far a fetch may read.
enum class FetchIsolation : uint8_t { log_end, high_watermark };

/// Who fetches.
struct Fetcher {
  int32_t replica_id = -1;  ///< -1: a consumer
  int64_t broker_epoch = -1;
  bool may_read_from_follower = false;  ///< a consumer from Fetch v11 on (KIP-392)
  FetchIsolation isolation = FetchIsolation::high_watermark;
  bool is_follower() const { return replica_id >= 0; }
};

/// An in-sync set that a leader asks the controller for.
struct IsrProposal {
  std::vector<int32_t> isr;  ///< sorted
  int32_t leader_epoch = 0;
  int32_t partition_epoch = 0;  ///< that it is based on
  friend bool operator==(const IsrProposal&, const IsrProposal&) = default;
};

class Partition {
 public:
  /// `high_watermark` is the checkpointed one.
  Partition(TopicPartition name, Uuid topic_id, int32_t broker_id, PartitionConfig config, Log log,
            int64_t high_watermark);

  const TopicPartition& name() const { return name_; }
  /// Tells the journal what the log held when it was opened.
  void note_load(Effects& effects) const;
  Uuid topic_id() const { return topic_id_; }
  int32_t broker_id() const { return broker_id_; }
  const PartitionConfig& config() const { return config_; }
  const Log& log() const { return log_; }
  bool is_leader() const { return is_leader_; }
  int32_t leader() const { return leader_; }
  int32_t leader_epoch() const { return leader_epoch_; }
  int32_t partition_epoch() const { return partition_epoch_; }
  int64_t high_watermark() const { return high_watermark_; }
  const std::vector<int32_t>& isr() const { return isr_; }
  std::vector<int32_t> maximal_isr() const;
  void set_config(const PartitionConfig& config, const LogConfig& log_config);
  ReplicaView describe() const;

  // ---- roles ----------------------------------------------------------------------------------------------

  /// Takes the role that the metadata gives it; nothing when the registration is not newer. True when a
  /// leader's high watermark advanced by it.
  Result<bool> apply(const PartitionRegistration& registration, const MetadataImage& image, const Now& now,
                     Effects& effects);

  // ---- a leader -------------------------------------------------------------------------------------------

  struct Append {
    kafka::ErrorCode error = kafka::ErrorCode::none;
    int64_t first_offset = -1;
    int64_t last_offset = -1;
    int64_t log_append_time_ms = -1;
    bool high_watermark_advanced = false;
    bool duplicate = false;
  };
  /// Appends one validated batch. NOT_LEADER_OR_FOLLOWER; NOT_ENOUGH_REPLICAS when `acks` is -1 and too few
  /// are in sync; those of Log::append_as_leader.
  Result<Append> append_as_leader(const Bytes& batch, int16_t acks, const MetadataImage& image,
                                  const Now& now, Effects& effects);

  struct Committed {
    bool is_decided = false;
    kafka::ErrorCode error =
        kafka::ErrorCode::none;  ///< NOT_ENOUGH_REPLICAS_AFTER_APPEND, NOT_LEADER_OR_FOLLOWER
  };
  /// Whether everything below `offset` is replicated as acks=all asks.
  Committed is_committed(int64_t offset) const;

  struct Read {
    kafka::ErrorCode error = kafka::ErrorCode::none;
    int64_t high_watermark = -1;  ///< before this fetch counted
    int64_t log_start_offset = -1;
    int64_t log_end_offset = -1;
    std::optional<EpochEndOffset> diverging;
    Slices records;
    uint64_t bytes = 0;
    int64_t up_to_offset = -1;  ///< the isolation's end: no record from there on is among them
    /// Nothing is left to say after this, nor to learn from a fetch, until something moves here.
    bool is_settled = false;
    bool is_told = false;  ///< the fetch session knows high watermark and log start
  };
  /// FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER, OFFSET_OUT_OF_RANGE; for a follower
  /// whose log differs the point where (diverging). `max_bytes` 0 reads nothing unless `at_least_one_batch`.
  Result<Read> read(const FetchPartition& request, const Fetcher& fetcher, uint64_t max_bytes,
                    bool at_least_one_batch, Disk& disk) const;
  /// The error that `read` would give, without reading; and whether there is something to read.
  struct Peek {
    kafka::ErrorCode error = kafka::ErrorCode::none;
    bool is_diverging = false;
    bool has_records = false;
  };
  Peek peek(const FetchPartition& request, const Fetcher& fetcher) const;

  /// A follower has fetched from `offset` while this leader's log ended at `leader_end_offset`. True when the
  /// high watermark advanced. REQUIRES: is_leader() and `replica` is a replica of the partition.
  bool record_fetch(int32_t replica, int64_t broker_epoch, int64_t offset, int64_t log_start_offset,
                    int64_t leader_end_offset, const MetadataImage& image, const Now& now, Effects& effects);
  /// A follower that had all of the log went on to fetch until `last_fetch`, without a word of this partition
  /// (FetchSessions::Seen).
  void note_seen(int32_t replica, Instant last_fetch);
  bool has_replica(int32_t broker) const;

  // ---- the in-sync set ------------------------------------------------------------------------------------

  /// Takes followers that lag out of the set; call it every half of replica.lag.time.max.ms.
  void maybe_shrink_isr(const Now& now, Effects& effects);
  /// A proposal that was not sent yet, or has to be sent again.
  const std::optional<IsrProposal>& unsent_proposal() const { return unsent_; }
  void mark_proposal_sent() { unsent_.reset(); }
  /// The broker epoch that the follower fetched with; -1 when it did not (KIP-903). For this broker itself
  /// `own_epoch`.
  int64_t broker_epoch_of(int32_t replica, int64_t own_epoch) const;

  struct IsrAnswer {
    kafka::ErrorCode error = kafka::ErrorCode::none;
    int32_t leader_epoch = 0;
    int32_t partition_epoch = 0;
    std::vector<int32_t> isr;
  };
  /// The controller's answer to the proposal based on `proposed`. True when the high watermark advanced.
  bool answer_isr(const IsrProposal& proposed, const IsrAnswer& answer, const MetadataImage& image,
                  const Now& now, Effects& effects);

  // ---- a follower -----------------------------------------------------------------------------------------

  /// Appends what the leader sent and takes over its high watermark and log start. REQUIRES: not is_leader().
  Status append_as_follower(const Bytes& records, int64_t leader_high_watermark,
                            int64_t leader_log_start_offset, Effects& effects);
  /// Cuts the log where it differs from the leader's, which says that `leader.epoch` ends at
  /// `leader.end_offset` there.
  Status truncate_to_leader(EpochEndOffset leader, Effects& effects);
  Status truncate_to(int64_t offset, Effects& effects);
  Status start_over_at(int64_t offset, Effects& effects);

  // ---- how long records stay ------------------------------------------------------------------------------

  struct DeletedRecords {
    kafka::ErrorCode error = kafka::ErrorCode::none;
    int64_t offset = -1;  ///< that was asked for; where the log starts now, or after it
    int64_t low_watermark = -1;
  };
  /// Moves a leader's log start to `offset`, or to the high watermark when it is -1. NOT_LEADER_OR_FOLLOWER,
  /// POLICY_VIOLATION when the log is only compacted, OFFSET_OUT_OF_RANGE beyond the high watermark.
  Result<DeletedRecords> delete_records(int64_t offset, const MetadataImage& image, Effects& effects);
  /// The smallest log start over the replicas on living brokers; -1 as long as one has not told its own.
  /// REQUIRES: is_leader().
  int64_t low_watermark(const MetadataImage& image) const;
  /// Takes away the segments that retention.h counts as old.
  Status delete_old_segments(const Now& now, Effects& effects);

  // ---- answers about the log ------------------------------------------------------------------------------

  /// none, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER (KIP-320). -1 is not compared.
  kafka::ErrorCode check(int32_t current_leader_epoch, bool must_lead) const;
  /// Whether the high watermark has reached this leader's epoch: before that the latest offset is not known
  /// (KIP-207).
  bool knows_latest_offset() const { return high_watermark_ >= leader_epoch_start_; }

  /// For what concerns the files alone: flush, close, remove.
  Log& log() { return log_; }

 private:
  struct Follower {
    int64_t log_end_offset = -1;
    int64_t log_start_offset = -1;
    int64_t leader_end_offset_at_fetch = 0;
    std::optional<Instant> last_fetch;
    std::optional<Instant> last_caught_up;
    /// Of its last fetch, -1 if that did not say; nothing as long as it has not fetched from this leader.
    std::optional<int64_t> broker_epoch;
  };
  enum class Pending : uint8_t { none, expand, shrink };

  static bool contains(const std::vector<int32_t>& ids, int32_t id);
  void note_append(const BatchInfo& batch, Effects& effects) const;
  bool is_caught_up(const Follower& follower, Instant now) const;
  bool is_eligible(int32_t replica, const Follower& follower, const MetadataImage& image) const;
  int32_t effective_min_isr() const;
  bool advance_high_watermark(const MetadataImage& image, const Now& now, Effects& effects);
  void set_high_watermark(int64_t offset, Effects& effects);
  void maybe_expand_isr(int32_t replica, const Follower& follower, const MetadataImage& image,
                        Effects& effects);
  void propose(Pending kind, std::vector<int32_t> isr, Effects& effects);
  std::optional<EpochEndOffset> find_divergence(const FetchPartition& request, kafka::ErrorCode& error) const;
  kafka::ErrorCode check_fetch(const FetchPartition& request, const Fetcher& fetcher) const;
  Status advance_log_start(int64_t offset, std::string_view reason, Effects& effects);
  void note_log_start(int64_t from_offset, std::string_view reason, Effects& effects) const;
  Status begin_with_batch_of(const Bytes& records, Effects& effects);
  Status note_truncation(int64_t from_offset, Status status, Effects& effects);

  TopicPartition name_;
  Uuid topic_id_;
  int32_t broker_id_;
  PartitionConfig config_;
  Log log_;
  int64_t high_watermark_;

  bool is_leader_ = false;
  int32_t leader_ = no_leader;
  int32_t leader_epoch_ = -1;
  int32_t partition_epoch_ = -1;
  int64_t leader_epoch_start_ = 0;  ///< a leader's log end offset when its epoch began
  std::vector<int32_t> replicas_;
  std::vector<int32_t> isr_;  ///< as the controller has committed it; empty on a follower
  Pending pending_ = Pending::none;
  std::vector<int32_t> proposed_isr_;
  std::optional<IsrProposal> unsent_;
  std::map<int32_t, Follower> followers_;
};

}  // namespace brokerlab
