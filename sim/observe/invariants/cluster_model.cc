#include "sim/observe/invariants/cluster_model.h"

#include <fmt/format.h>

#include <algorithm>

namespace brokerlab {

bool contains(const std::vector<int32_t>& ids, int32_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool LostTail::holds(const LogEntry& entry) const {
  if (entry.last < from || entry.last >= to) return false;
  const auto known = std::ranges::find_if(
      entries, [&](const LogEntry& held) { return held.first <= entry.last && entry.first <= held.last; });
  return known == entries.end() || known->is_same(entry);
}

const LostTail* ReplicaModel::lost_by(const LogEntry& entry) const {
  const auto tail = std::ranges::find_if(lost, [&](const LostTail& tail) { return tail.holds(entry); });
  return tail == lost.end() ? nullptr : &*tail;
}

void ReplicaModel::regained(const LogEntry& entry) {
  if (lost.empty()) return;
  for (LostTail& tail : lost)
    if (tail.holds(entry)) tail.from = entry.last + 1;
  std::erase_if(lost, [](const LostTail& tail) { return tail.from >= tail.to; });
}

ReplicaModel* PartitionModel::find(int32_t replica) {
  const auto found = replicas.find(replica);
  return found == replicas.end() ? nullptr : &found->second;
}

const ReplicaModel* PartitionModel::find(int32_t replica) const {
  const auto found = replicas.find(replica);
  return found == replicas.end() ? nullptr : &found->second;
}

bool PartitionModel::is_held_by_any(const LogEntry& entry) const {
  return std::any_of(replicas.begin(), replicas.end(), [&](const auto& known) {
    return known.second.is_loaded && known.second.log.has(entry);
  });
}

bool PartitionModel::was_lost(int64_t offset, const Acknowledgement& given) const {
  return std::ranges::any_of(lost, [&](const LostRange& range) { return range.holds(offset, given); });
}

size_t PartitionModel::times_lost(int64_t offset) const {
  return static_cast<size_t>(
      std::ranges::count_if(lost, [&](const LostRange& range) { return range.holds(offset); }));
}

size_t PartitionModel::isr_index(const std::vector<int32_t>& isr) {
  // In most cases that of the record before.
  for (size_t i = isrs.size(); i-- > 0;)
    if (isrs[i] == isr) return i;
  isrs.push_back(isr);
  return isrs.size() - 1;
}

std::vector<CommittedEntry> PartitionModel::lacking(const ReplicaModel& replica) const {
  std::vector<CommittedEntry> missing;
  // Logs that hold an entry are the same up to it (LogMatching), so what is missing is a suffix.
  for (auto it = committed.rbegin(); it != committed.rend() && !replica.log.has(it->entry); ++it)
    missing.push_back(*it);
  std::reverse(missing.begin(), missing.end());
  return missing;
}

std::vector<CommittedEntry> PartitionModel::lacking_everywhere() const {
  std::vector<CommittedEntry> missing;
  for (auto it = committed.rbegin(); it != committed.rend() && !is_held_by_any(it->entry); ++it)
    missing.push_back(*it);
  std::reverse(missing.begin(), missing.end());
  return missing;
}

CommittedEntry* PartitionModel::committed_at(int64_t offset) {
  const auto found =
      std::partition_point(committed.begin(), committed.end(),
                           [&](const CommittedEntry& known) { return known.entry.last < offset; });
  return found != committed.end() && found->entry.first <= offset ? &*found : nullptr;
}

std::optional<std::string> PartitionModel::excuse(const CommittedEntry& lost,
                                                  const UncleanElection* election) const {
  if (election != nullptr && election->is_allowed) return "unclean election";
  if (election != nullptr && election->is_last_known) {
    const ReplicaModel* leader = find(election->leader);
    const LostTail* tail = leader == nullptr ? nullptr : leader->lost_by(lost.entry);
    if (tail != nullptr) return "the last known leader lost it to " + tail->kind;
  }
  std::set<std::string> kinds;
  size_t copies_left = 0;
  for (const int32_t member : isrs[lost.isr]) {
    const ReplicaModel* replica = find(member);
    const LostTail* tail = replica == nullptr ? nullptr : replica->lost_by(lost.entry);
    if (tail == nullptr)
      ++copies_left;
    else
      kinds.insert(tail->kind);
  }
  // An entry of the quorum's log is safe as long as no majority can do without those that hold it.
  const bool is_safe =
      is_metadata ? voters - std::min(voters, copies_left) < voters / 2 + 1 : copies_left > 0;
  if (kinds.empty() || is_safe) return std::nullopt;
  std::string all = is_metadata ? "too few copies after" : "every copy lost to";
  for (const std::string& kind : kinds) all += (kind == *kinds.begin() ? " " : ", ") + kind;
  return all;
}

void PartitionModel::note_lost(LostRange range) {
  LostRange* last = lost.empty() ? nullptr : &lost.back();
  if (last != nullptr && last->kind == range.kind && last->before_epoch == range.before_epoch &&
      last->to == range.from) {
    last->to = range.to;
    last->at = range.at;
    return;
  }
  lost.push_back(std::move(range));
  if (lost.size() > kept) lost.pop_front();
}

void PartitionModel::hand_over(const std::vector<int32_t>& removed, const std::vector<int32_t>& complete) {
  for (std::vector<int32_t>& holders : isrs) {
    if (std::erase_if(holders, [&](int32_t id) { return contains(removed, id); }) == 0) continue;
    for (const int32_t member : complete)
      if (!contains(holders, member)) holders.push_back(member);
    std::sort(holders.begin(), holders.end());
  }
}

void PartitionModel::forget_committed(const std::vector<CommittedEntry>& gone, const std::string& kind,
                                      Instant at) {
  if (gone.empty()) return;
  note_lost({gone.front().entry.first, gone.back().entry.last + 1, kind, at, registration.leader_epoch});
  while (!committed.empty() && committed.back().entry.first >= gone.front().entry.first) committed.pop_back();
  committed_to = gone.front().entry.first;
  // With all that was committed a log start that DeleteRecords had moved may be gone too: offsets begin below it again.
  if (committed.empty())
    for (const auto& [id, replica] : replicas)
      if (replica.is_loaded) committed_to = std::min(committed_to, replica.log.end());
  cut_epoch = registration.leader_epoch;
}

bool ControllerModel::enables_unclean(const std::string& topic, int32_t id) const {
  const std::string name = "unclean.leader.election.enable";
  for (const Setting& setting : {Setting{"topic", topic, name}, Setting{"broker", "", name},
                                 Setting{"node", std::to_string(id), name}})
    if (const auto found = settings.find(setting); found != settings.end()) return found->second == "true";
  return false;
}

bool ControllerModel::was_asked(const TopicPartition& partition, EventRef cause) const {
  return cause == asked_cause && std::ranges::any_of(asked_unclean, [&](const TopicPartition& asked) {
           return asked.topic.empty() || asked == partition;
         });
}

PartitionModel& ClusterModel::partition(const TopicPartition& name, Uuid topic_id) {
  NamedPartition& named = partitions[name];
  const auto [found, is_new] = named.topics.try_emplace(topic_id);
  if (is_new) {
    found->second.name = name;
    found->second.is_metadata = name == metadata_log;
    named.newest = topic_id;
  }
  return found->second;
}

PartitionModel& ClusterModel::of_replica(const TopicPartition& name, int32_t replica) {
  const auto named = partitions.find(name);
  if (named != partitions.end()) {
    const auto loaded = named->second.loaded.find(replica);
    const Uuid topic_id = loaded == named->second.loaded.end() ? named->second.newest : loaded->second;
    const auto found = named->second.topics.find(topic_id);
    if (found != named->second.topics.end()) return found->second;
  }
  return partition(name, name == metadata_log ? metadata_topic_id : Uuid{});
}

PartitionModel* ClusterModel::of_name(const TopicPartition& name) {
  const auto named = partitions.find(name);
  if (named == partitions.end()) return nullptr;
  const auto found = named->second.topics.find(named->second.newest);
  return found == named->second.topics.end() ? nullptr : &found->second;
}

int32_t ClusterModel::reign_of(NodeId node) const {
  const auto known = nodes.find(node);
  if (known == nodes.end()) return -1;
  const auto replica = quorum.find(known->second.id);
  return replica == quorum.end() || replica->second.role != "leader" ? -1 : replica->second.epoch;
}

const LogEntry* ClusterModel::last_written(NodeId node) {
  const PartitionModel* log = of_name(metadata_log);
  const ReplicaModel* writer = log == nullptr ? nullptr : log->find(nodes[node].id);
  return writer == nullptr || writer->log.entries().empty() ? nullptr : &writer->log.entries().back();
}

void ClusterModel::decide(NodeId node, Decision decision) {
  const LogEntry* written = last_written(node);
  if (written == nullptr) return;
  decision.entry = *written;
  undecided.push_back(std::move(decision));
}

void ClusterModel::metadata_committed(const LogEntry& entry, const Event& event) {
  std::erase_if(undecided, [&](const Decision& decision) {
    if (decision.entry.first > entry.last) return false;
    if (decision.entry.is_same(entry)) apply(decision, event);
    return true;
  });
}

void ClusterModel::apply(const Decision& decision, const Event& event) {
  if (decision.broker < 0) {
    for (auto& [name, named] : partitions)
      if (const auto topic = named.topics.find(decision.deleted_topic); topic != named.topics.end())
        topic->second.is_deleted = true;
    return;
  }
  BrokerModel& broker = brokers[decision.broker];
  // A new incarnation gets a new epoch. One whose registration is repeated keeps its own, as in Kafka.
  const int64_t lowest = broker.committed_epoch + (decision.is_new_incarnation ? 1 : 0);
  if (decision.broker_epoch < lowest)
    report.violate("MonotonicEpoch", event,
                   fmt::format("broker {} is {} with broker epoch {} after {}", decision.broker,
                               decision.state, decision.broker_epoch, broker.committed_epoch));
  broker.committed_epoch = decision.broker_epoch;
  // A repeated registration leaves a broker as it was: unfenced, if it was that.
  if (decision.is_new_incarnation || decision.state != "registered") broker.committed_state = decision.state;
}

bool ClusterModel::runs(int32_t id) const {
  const auto node = node_of.find(id);
  if (node == node_of.end()) return false;
  const auto known = nodes.find(node->second);
  return known == nodes.end() || (known->second.runs && !known->second.is_paused);
}

}  // namespace brokerlab
