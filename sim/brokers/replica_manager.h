// The replicas of this broker: which partitions it has, appends and reads on them, and the requests that wait
// for them.
//
// Roles come only from committed metadata (`apply`). Handlers append and park; whatever moves a partition
// marks it, and at the end of the step `complete` tries again what waits there. What is done is handed back
// as a value to be answered, so this class knows no connections.
//
// Rules of Kafka's ReplicaManager, DelayedProduce and DelayedFetch: acks=all waits until the high watermark
// passes the last record, or until its timeout (REQUEST_TIMED_OUT: the record is in the log all the same). A
// fetch waits until min_bytes can be read, something is wrong, or its time is up.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/base/node.h"
#include "sim/base/settings.h"
#include "sim/brokers/fetch_session.h"
#include "sim/brokers/log_cleaner.h"
#include "sim/brokers/partition.h"
#include "sim/brokers/purgatory.h"
#include "sim/brokers/timers.h"
#include "sim/controller/metadata/image.h"
#include "sim/network/request_channel.h"
#include "sim/storage/checkpoint.h"
#include "sim/storage/file_deletions.h"
#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/21_delete_records.h"

namespace brokerlab {

/// A Produce that is answered, or waits for its followers.
struct ProduceOperation {
  struct Appended {
    PartitionKey key;
    size_t topic = 0;  ///< in `response`
    size_t partition = 0;
    int64_t first_offset = -1;
    int64_t last_offset = -1;
    int32_t leader_epoch = -1;
    bool is_decided = false;
  };
  RequestContext request;
  int16_t acks = 1;
  kafka::ProduceResponse response;
  std::vector<Appended> appended;
};

/// A DeleteRecords that is answered, or waits for its followers.
struct DeleteRecordsOperation {
  struct Asked {
    PartitionKey key;
    size_t topic = 0;  ///< in `response`
    size_t partition = 0;
    int64_t offset = -1;
    bool is_decided = false;
  };
  RequestContext request;
  kafka::DeleteRecordsResponse response;
  std::vector<Asked> asked;
};

/// A Fetch that is answered, or waits for records.
struct FetchOperation {
  RequestContext request;
  Fetcher fetcher;
  uint64_t min_bytes = 0;
  uint64_t max_bytes = 0;
  FetchSessions::Context session;      ///< with the partitions to read: of a session those that may have news
  bool was_parked = false;             ///< what it acknowledges was recorded when it came
  std::vector<Partition::Read> reads;  ///< one for each partition, once it is done
};

struct FetchSessionId {
  int32_t value = 0;
  friend auto operator<=>(const FetchSessionId&, const FetchSessionId&) = default;
};
/// A fetch in a session waits for any of the session's partitions.
using FetchWaitsFor = std::variant<PartitionKey, FetchSessionId>;

class ReplicaManager {
 public:
  ReplicaManager(int32_t broker_id, const Settings& settings, Bugs bugs = {});

  /// Reads the checkpoints that an earlier incarnation left; `was_clean`: it had stopped cleanly. What it had renamed
  /// to be deleted is deleted log.segment.delete.delay.ms from now.
  Status start(Disk& disk, bool was_clean, const Now& now);
  /// An I/O error that ends the broker, as the loss of the only log directory does in Kafka.
  const Status& failure() const { return failure_; }

  // ---- metadata -------------------------------------------------------------------------------------------

  /// Takes the roles that committed metadata gives this broker: deletes, then leads, then follows. Logs are opened a few
  /// at a time: a disk may take a second for a thousand, and this node would be missed in the quorum meanwhile.
  void apply(const MetadataDelta& delta, const MetadataImage& image, const Now& now, Effects& effects);
  /// Goes on with the roles that are left. Until then this broker does not have those partitions, as Kafka's does not
  /// while its metadata publisher is at work.
  void take_roles(const MetadataImage& image, const Now& now, Effects& effects);
  bool has_roles_to_take() const { return !roles_to_take_.empty(); }
  static constexpr size_t logs_opened_at_once = 20;
  /// Renames folders of partitions that the cluster no longer has here, as Kafka does: their records are
  /// kept.
  void set_strays_aside(Effects& effects);
  const std::map<PartitionKey, Partition>& partitions() const { return partitions_; }
  Partition* find(const PartitionKey& key);
  /// Every partition whose role or leader changed since the last call, for the fetchers.
  std::set<PartitionKey> take_changed_roles() { return std::exchange(changed_roles_, {}); }

