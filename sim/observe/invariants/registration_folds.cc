// Registrations of partitions and brokers, in-sync sets, elections of leaders; the quorum's roles and votes.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/observe/invariants/folds.h"

namespace brokerlab {

namespace {

/// In-sync sets are compared as sets.
std::vector<int32_t> sorted(std::vector<int32_t> ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::string list(const std::vector<int32_t>& ids) { return fmt::format("{}", fmt::join(ids, ",")); }

void check_shape(ClusterModel& model, const event::PartitionChanged& changed, const Event& event) {
  const auto what = [&] {
    return fmt::format("{}: leader {} replicas {} isr {} elr {} (partition epoch {})",
                       changed.partition.to_string(), changed.leader, list(changed.replicas),
                       list(changed.isr), list(changed.elr), changed.partition_epoch);
  };
  if (changed.leader >= 0 && !contains(changed.isr, changed.leader))
    model.report.violate("LeaderInIsr", event, what());
  for (const int32_t member : changed.isr)
    if (!contains(changed.replicas, member)) model.report.violate("IsrInReplicas", event, what());
  for (const int32_t member : changed.elr) {
    if (contains(changed.isr, member)) model.report.violate("ElrDisjointFromIsr", event, what());
    if (!contains(changed.replicas, member)) model.report.violate("ElrInReplicas", event, what());
  }
}

/// Whoever may be elected without loss has every committed record.
void check_candidates(ClusterModel& model, const PartitionModel& partition, std::string_view invariant,
                      std::string_view word, const std::vector<int32_t>& members, const Event& event) {
  if (partition.committed.empty()) return;
  const LogEntry& last = partition.committed.back().entry;
  for (const int32_t member : members) {
    const ReplicaModel* replica = partition.find(member);
    if (replica == nullptr || !replica->is_loaded || replica->log.has(last)) continue;
    if (replica->lost_by(last) != nullptr) continue;
    model.report.violate(
        invariant, event,
        fmt::format("{}: {} is {} and ends at {} without committed {}", partition.name.to_string(), member,
                    word, replica->log.end(), last.to_string()));
  }
}

/// The unclean elections among the changes that a new registration brings. Nobody may have seen such a leader lead:
/// brokers apply what a controller decides at once in one go, and the leader may be fenced by then. Nothing is given up
/// with it then, if a later one was elected by asking nobody.
void judge_unclean_elections(ClusterModel& model, PartitionModel& partition, const RegistrationModel& before,
                             const RegistrationModel& next, const Event& event) {
  const auto& elections = partition.unclean_elections;
  auto first = elections.upper_bound(before.partition_epoch);
  const auto end = elections.upper_bound(next.partition_epoch);
  for (auto known = first; known != end; ++known) {
    const UncleanElection& election = known->second;
    if (!election.is_last_known && !election.is_allowed)
      model.report.violate(
          "UncleanElectionAllowed", event,
          fmt::format("{}: {} leads from epoch {} on, was in neither ISR nor ELR, and neither "
                      "a setting nor an administrator allows that",
                      partition.name.to_string(), election.leader, election.leader_epoch));
    if (election.is_allowed) first = known;
  }
  for (; first != end; ++first) lead_uncleanly(model, partition, first->second, event);
}

/// A committed registration that is new.
void commit(ClusterModel& model, PartitionModel& partition, const RegistrationModel& next,
            const Event& event) {
  const RegistrationModel before = partition.registration;
  const std::string name = partition.name.to_string();
  if (next.leader_epoch < before.leader_epoch)
    model.report.violate(
        "MonotonicEpoch", event,
        fmt::format("{}: leader epoch {} after {}", name, next.leader_epoch, before.leader_epoch));
  std::vector<int32_t> removed;
  std::ranges::copy_if(before.replicas, std::back_inserter(removed),
                       [&](int32_t id) { return !contains(next.replicas, id); });
  if (!removed.empty()) partition.hand_over(removed, next.complete());
  partition.registration = next;
  partition.proposed.clear();
  if (next.leader >= 0) note_leader(model, partition, event, next.leader_epoch, next.leader);

  judge_unclean_elections(model, partition, before, next, event);
  const ReplicaModel* leader = partition.leader();
  if (next.leader_epoch > before.leader_epoch && leader != nullptr && leader->is_loaded) {
    const std::vector<CommittedEntry> lost = partition.lacking(*leader);
    if (!lost.empty())
      judge_loss(model, partition, event, "LeaderCandidateCompleteness", lost, nullptr,
                 fmt::format("{}: {} leads from epoch {} on, its log ends at {}", name, next.leader,
                             next.leader_epoch, leader->log.end()));
  }
  if (next.leader_epoch == before.leader_epoch && leader != nullptr && !leader->isr.empty() &&
      leader->leader_epoch == next.leader_epoch) {
    for (const int32_t member : next.isr)
      if (!contains(leader->isr, member) && !contains(leader->proposed_isr, member))
        model.report.violate(
            "ReplicationQuorumSuperset", event,
            fmt::format("{}: {} is in sync in the metadata, and its leader waits only for {}", name, member,
                        list(leader->isr)));
  }
  check_candidates(model, partition, "StrongIsr", "in sync", next.isr, event);
  check_candidates(model, partition, "ElrCompleteness", "eligible", next.elr, event);
}

/// Whether nothing is missing between the two.
bool is_next_of(const RegistrationModel& before, const event::PartitionChanged& changed) {
  return !before.replicas.empty() && changed.partition_epoch == before.partition_epoch + 1;
}

/// Whether the new leader was in neither ISR nor ELR, by what was decided before it: not by what the controller calls it,
/// as long as that is known. The end of a move is none: the leader that goes has just asked for who follows it.
bool is_from_outside(const PartitionModel& partition, const event::PartitionChanged& changed) {
  if (changed.leader < 0 || changed.reason == "created") return false;
  const bool is_asked_for = changed.reason == "isr_changed" && partition.proposed.contains(changed.leader);
  const RegistrationModel& before = partition.decided;
  if (is_asked_for || !is_next_of(before, changed))
    return changed.reason == "unclean" || changed.reason == "last_known_leader";
  return changed.leader != before.leader && !contains(before.isr, changed.leader) &&
         !contains(before.elr, changed.leader);
}

/// An election from outside. The last known leader needs nobody left in ISR and ELR, nor anybody's permission.
UncleanElection from_outside(ClusterModel& model, const PartitionModel& partition,
                             const event::PartitionChanged& changed, const Event& event) {
  UncleanElection election;
  election.leader = changed.leader;
  election.leader_epoch = changed.leader_epoch;
  const RegistrationModel& before = partition.decided;
  if (!is_next_of(before, changed)) {
    election.is_last_known = changed.reason == "last_known_leader";
  } else if (before.last_known_elr == std::vector{changed.leader}) {
    std::vector<int32_t> left = before.isr;
    left.insert(left.end(), before.elr.begin(), before.elr.end());
    election.is_last_known = left.empty();
    if (left.size() == 1) election.left_by = left.front();
    election.cause = event.cause;
  }
  if (election.is_last_known) return election;
  const ControllerModel& controller = model.controllers[event.ref.node];
  election.is_allowed = controller.enables_unclean(changed.partition.topic, model.nodes[event.ref.node].id) ||
                        controller.was_asked(changed.partition, event.cause);
  return election;
}

/// Whom a revert of a move leaves alone in sync, though nobody knows what it has: the first replica that stays, where
/// unclean elections are allowed. Nobody leads yet.
std::optional<int32_t> taken_in_by_revert(const PartitionModel& partition,
                                          const event::PartitionChanged& changed) {
  const RegistrationModel& before = partition.decided;
  if (changed.leader >= 0 || changed.reason != "reassigned" || changed.isr.size() != 1) return std::nullopt;
  const int32_t member = changed.isr.front();
  const bool was_complete = contains(before.isr, member) || contains(before.elr, member);
  return is_next_of(before, changed) && !was_complete ? std::optional(member) : std::nullopt;
}

/// Who comes back after it had not stopped cleanly is in neither ISR nor ELR any more: that left nobody in them.
void leave_last_known(ClusterModel& model, int32_t broker, EventRef cause) {
  for (auto& [name, named] : model.partitions) {
    for (auto& [topic_id, partition] : named.topics) {
      for (auto& [partition_epoch, election] : partition.unclean_elections) {
        if (election.left_by != broker || election.cause != cause) continue;
        election.is_last_known = true;
        election.is_allowed = false;
      }
    }
  }
}

void decided(ClusterModel& model, PartitionModel& partition, const event::PartitionChanged& changed,
             const Event& event) {
  check_shape(model, changed, event);
  const int32_t reign = model.reign_of(event.ref.node);
  // What a controller that was deposed still says is no news.
  if (reign >= 0 && reign < partition.decided_reign && !model.has_forgotten_votes) return;
  // What another controller decided and nobody committed is undone by this.
  auto& elections = partition.unclean_elections;
  elections.erase(elections.lower_bound(changed.partition_epoch), elections.end());
  if (is_from_outside(partition, changed))
    elections[changed.partition_epoch] = from_outside(model, partition, changed, event);
  if (const std::optional<int32_t> member = taken_in_by_revert(partition, changed))
    elections[changed.partition_epoch] = {.leader = *member,
                                          .leader_epoch = changed.leader_epoch,
                                          .is_allowed = model.controllers[event.ref.node].enables_unclean(
                                              changed.partition.topic, model.nodes[event.ref.node].id)};
  while (elections.size() > PartitionModel::kept) elections.erase(elections.begin());
  const int32_t decided_epoch = partition.decided.partition_epoch;
  if (reign >= 0 && reign == partition.decided_reign && changed.partition_epoch <= decided_epoch)
    model.report.violate("MonotonicEpoch", event,
                         fmt::format("{}: the controller decides partition epoch {} after {}",
                                     changed.partition.to_string(), changed.partition_epoch, decided_epoch));
  partition.decided_reign = reign;
  partition.decided = {changed.leader, changed.leader_epoch, changed.partition_epoch, changed.replicas,
                       changed.isr,    changed.elr,          changed.last_known_elr};
  const LogEntry* written = model.last_written(event.ref.node);
  partition.decided_at = written == nullptr ? -1 : written->first;
}

/// What one of the replicas lacks: nobody knows any more that it may not lead.
std::vector<CommittedEntry> not_everywhere(const PartitionModel& partition) {
  std::vector<CommittedEntry> longest;
  for (const int32_t id : partition.registration.replicas) {
    const ReplicaModel* replica = partition.find(id);
    if (replica == nullptr || !replica->is_loaded) continue;
    std::vector<CommittedEntry> missing = partition.lacking(*replica);
    if (missing.size() > longest.size()) longest = std::move(missing);
  }
  return longest;
}

}  // namespace

void undo_registrations(ClusterModel& model, int64_t from_offset, const std::string& kind, Instant at) {
  for (auto& [name, named] : model.partitions) {
    for (auto& [topic_id, partition] : named.topics) {
      if (partition.is_metadata || partition.decided_at < from_offset) continue;
      const std::vector<CommittedEntry> lost = not_everywhere(partition);
      for (const CommittedEntry& entry : lost)
        model.report.excuse("who holds it was forgotten with the metadata: " + kind, entry.entry.records());
      partition.forget_committed(lost, kind, at);
      partition.leaders.clear();
      partition.unjudged.reset();
      partition.unclean_epoch = partition.cut_epoch = -1;
      for (LostRange& range : partition.lost) range.before_epoch = -1;
      partition.unclean_elections.clear();
      partition.registration = {.replicas = partition.registration.replicas, .isr = {}, .elr = {}};
    }
  }
  // A broker's epoch is the offset of its registration.
  for (auto& [id, broker] : model.brokers)
    if (broker.committed_epoch >= from_offset) broker.committed_epoch = -1;
}

void lead_uncleanly(ClusterModel& model, PartitionModel& partition, const UncleanElection& election,
                    const Event& event) {
  const ReplicaModel* leader = partition.find(election.leader);
  const bool has_log = leader != nullptr && leader->is_loaded;
  // Who leads again without having opened a log since lacks only what it lacked then.
  const bool is_again =
      election.is_last_known && partition.unjudged && partition.unjudged->leader == election.leader;
  if (has_log || !is_again) partition.unjudged.reset();
  if (!has_log && !is_again) partition.unjudged = election;
  if (const auto lost = has_log ? partition.lacking(*leader) : std::vector<CommittedEntry>{}; !lost.empty())
    judge_loss(model, partition, event, "LeaderCandidateCompleteness", lost, &election,
               fmt::format("{}: {} {} from epoch {} on, its log ends at {}", partition.name.to_string(),
                           election.leader, election.is_last_known ? "led last and leads again" : "leads",
                           election.leader_epoch, leader->log.end()));
  // Who led last was alone in sync: no other leader can go on without having heard of this.
  if (election.is_allowed) partition.unclean_epoch = std::max(partition.unclean_epoch, election.leader_epoch);
}

void fold(ClusterModel& model, const Event& event, const event::PartitionChanged& changed) {
  PartitionModel& partition = model.partition(changed.partition, changed.topic_id);
  if (changed.decided) {
    decided(model, partition, changed, event);
    return;
  }
  check_shape(model, changed, event);
  const int32_t id = model.nodes[event.ref.node].id;
  if (contains(changed.replicas, id)) {
    ReplicaModel& view = partition.replicas[id];
    if (changed.partition_epoch > view.partition_epoch) {
      if (changed.leader_epoch < view.leader_epoch)
        model.report.violate(
            "MonotonicEpoch", event,
            fmt::format("{}: broker {} applies leader epoch {} after {}", changed.partition.to_string(), id,
                        changed.leader_epoch, view.leader_epoch));
      view.leader = changed.leader;
      view.leader_epoch = changed.leader_epoch;
      view.partition_epoch = changed.partition_epoch;
      view.isr = changed.isr;
      view.proposed_isr.clear();
    }
  }
  const RegistrationModel& known = partition.registration;
  if (changed.partition_epoch > known.partition_epoch) {
    commit(model, partition,
           {changed.leader, changed.leader_epoch, changed.partition_epoch, changed.replicas,
            sorted(changed.isr), changed.elr, changed.last_known_elr},
           event);
  } else if (changed.partition_epoch == known.partition_epoch &&
             (changed.leader != known.leader || changed.leader_epoch != known.leader_epoch ||
              sorted(changed.isr) != known.isr)) {
    model.report.violate(
        "StateMachineSafety", event,
        fmt::format(
            "{}: of partition epoch {} broker {} has leader {} epoch {} isr {}, another one leader {} "
            "epoch {} isr {}",
            changed.partition.to_string(), changed.partition_epoch, id, changed.leader, changed.leader_epoch,
            list(changed.isr), known.leader, known.leader_epoch, list(known.isr)));
  } else if (changed.partition_epoch == known.partition_epoch && known.elr.empty()) {
    // The leader's answer, which came first, did not tell it.
    partition.registration.elr = changed.elr;
    partition.registration.last_known_elr = changed.last_known_elr;
    check_candidates(model, partition, "ElrCompleteness", "eligible", changed.elr, event);
  }
}

void fold(ClusterModel& model, const Event&, const event::IsrProposed& proposed) {
  PartitionModel& partition = model.of_replica(proposed.partition, proposed.leader);
  partition.replicas[proposed.leader].proposed_isr = proposed.isr;
  partition.proposed.insert(proposed.isr.begin(), proposed.isr.end());
}

void fold(ClusterModel& model, const Event& event, const event::IsrAccepted& accepted) {
  PartitionModel& partition = model.of_replica(accepted.partition, accepted.leader);
  ReplicaModel& view = partition.replicas[accepted.leader];
  view.isr = accepted.isr;
  view.proposed_isr.clear();
  view.partition_epoch = std::max(view.partition_epoch, accepted.partition_epoch);
  // The controller answers when the change is committed.
  if (accepted.partition_epoch <= partition.registration.partition_epoch) return;
  RegistrationModel next = partition.registration;
  // The answer does not tell who is eligible now; what the controller decided does.
  const bool is_known = partition.decided.partition_epoch == accepted.partition_epoch;
  next.elr = is_known ? partition.decided.elr : std::vector<int32_t>{};
  next.last_known_elr = is_known ? partition.decided.last_known_elr : std::vector<int32_t>{};
  next.leader = accepted.leader;
  next.leader_epoch = accepted.leader_epoch;
  next.partition_epoch = accepted.partition_epoch;
  next.isr = sorted(accepted.isr);
  commit(model, partition, next, event);
}

void fold(ClusterModel& model, const Event& event, const event::BrokerStateChanged& changed) {
  BrokerModel& broker = model.brokers[changed.broker];
  const int32_t reign = model.reign_of(event.ref.node);
  const bool is_new = changed.state == "registered" && changed.reason != "registered again";
  const bool goes_back = is_new ? changed.broker_epoch <= broker.epoch : changed.broker_epoch < broker.epoch;
  if (reign >= 0 && reign == broker.reign && goes_back)
    model.report.violate("MonotonicEpoch", event,
                         fmt::format("broker {} is {} with broker epoch {} after {}", changed.broker,
                                     changed.state, changed.broker_epoch, broker.epoch));
  // What a controller that was deposed still says is no news.
  if (reign >= 0 && reign < broker.reign) return;
  if (changed.state == "registered") leave_last_known(model, changed.broker, event.cause);
  broker.epoch = changed.broker_epoch;
  broker.reign = reign;
  model.decide(event.ref.node, {.broker = changed.broker,
                                .state = changed.state,
                                .broker_epoch = changed.broker_epoch,
                                .is_new_incarnation = is_new});
}

void fold(ClusterModel& model, const Event& event, const event::TopicChanged& changed) {
  if (changed.change != "deleted") return;
  model.decide(event.ref.node, {.deleted_topic = changed.topic_id});
  std::erase_if(model.controllers[event.ref.node].settings, [&](const auto& known) {
    return known.first.resource_type == "topic" && known.first.resource == changed.topic;
  });
}

void fold(ClusterModel& model, const Event& event, const event::ConfigChanged& changed) {
  ControllerModel& controller = model.controllers[event.ref.node];
  // It becomes active, and begins with its own file.
  if (changed.resource_type == "node") controller = {};
  const ControllerModel::Setting setting{changed.resource_type, changed.resource, changed.name};
  if (changed.is_set)
    controller.settings[setting] = changed.value;
  else
    controller.settings.erase(setting);
}

void fold(ClusterModel& model, const Event& event, const event::ElectionAsked& asked) {
  ControllerModel& controller = model.controllers[event.ref.node];
  if (controller.asked_cause != event.cause) controller.asked_unclean.clear();
  controller.asked_cause = event.cause;
  if (asked.type == "unclean") controller.asked_unclean.push_back(asked.partition);
}

void fold(ClusterModel& model, const Event&, const event::VoteReceived& vote) {
  if (vote.pre_vote && vote.granted) model.quorum[vote.replica].pre_votes.insert(vote.voter);
}

void fold(ClusterModel& model, const Event& event, const event::QuorumRoleChanged& changed) {
  QuorumReplicaModel& replica = model.quorum[changed.replica];
  PartitionModel& log = model.partition(metadata_log, metadata_topic_id);
  ReplicaModel& copy = log.replicas[changed.replica];
  copy.node = event.ref.node;
  model.node_of[changed.replica] = event.ref.node;
  model.nodes[event.ref.node].id = changed.replica;
  model.voters = changed.voters;
  log.voters = changed.voters.size();

  const std::string what =
      fmt::format("{} becomes {} in epoch {}", changed.replica, changed.role, changed.epoch);
  if (changed.epoch < replica.epoch)
    model.report.violate("MonotonicEpoch", event, fmt::format("{} after {}", what, replica.epoch));
  if (changed.epoch < std::exchange(replica.forgotten_epoch, -1))
    model.report.excuse("a voter forgot its epoch to a fault", 1);
  // Its own vote is one of them (KIP-996).
  const bool begins_epoch = changed.role == "candidate" && changed.epoch > replica.epoch;
  if (begins_epoch && replica.pre_votes.size() + 1 < changed.voters.size() / 2 + 1)
    model.report.violate("PreVoteFirst", event,
                         fmt::format("{}, with {} of {} pre-votes", what, replica.pre_votes.size() + 1,
                                     changed.voters.size() / 2 + 1));
  if (changed.role == "prospective") replica.pre_votes.clear();
  replica.epoch = changed.epoch;
  replica.role = changed.role;
  replica.leader = changed.leader_id;
  if (changed.voted_id >= 0) {
    const auto [vote, is_new] = replica.votes.try_emplace(changed.epoch, changed.voted_id);
    if (vote->second != changed.voted_id)
      model.report.violate("OneVotePerEpoch", event,
                           fmt::format("{} voted for {} and for {} in epoch {}", changed.replica,
                                       vote->second, changed.voted_id, changed.epoch));
    const auto forgotten = replica.forgotten_votes.find(changed.epoch);
    if (is_new && forgotten != replica.forgotten_votes.end() && forgotten->second != changed.voted_id)
      model.report.excuse("a voter forgot its vote to a fault", 1);
    vote->second = changed.voted_id;
    if (replica.votes.size() > PartitionModel::kept) replica.votes.erase(replica.votes.begin());
  }
  if (changed.role != "leader") return;
  note_leader(model, log, event, changed.epoch, changed.replica);
  if (!copy.is_loaded) return;
  std::vector<CommittedEntry> lost = log.lacking(copy);
  // Raft's promise is about later leaders. Who is slow may count its votes when another epoch has begun, and what
  // that has committed it need not have: it can commit nothing any more.
  std::erase_if(lost, [&](const CommittedEntry& committed) { return committed.in_epoch >= changed.epoch; });
  if (!lost.empty()) judge_loss(model, log, event, "LeaderCompleteness", lost, nullptr, what);
}

}  // namespace brokerlab
