#include "sim/observe/cluster_history.h"

#include <fmt/format.h>

#include <algorithm>

namespace brokerlab {

ClusterHistory::ClusterHistory(const KafkaView& known) : controller_epoch_(known.quorum.epoch) {
  for (const PartitionView& partition : known.partitions)
    partition_epochs_[{partition.topic, partition.partition}] = partition.partition_epoch;
  for (const BrokerRegistrationView& broker : known.brokers)
    if (!broker.fenced) alive_.insert(broker.broker);
}

void ClusterHistory::on_events(std::span<const Event> events) {
  const std::lock_guard lock(mutex_);
  for (const Event& event : events) apply(event);
}

size_t ClusterHistory::size() const {
  const std::lock_guard lock(mutex_);
  return changes_.size();
}

std::vector<ClusterChange> ClusterHistory::since(size_t nth) const {
  const std::lock_guard lock(mutex_);
  return {changes_.begin() + static_cast<ptrdiff_t>(std::min(nth, changes_.size())), changes_.end()};
}

void ClusterHistory::apply(const Event& event) {
  const auto add = [&](auto what) { changes_.push_back({event.at, event.ref, std::move(what)}); };
  if (const auto* changed = std::get_if<event::PartitionChanged>(&event.payload)) {
    const auto [known, is_new] = partition_epochs_.try_emplace(changed->partition, -1);
    if (changed->partition_epoch <= known->second) return;
    known->second = changed->partition_epoch;
    add(PartitionState{changed->partition, changed->leader, changed->leader_epoch, changed->partition_epoch,
                       changed->replicas, changed->isr, changed->elr, changed->last_known_elr});
  } else if (const auto* topic = std::get_if<event::TopicChanged>(&event.payload)) {
    if (topic->change != "deleted") return;
    std::erase_if(partition_epochs_, [&](const auto& known) { return known.first.topic == topic->topic; });
  } else if (const auto* role = std::get_if<event::QuorumRoleChanged>(&event.payload)) {
    if (role->role != "leader" || role->epoch <= controller_epoch_) return;
    controller_epoch_ = role->epoch;
    add(ControllerElected{role->replica, role->epoch});
  } else if (const auto* broker = std::get_if<event::BrokerStateChanged>(&event.payload)) {
    std::set<int32_t> alive = alive_;
    // Who registers again, because the answer was late, stays what it was.
    if (broker->state == "shutting_down" || broker->reason == "registered again") return;
    if (broker->state == "unfenced")
      alive.insert(broker->broker);
    else  // fenced, unregistered, or a new incarnation and still fenced
      alive.erase(broker->broker);
    if (alive == alive_) return;
    alive_ = std::move(alive);
    add(BrokersAlive{alive_});
  }
}

std::string describe(const std::vector<ClusterChange>& changes) {
  std::string text;
  std::vector<const PartitionState*> partitions;
  const auto write_partitions = [&] {
    std::stable_sort(partitions.begin(), partitions.end(),
                     [](const auto* a, const auto* b) { return a->partition < b->partition; });
    for (const PartitionState* state : partitions) {
      text += fmt::format("{} Leader: {} epoch {} Isr: {}", state->partition.to_string(),
                          state->leader < 0 ? "none" : std::to_string(state->leader), state->leader_epoch,
                          fmt::join(state->isr, ","));
      if (!state->elr.empty()) text += fmt::format(" Elr: {}", fmt::join(state->elr, ","));
      if (!state->last_known_elr.empty())
        text += fmt::format(" LastKnownElr: {}", fmt::join(state->last_known_elr, ","));
      text += '\n';
    }
    partitions.clear();
  };
  for (const ClusterChange& change : changes) {
    if (const auto* partition = std::get_if<PartitionState>(&change.what)) {
      partitions.push_back(partition);
      continue;
    }
    write_partitions();
    if (const auto* brokers = std::get_if<BrokersAlive>(&change.what))
      text += fmt::format("brokers alive [{}]\n", fmt::join(brokers->brokers, ", "));
    if (const auto* elected = std::get_if<ControllerElected>(&change.what))
      text += fmt::format("quorum leader {} epoch {}\n", elected->leader, elected->epoch);
  }
  write_partitions();
  return text;
}

}  // namespace brokerlab