  // ---- requests -------------------------------------------------------------------------------------------

  /// Appends one validated batch. UNKNOWN_TOPIC_OR_PARTITION when the partition is unknown,
  /// NOT_LEADER_OR_FOLLOWER when it is elsewhere; those of Partition::append_as_leader; KAFKA_STORAGE_ERROR
  /// when the disk failed.
  Partition::Append append(const PartitionKey& key, const Bytes& batch, int16_t acks,
                           const MetadataImage& image, const Now& now, Effects& effects);
  /// Answers at once unless acks is -1 and something was appended.
  void produce(ProduceOperation operation, Duration timeout, const MetadataImage& image, const Now& now,
               Effects& effects);
  /// `operation.session` is what `open_session` gave.
  void fetch(FetchOperation operation, Duration max_wait, const MetadataImage& image, const Now& now,
             Effects& effects);
  FetchSessions::Context open_session(FetchSessions::Request request, Instant now, Random& random);
  FetchSessions& fetch_sessions() { return sessions_; }
  /// UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER; those of Partition::delete_records.
  Partition::DeletedRecords delete_records(const PartitionKey& key, int64_t offset,
                                           const MetadataImage& image, Effects& effects);
  /// Answers once the low watermarks are there.
  void delete_records(DeleteRecordsOperation operation, Duration timeout, const MetadataImage& image,
                      const Now& now);
  /// The error for a partition that this broker does not have a replica of.
  static kafka::ErrorCode missing(const PartitionKey& key, const MetadataImage& image);

  /// Something moved at this partition (its log, high watermark, role or registration): what waits for it is tried
  /// again, and fetch sessions and the fetcher look at it again.
  void touch(const PartitionKey& key);
  /// The partitions that were touched since the last call, for the fetcher.
  std::set<PartitionKey> take_moved() { return std::exchange(moved_, {}); }
  /// Tries what waits for touched partitions, and what is due. Call it before answers are taken.
  void complete(const MetadataImage& image, const Now& now, Effects& effects);
  std::vector<ProduceOperation> take_produced() { return std::exchange(produced_, {}); }
  std::vector<FetchOperation> take_fetched() { return std::exchange(fetched_, {}); }
  std::vector<DeleteRecordsOperation> take_deleted() { return std::exchange(deleted_, {}); }
  Instant next_deadline() const {
    return std::min({produces_.next_deadline(), fetches_.next_deadline(), deletes_.next_deadline()});
  }

  // ---- in-sync sets ---------------------------------------------------------------------------------------

  void shrink_isrs(const Now& now, Effects& effects);
  struct Proposal {
    PartitionKey key;
    IsrProposal isr;
    std::vector<int64_t> broker_epochs;  ///< one for each of `isr`
  };
  /// What the leaders here want to ask the controller; they count as sent then.
  std::vector<Proposal> take_proposals(int64_t own_broker_epoch);
  bool has_proposals() const { return !proposing_.empty(); }
  void answer_proposal(const Proposal& proposal, const Partition::IsrAnswer& answer,
                       const MetadataImage& image, const Now& now, Effects& effects);

  // ---- how long records stay ------------------------------------------------------------------------------

  /// Every log.retention.check.interval.ms: takes away old segments of logs that are not compacted.
  void delete_old_segments(const Now& now, Effects& effects);
  /// Compacts a piece of a log, if it is time.
  void clean_logs(const Now& now, Effects& effects);
  LogCleaner& cleaner() { return cleaner_; }
  /// Every log.flush.start.offset.checkpoint.interval.ms: log starts that no segment's name tells.
  void checkpoint_log_starts(Disk& disk);
  /// Removes files and folders whose file.delete.delay.ms is over.
  void remove_deleted_files(const Now& now, Disk& disk) { fail(deletions_.run(disk, now.monotonic)); }
  Instant next_deletion() const { return deletions_.next_deadline(); }

  // ---- durability -----------------------------------------------------------------------------------------

