// What the journal has told so far of the cluster: nodes, partitions, their replicas' logs, and of each partition
// what is committed. The invariants compare each event with it.
//
// Committed, of a partition: what lies below the highest high watermark that a leader announced. Committed, of a
// registration: what the controller decided and a broker has applied; a decision alone may be undone with the
// controller's log.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/base/event.h"
#include "sim/observe/invariants/replica_log.h"
#include "sim/observe/invariants/report.h"

namespace brokerlab {

inline const TopicPartition metadata_log{"__cluster_metadata", 0};

/// A leader's answer to a producer.
struct Acknowledgement {
  int32_t leader_epoch = -1;  ///< -1: not known which answer it was
  Instant at;
};

/// Offsets that a partition lost, for a reason that counts. What stands there later is another record, and may not be lost.
struct LostRange {
  int64_t from = 0;
  int64_t to = 0;  ///< behind the last one
  std::string kind;
  Instant at;
  int32_t before_epoch = -1;  ///< leaders of earlier epochs may not have heard of it yet
  bool holds(int64_t offset) const { return from <= offset && offset < to; }
  bool holds(int64_t offset, const Acknowledgement& given) const {
    return holds(offset) && (given.at <= at || given.leader_epoch < before_epoch);
  }
};

/// The end of a replica's log, lost to injected faults.
struct LostTail {
  int64_t from = 0;
  int64_t to = 0;  ///< behind the last one
  std::string kind;
  std::deque<LogEntry> entries;  ///< those of it that were known
  int64_t flushed_to = 0;        ///< what lay below this was on the disk
  bool holds(const LogEntry& entry) const;
};

struct ReplicaModel {
  NodeId node = no_node;
  bool is_loaded = false;  ///< it has told what its log holds
  ReplicaLog log;
  int64_t flushed_to = 0;
  int64_t loaded_high_watermark = 0;  ///< what it began with, as leader too
  std::set<std::string> damage;       ///< kinds of faults that hit its files and were not noticed yet
  bool has_flipped_segment = false;   ///< a bit of its records
  std::deque<LostTail> lost;          ///< to faults, and not got back since; the newest

  // The registration as its broker has applied it; since the start of its incarnation.
  std::optional<int32_t> leader;
  int32_t leader_epoch = -1;
  int32_t partition_epoch = -1;
  std::vector<int32_t> isr;
  std::vector<int32_t> proposed_isr;

  int32_t high_watermark_epoch = -1;  ///< of the last one that it announced as leader, in this incarnation
  int64_t high_watermark = 0;

  /// The fault that took this entry from it; null when none did, or it has the entry again.
  const LostTail* lost_by(const LogEntry& entry) const;
  /// Who has an entry again has all before it again.
  void regained(const LogEntry& entry);
};

struct RegistrationModel {
  int32_t leader = -1;
  int32_t leader_epoch = -1;
  int32_t partition_epoch = -1;
  std::vector<int32_t> replicas;
  std::vector<int32_t> isr;  ///< sorted
  std::vector<int32_t> elr;
  std::vector<int32_t> last_known_elr = {};
  /// Who has every committed record. Nobody may have heard of the last in-sync set before it was empty.
  const std::vector<int32_t>& complete() const {
    if (!isr.empty()) return isr;
    return elr.empty() ? last_known_elr : elr;
  }
};

/// A leader that was elected though it may lack committed records: anybody, because a setting or an administrator allows
/// that; or the one that led last and was the last in sync (KIP-966), which can lack only what it lost itself.
struct UncleanElection {
  int32_t leader = -1;
  int32_t leader_epoch = -1;
  bool is_last_known = false;
  bool is_allowed = false;  ///< by a setting or an administrator; the last known leader needs neither
  /// Whose return left nobody else but the last known leader, if the controller, for the same cause, says so next.
  int32_t left_by = -1;
  EventRef cause = {};
};

struct CommittedEntry {
  LogEntry entry;
  size_t isr = 0;         ///< in PartitionModel::isrs: who had to hold it then
  int32_t in_epoch = -1;  ///< of the leader that committed it
  bool is_acked = false;
};

/// One partition of one topic id; the quorum's log is one too.
struct PartitionModel {
  static constexpr size_t kept = 64;  ///< of each bounded list here

  TopicPartition name;
  bool is_metadata = false;
  size_t voters = 0;  ///< of the quorum, when it is the metadata log
  bool is_deleted = false;
  std::map<int32_t, ReplicaModel> replicas;
  RegistrationModel registration;                        ///< the committed one
  std::map<int32_t, int32_t> leaders;                    ///< by leader epoch
  std::map<int32_t, UncleanElection> unclean_elections;  ///< as decided, by partition epoch
  RegistrationModel decided;   ///< the newest, which may be undone with the controller's log
  int64_t decided_at = -1;     ///< its offset in the metadata log; -1: not known
  std::set<int32_t> proposed;  ///< whom leaders have asked to be in sync since `registration` changed
  /// The leader epoch of the last allowed one that is committed. It asked nobody who was in sync: what a leader of an earlier
  /// epoch, that has not heard of it, still commits and acknowledges is given up with it.
  int32_t unclean_epoch = -1;
  /// The newest of them, while its leader, a new replica, has no log yet.
  std::optional<UncleanElection> unjudged;
  int32_t cut_epoch = -1;  ///< the leader epoch in which committed records were lost last

