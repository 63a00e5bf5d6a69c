// A hand-written history for the invariants: three brokers in the domain's verbs, each verb an event. Every broker is a
// voter of the quorum too; broker 1 is node 0. Time passes by itself, 1 ms an event.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "sim/observe/invariants.h"

namespace brokerlab {

class History {
 public:
  static inline const TopicPartition orders{"orders", 0};
  static inline const TopicPartition metadata{"__cluster_metadata", 0};
  static constexpr Uuid topic_id{7, 7};
  static constexpr NodeId producer{10};
  static constexpr NodeId consumer{11};

  static NodeId node(int32_t broker) { return {static_cast<uint32_t>(broker - 1)}; }

  Invariants invariants;
  std::vector<int32_t> assigned{1, 2, 3};  ///< replicas, of the registrations from now on
  std::vector<int32_t> eligible;
  std::vector<int32_t> last_known;  ///< LastKnownElr

  Event say(NodeId node, EventPayload payload, EventRef cause = {}) {
    Event event;
    event.ref = {node, ++sequences_[node]};
    event.cause = cause;
    event.at = now_ = now_ + milliseconds(1);
    event.payload = std::move(payload);
    invariants.on_events({&event, 1});
    return event;
  }
  void pass(Duration time) { now_ = now_ + time; }

  // ---- the partition orders-0 -----------------------------------------------------------------------------