  /// Every replica.high.watermark.checkpoint.interval.ms.
  void checkpoint_high_watermarks(Disk& disk);
  /// Every log.flush.offset.checkpoint.interval.ms, and at once when one of them goes back: what the file says is
  /// believed after a crash.
  void checkpoint_recovery_points(Disk& disk);
  /// A flush of one of the logs has ended. Those of closed segments are asked for by `complete`.
  void flush_done(const input::DiskDone& done, Effects& effects);
  /// Every producer.id.expiration.check.interval.ms.
  void expire_producers(const Now& now);

  // ---- the end --------------------------------------------------------------------------------------------

  /// Nothing more is appended: finishes the logs, and asks for a flush of everything.
  void flush_all(Effects& effects);
  bool is_flushed() const { return flushes_.empty(); }
  /// Closes the logs and writes all checkpoints, after the flushes. A clean-shutdown mark may be written
  /// then.
  void close(Disk& disk);

  void fail(Status status);

 private:
  PartitionConfig partition_config(const MetadataImage& image, const std::string& topic) const;
  bool is_replica_of(const PartitionRegistration& registration) const;
  Partition* open(const PartitionKey& key, const std::string& topic, const MetadataImage& image,
                  const Now& now, Effects& effects);
  void remove(const PartitionKey& key, std::string_view reason, const MetadataImage& image, const Now& now,
              Effects& effects);
  void delete_old_segments(Partition& partition, const Now& now, Effects& effects);
  void note_proposal(const PartitionKey& key, const Partition& partition);
  bool is_ready(const FetchOperation& operation, Disk& disk);
  bool has_untold_news(const FetchOperation& operation);
  void note_seen();
  Partition::Read read(const FetchPartition& request, const Fetcher& fetcher, uint64_t max_bytes,
                       bool at_least_one_batch, const MetadataImage& image, Disk& disk);
  void finish(FetchOperation operation, const MetadataImage& image, const Now& now, Effects& effects);
  void record_fetch(const FetchPartition& request, const Fetcher& fetcher, int64_t leader_end_offset,
                    const MetadataImage& image, const Now& now, Effects& effects);
  bool decide(ProduceOperation& operation, const MetadataImage& image, Effects& effects);
  void finish(ProduceOperation operation, Effects& effects);
  void acknowledge(const ProduceOperation& operation, const ProduceOperation::Appended& appended,
                   Effects& effects) const;
  bool decide(DeleteRecordsOperation& operation, const MetadataImage& image);
  void try_again(const PartitionKey& key, const MetadataImage& image, Effects& effects);
  std::set<uint64_t> fetches_waiting_for(const PartitionKey& key) const;
  void flush_closed_segments(const PartitionKey& key, Effects& effects);

  int32_t broker_id_;
  Settings settings_;
  Bugs bugs_;
  Status failure_;
  bool was_clean_ = false;
  OffsetCheckpoint checkpointed_high_watermarks_;
  OffsetCheckpoint recovery_points_;      ///< as the file has them
  bool recovery_points_go_back_ = false;  ///< some do, and the file does not know it yet
  OffsetCheckpoint log_starts_;

  std::map<PartitionKey, Partition> partitions_;
  std::deque<PartitionKey> roles_to_take_;  ///< in the order in which metadata gave them
  FileDeletions deletions_;
  LogCleaner cleaner_;
  std::set<PartitionKey> changed_roles_;
  std::set<PartitionKey> touched_;
  std::set<PartitionKey> moved_;
  FetchSessions sessions_;
  std::set<PartitionKey> proposing_;
  Purgatory<ProduceOperation> produces_;
  Purgatory<FetchOperation, FetchWaitsFor> fetches_;
  Purgatory<DeleteRecordsOperation> deletes_;
  std::vector<ProduceOperation> produced_;
  std::vector<FetchOperation> fetched_;
  std::vector<DeleteRecordsOperation> deleted_;

  /// One at a time for each log.
  struct Flush {
    LogFlush log_flush;
    std::set<uint64_t> tokens;  ///< of files that are not durable yet
  };
  std::map<PartitionKey, Flush> flushes_;
  std::map<uint64_t, PartitionKey> flushing_;  ///< by token
  uint64_t next_token_ = first_broker_flush;
  bool is_closing_ = false;
};

}  // namespace brokerlab
