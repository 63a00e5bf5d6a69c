#include "sim/controller/kraft/partition_change.h"

#include <algorithm>

#include "sim/controller/metadata/effective_config.h"

namespace brokerlab {

namespace {

bool contains(const std::vector<int32_t>& list, int32_t id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

struct Elected {
  int32_t leader = no_leader;
  bool unclean = false;
};

Elected elect(const PartitionRegistration& partition, const PartitionTarget& target,
              const std::function<bool(int32_t)>& may_lead) {
  const auto is_valid = [&](int32_t replica) { return contains(target.isr, replica) && may_lead(replica); };
  if (target.election == Election::preferred && is_valid(partition.replicas.front())) {
    return {partition.replicas.front()};
  }
  if (is_valid(partition.leader)) return {partition.leader};
  for (const int32_t replica : partition.replicas) {
    if (is_valid(replica)) return {replica};
  }
  if (target.election == Election::unclean) {
    for (const int32_t replica : partition.replicas) {
      if (may_lead(replica)) return {replica, true};
    }
  }
  return {};
}

/// Calls `change(topic, key, partition)` for every partition in the order of their keys.
template <class Change>
void for_each_partition(const MetadataImage& image, Change&& change) {
  for (const auto& [topic_id, topic] : image.topics()) {
    for (const auto& [number, partition] : topic.partitions)
      change(topic, PartitionKey{topic_id, number}, partition);
  }
}

Election automatic_election(const MetadataImage& image, const Settings& settings, const TopicImage& topic) {
  return unclean_election_enabled(image, settings, topic) ? Election::unclean : Election::online;
}

}  // namespace

std::optional<kafka::PartitionChangeRecord> change_partition(const PartitionKey& key,
                                                             const PartitionRegistration& partition,
                                                             const PartitionTarget& target,
                                                             const std::function<bool(int32_t)>& may_lead) {
  kafka::PartitionChangeRecord record;
  record.topic_id = key.topic_id;
  record.partition_id = key.partition;
  bool changed = false;
  const Elected elected = elect(partition, target, may_lead);
  if (elected.leader != partition.leader) {
    record.leader = elected.leader;
    changed = true;
  }
  LeaderRecoveryState recovery = target.leader_recovery_state;
  if (elected.unclean) {
    record.isr = {elected.leader};
    recovery = LeaderRecoveryState::recovering;
    changed = true;
  } else if (!target.isr.empty() && target.isr != partition.isr) {
    record.isr = target.isr;
    changed = true;
  }
  if (recovery != partition.leader_recovery_state) {
    record.leader_recovery_state = static_cast<int8_t>(recovery);
    changed = true;
  }
  if (!changed) return std::nullopt;
  return record;
}

bool unclean_election_enabled(const MetadataImage& image, const Settings& settings, const TopicImage& topic) {
  constexpr int32_t no_broker = -1;  // the controller decides by what holds for all brokers
  return topic_config("unclean.leader.election.enable", image, settings, no_broker, topic.name) == "true";
}

void remove_broker_from_partitions(const MetadataImage& image, const Settings& settings, int32_t broker,
                                   MetadataRecords& records) {
  const auto may_lead = [&](int32_t id) {
    const BrokerRegistration* registration = image.broker(id);
    return id != broker && registration != nullptr && registration->is_active();
  };
  for_each_partition(
      image, [&](const TopicImage& topic, const PartitionKey& key, const PartitionRegistration& partition) {
        if (!contains(partition.isr, broker)) return;
        PartitionTarget target{.isr = partition.isr,
                               .leader_recovery_state = partition.leader_recovery_state,
                               .election = automatic_election(image, settings, topic)};
        std::erase(target.isr, broker);
        if (auto record = change_partition(key, partition, target, may_lead))
          records.push_back(std::move(*record));
      });
}

void add_broker_to_leaderless_partitions(const MetadataImage& image, const Settings& settings, int32_t broker,
                                         MetadataRecords& records) {
  const auto may_lead = [&](int32_t id) {
    const BrokerRegistration* registration = image.broker(id);
    return id == broker || (registration != nullptr && registration->is_active());
  };
  for_each_partition(
      image, [&](const TopicImage& topic, const PartitionKey& key, const PartitionRegistration& partition) {
        if (partition.leader != no_leader) return;
        const PartitionTarget target{.isr = partition.isr,
                                     .leader_recovery_state = partition.leader_recovery_state,
                                     .election = automatic_election(image, settings, topic)};
        if (auto record = change_partition(key, partition, target, may_lead))
          records.push_back(std::move(*record));
      });
}

bool has_leaderships(const MetadataImage& image, int32_t broker) {
  for (const auto& [id, topic] : image.topics()) {
    for (const auto& [number, partition] : topic.partitions) {
      if (partition.leader == broker) return true;
    }
  }
  return false;
}

}  // namespace brokerlab