  /// Replicas as assigned, all in sync, leader 1 in epoch 0.
  void create() {
    for (int32_t broker = 1; broker <= 3; ++broker) join_quorum(broker);
    registered(1, 0, assigned);
    for (int32_t broker = 1; broker <= 3; ++broker) load(broker, 0);
  }
  void join_quorum(int32_t broker) {
    say(node(broker), event::NodeStarted{1});
    say(node(broker), event::LogLoaded{metadata, broker, metadata_topic_id, 0, 0, -1, 0});
  }
  /// Decided, and applied by all three brokers, the leader first.
  void registered(int32_t leader, int32_t leader_epoch, std::vector<int32_t> isr, std::string reason = "") {
    decide(leader, leader_epoch, isr, std::move(reason));
    if (leader > 0) apply(leader, leader, leader_epoch, isr);
    for (int32_t broker = 1; broker <= 3; ++broker)
      if (broker != leader) apply(broker, leader, leader_epoch, isr);
  }
  void decide(int32_t leader, int32_t leader_epoch, std::vector<int32_t> isr, std::string reason = "",
              EventRef cause = {}) {
    ++partition_epoch_;
    say(node(3), registration(true, leader, leader_epoch, std::move(isr), std::move(reason)), cause);
  }
  /// The controller of decide() becomes active, and says by what it decides.
  void become_controller(bool enables_unclean) {
    say(node(3), event::ConfigChanged{"node", "3", "unclean.leader.election.enable",
                                      enables_unclean ? "true" : "false"});
  }
  void configure(std::string type, std::string resource, std::string value, bool is_set = true) {
    say(node(3), event::ConfigChanged{std::move(type), std::move(resource), "unclean.leader.election.enable",
                                      std::move(value), is_set});
  }
  /// An administrator asks; what is decided next, with this cause, is the controller's answer.
  EventRef ask_for_election(std::string type, TopicPartition partition = {"", -1}) {
    const EventRef request = say(node(3), event::MessageDelivered{}).ref;
    say(node(3), event::ElectionAsked{std::move(partition), std::move(type)}, request);
    return request;
  }
  /// The controller ended before that was committed.
  void forget_decision() { --partition_epoch_; }
  void apply(int32_t broker, int32_t leader, int32_t leader_epoch, std::vector<int32_t> isr) {
    say(node(broker), registration(false, leader, leader_epoch, std::move(isr), ""));
  }
  /// The leader hears that what was decided last is committed.
  void accept(int32_t leader, int32_t leader_epoch, std::vector<int32_t> isr) {
    say(node(leader), event::IsrAccepted{orders, leader, leader_epoch, partition_epoch_, std::move(isr)});
  }
  void load(int32_t broker, int64_t end, int64_t start = 0) {
    say(node(broker), event::LogLoaded{orders, broker, topic_id, start, end, 0, 0});
  }
  /// One record at each offset from first to last, in one batch. What it holds follows from offset and epoch.
  event::LogAppended batch(int32_t broker, int64_t first, int64_t last, int32_t epoch, bool as_leader) {
    event::LogAppended appended;
    appended.partition = orders;
    appended.replica = broker;
    appended.first_offset = first;
    appended.last_offset = last;
    appended.leader_epoch = epoch;
    appended.crc = static_cast<uint32_t>(first * 1000 + epoch);
    appended.as_leader = as_leader;
    appended.records = static_cast<int32_t>(last - first + 1);
    return appended;
  }
  void append(int32_t broker, int64_t first, int64_t last, int32_t epoch = 0) {
    say(node(broker), batch(broker, first, last, epoch, true));
  }
  void copy(int32_t broker, int64_t first, int64_t last, int32_t epoch = 0) {
    say(node(broker), batch(broker, first, last, epoch, false));
  }
  /// The leader appends, everybody copies, the high watermark follows.
  void commit(int32_t leader, int64_t first, int64_t last, int32_t epoch = 0,
              const std::vector<int32_t>& replicas = {1, 2, 3}) {
    append(leader, first, last, epoch);
    for (const int32_t broker : replicas)
      if (broker != leader) copy(broker, first, last, epoch);
    high_watermark(leader, last + 1, epoch);
  }
  void truncate(int32_t broker, int64_t from, int64_t to) {
    say(node(broker), event::LogTruncated{orders, broker, to, from, 0});
  }
  void high_watermark(int32_t broker, int64_t offset, int32_t epoch = 0, bool as_leader = true) {
    say(node(broker), event::HighWatermarkAdvanced{orders, broker, offset, epoch, as_leader});
  }
  void acknowledge(int32_t broker, int64_t first, int64_t last, int16_t acks = -1, int32_t epoch = 0) {
    say(node(broker), event::Acknowledged{orders, broker, first, last, epoch, acks});
  }
  void kill(int32_t broker) { say(node(broker), event::NodeStopped{"killed", 137}); }
  void start(int32_t broker, int64_t end) {
    say(node(broker), event::NodeStarted{2});
    load(broker, end);
  }
  /// A power loss takes its whole log, which was not flushed, and it starts again.
  void lose_log(int32_t broker) {
    kill(broker);
    damage(broker, "power-loss");
    start(broker, 0);
  }
  void remove_replica(int32_t broker) {
    say(node(broker), event::LogRemoved{orders, broker, topic_id, "not_a_replica"});
  }
  void damage(int32_t broker, const std::string& fault, const std::string& folder = "orders-0") {
    say(node(broker), event::DiskDamaged{fault + " kafka" + std::to_string(broker),
                                         folder + "/00000000000000000000.log", 0, 100});
  }

  // ---- the quorum ------------------------------------------------------------------------------------------