  std::deque<CommittedEntry> committed;  ///< the newest
  int64_t committed_to = 0;              ///< the high watermark
  int64_t ever_committed_to = 0;         ///< the same, losses left out
  std::vector<std::vector<int32_t>> isrs;
  int64_t compacted_to = 0;
  int64_t deleted_to = 0;  ///< the largest log start of a replica
  std::deque<LostRange> lost;
  int32_t decided_reign = -1;    ///< the controller's epoch that decided last
  std::deque<LogEntry> at_risk;  ///< committed, missing at a leader that was elected without an excuse

  ReplicaModel* find(int32_t replica);
  const ReplicaModel* find(int32_t replica) const;
  bool is_held_by_any(const LogEntry& entry) const;
  /// Whether what was acknowledged then at this offset was lost since.
  bool was_lost(int64_t offset, const Acknowledgement& given) const;
  /// So many records may have stood there before the present one.
  size_t times_lost(int64_t offset) const;
  size_t isr_index(const std::vector<int32_t>& isr);
  /// Who leads now, as far as is committed.
  const ReplicaModel* leader() const { return find(registration.leader); }

  /// Committed entries that this replica lacks, oldest first: a suffix.
  std::vector<CommittedEntry> lacking(const ReplicaModel& replica) const;
  /// Those that nobody holds any more.
  std::vector<CommittedEntry> lacking_everywhere() const;
  CommittedEntry* committed_at(int64_t offset);
  /// Why their loss, with that election or (null) without one, is no violation; nothing when it is one.
  std::optional<std::string> excuse(const CommittedEntry& lost, const UncleanElection* election) const;
  /// These offsets were acknowledged, and may be missing or stand for other records now.
  void note_lost(LostRange range);
  /// Replicas are taken away: what they had to hold these have to hold now.
  void hand_over(const std::vector<int32_t>& removed, const std::vector<int32_t>& complete);
  /// They are committed no more.
  void forget_committed(const std::vector<CommittedEntry>& lost, const std::string& kind, Instant at);
};

struct NodeModel {
  bool runs = true;
  bool is_paused = false;
  int32_t id = -1;  ///< as a broker or controller; -1 for a client
};

/// A voter or observer of the metadata quorum, in its own words.
struct QuorumReplicaModel {
  std::string role;
  int32_t epoch = -1;
  int32_t leader = -1;
  std::map<int32_t, int32_t> votes;  ///< by epoch; the newest
  std::set<int32_t> pre_votes;       ///< who would vote for it, since it asks
  /// What it knew before a fault destroyed its quorum-state; -1 and none without one.
  bool is_state_damaged = false;
  int32_t forgotten_epoch = -1;
  std::map<int32_t, int32_t> forgotten_votes;
};

struct BrokerModel {
  int64_t epoch = -1;  ///< as decided last
  int32_t reign = -1;  ///< the controller's epoch in which this was said
  std::string committed_state;
  int64_t committed_epoch = -1;
};

/// What a controller wrote into its log, and what holds once that is committed.
struct Decision {
  LogEntry entry = {};
  int32_t broker = -1;  ///< whose state it is; -1: a topic's deletion
  std::string state = {};
  int64_t broker_epoch = -1;
  bool is_new_incarnation = false;
  Uuid deleted_topic = {};
};

/// A name can have several topic ids, one after the other.
struct NamedPartition {
  std::map<Uuid, PartitionModel> topics;
  std::map<int32_t, Uuid> loaded;  ///< by replica: which of them its events are about
  Uuid newest;
};

/// What an active controller has said of settings and requests, apart from what it decides.
struct ControllerModel {
  struct Setting {
    std::string resource_type, resource, name;
    friend auto operator<=>(const Setting&, const Setting&) = default;
  };
  std::map<Setting, std::string> settings;
  EventRef asked_cause;
  std::vector<TopicPartition> asked_unclean;  ///< by the request with that cause; without a topic: all
  /// Kafka's order: the topic's own setting, that of all brokers, the controller's file.
  bool enables_unclean(const std::string& topic, int32_t id) const;
  bool was_asked(const TopicPartition& partition, EventRef cause) const;
};

struct ClusterModel {
  std::map<TopicPartition, NamedPartition> partitions;
  std::map<NodeId, ControllerModel> controllers;
  std::map<NodeId, NodeModel> nodes;
  std::map<int32_t, QuorumReplicaModel> quorum;
  std::vector<int32_t> voters;
  bool has_forgotten_votes = false;  ///< a fault took a voter's memory
  std::map<int32_t, BrokerModel> brokers;
  std::deque<Decision> undecided;     ///< decisions that are not committed yet
  std::map<int32_t, NodeId> node_of;  ///< by broker or controller id
  InvariantReport report;

  PartitionModel& partition(const TopicPartition& name, Uuid topic_id);
  /// The partition that an event of this replica is about.
  PartitionModel& of_replica(const TopicPartition& name, int32_t replica);
  /// The newest topic's; null when nothing is known.
  PartitionModel* of_name(const TopicPartition& name);
  bool runs(int32_t id) const;
  /// The epoch of the quorum in which the node of this event leads; -1 when it does not.
  int32_t reign_of(NodeId node) const;
  /// What the node wrote last into its metadata log; null when that is not known.
  const LogEntry* last_written(NodeId node);
  /// Holds once what the node has just written into its metadata log is committed.
  void decide(NodeId node, Decision decision);
  /// An entry of the metadata log is committed, and whatever else stood in its place never will be.
  void metadata_committed(const LogEntry& entry, const Event& event);
  void apply(const Decision& decision, const Event& event);
};

bool contains(const std::vector<int32_t>& ids, int32_t id);

}  // namespace brokerlab