  void role(int32_t voter, std::string role, int32_t epoch, int32_t leader = -1, int32_t voted = -1) {
    say(node(voter), event::QuorumRoleChanged{voter, std::move(role), epoch, leader, voted, {1, 2, 3}});
  }
  /// Everybody has voted for it and follows.
  void elect(int32_t leader, int32_t epoch) {
    for (int32_t voter = 1; voter <= 3; ++voter)
      if (voter != leader) role(voter, "voted", epoch, -1, leader);
    role(leader, "leader", epoch, leader, leader);
    for (int32_t voter = 1; voter <= 3; ++voter)
      if (voter != leader) role(voter, "follower", epoch, leader, leader);
  }
  void append_metadata(int32_t voter, int64_t first, int64_t last, int32_t epoch, bool as_leader = false,
                       bool flushes = true) {
    event::LogAppended appended = batch(voter, first, last, epoch, as_leader);
    appended.partition = metadata;
    say(node(voter), appended);
    if (flushes) say(node(voter), event::LogFlushed{metadata, voter, last + 1});
  }
  /// The controller of the quorum's epoch writes one entry, at this offset, and says what it decided by it.
  void decide_metadata(int32_t controller, int64_t offset, int32_t epoch, EventPayload decision) {
    append_metadata(controller, offset, offset, epoch, true);
    say(node(controller), std::move(decision));
  }
  /// Everybody else copies what the controller wrote last, and it is committed.
  void commit_metadata(int32_t controller, int64_t offset, int32_t epoch) {
    for (int32_t voter = 1; voter <= 3; ++voter)
      if (voter != controller) append_metadata(voter, offset, offset, epoch);
    metadata_high_watermark(controller, offset + 1, epoch, true);
  }
  /// Its disk is empty when it starts again.
  void wipe_voter(int32_t voter) {
    kill(voter);
    damage(voter, "wipe-disk", "__cluster_metadata-0");
    say(node(voter), event::DiskDamaged{"wipe-disk kafka" + std::to_string(voter),
                                        "__cluster_metadata-0/quorum-state", 0, 100});
    start_voter(voter, 0);
  }
  void start_voter(int32_t voter, int64_t end) {
    say(node(voter), event::NodeStarted{2});
    say(node(voter), event::LogLoaded{metadata, voter, metadata_topic_id, 0, end, 1, 0});
  }
  void metadata_high_watermark(int32_t voter, int64_t offset, int32_t epoch, bool as_leader) {
    say(node(voter), event::HighWatermarkAdvanced{metadata, voter, offset, epoch, as_leader});
  }

  // ---- clients ---------------------------------------------------------------------------------------------

  void sent(int64_t first, std::vector<uint32_t> hashes, int16_t acks = -1, bool is_idempotent = true,
            int16_t error = 0, int32_t unanswered = 0) {
    event::RecordsSent sent;
    sent.partition = orders;
    sent.first_offset = first;
    sent.records = static_cast<int32_t>(hashes.size());
    sent.error_code = error;
    sent.acks = acks;
    sent.is_idempotent = is_idempotent;
    sent.unanswered = unanswered;
    sent.record_hashes = std::move(hashes);
    say(producer, sent);
  }
  void polled(int64_t first, std::vector<uint32_t> hashes, EventRef cause = {}, NodeId who = consumer) {
    event::RecordsConsumed consumed;
    consumed.partition = orders;
    consumed.first_offset = first;
    consumed.last_offset = first + static_cast<int64_t>(hashes.size()) - 1;
    consumed.records = static_cast<int32_t>(hashes.size());
    consumed.record_hashes = std::move(hashes);
    say(who, consumed, cause);
  }
  void position(int64_t from, int64_t to) { say(consumer, event::PositionSet{orders, from, to}); }

  // ---- what was found --------------------------------------------------------------------------------------

  /// The names of the invariants that were broken, each once, with commas; "none".
  std::string broken() const {
    std::vector<std::string> names;
    for (const Violation& violation : invariants.violations())
      if (std::find(names.begin(), names.end(), violation.invariant) == names.end())
        names.push_back(violation.invariant);
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "none" : text;
  }
  uint64_t excused(const std::string& kind) const {
    const auto found = invariants.excuses().find(kind);
    return found == invariants.excuses().end() ? 0 : found->second;
  }

 private:
  event::PartitionChanged registration(bool decided, int32_t leader, int32_t leader_epoch,
                                       std::vector<int32_t> isr, std::string reason) const {
    event::PartitionChanged changed;
    changed.partition = orders;
    changed.decided = decided;
    changed.leader = leader;
    changed.leader_epoch = leader_epoch;
    changed.partition_epoch = partition_epoch_;
    changed.replicas = assigned;
    changed.isr = std::move(isr);
    changed.elr = eligible;
    changed.last_known_elr = last_known;
    changed.reason = std::move(reason);
    changed.topic_id = topic_id;
    return changed;
  }

  std::map<NodeId, uint64_t> sequences_;
  Instant now_;
  int32_t partition_epoch_ = -1;
};

}  // namespace brokerlab
