#include "sim/controller/kraft/partition_change.h"

#include <algorithm>
#include <utility>

#include "sim/controller/metadata/effective_config.h"

namespace brokerlab {

namespace {

bool contains(const std::vector<int32_t>& list, int32_t id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

bool contains_all(const std::vector<int32_t>& list, const std::vector<int32_t>& ids) {
  return std::all_of(ids.begin(), ids.end(), [&](int32_t id) { return contains(list, id); });
}

std::vector<int32_t> without(std::vector<int32_t> list, const std::vector<int32_t>& ids) {
  std::erase_if(list, [&](int32_t id) { return contains(ids, id); });
  return list;
}

/// The end of a reassignment, once the added replicas are in sync: the removed ones go. Where more go than come, all that
/// stay have to be in sync, or the ISR would become smaller than it is.
void complete_reassignment(PartitionTarget& target) {
  if (target.adding.empty() && target.removing.empty()) return;
  std::vector<int32_t> isr = without(target.isr, target.removing);
  std::vector<int32_t> replicas = without(target.replicas, target.removing);
  if (!target.removing.empty() && (isr.empty() || replicas.empty())) return;
  if (!contains_all(isr, target.adding)) return;
  if (target.adding.size() < target.removing.size() && !contains_all(isr, replicas)) return;
  target.isr = std::move(isr);
  target.replicas = std::move(replicas);
  target.adding.clear();
  target.removing.clear();
}

template <class List>
void set_if_changed(const List& target, const List& current, std::optional<List>& field) {
  if (target != current) field = target;
}

bool is_no_change(const kafka::PartitionChangeRecord& record) {
  constexpr int8_t no_recovery_change = -1;
  return record.leader == no_leader_change && !record.isr && !record.replicas && !record.removing_replicas &&
         !record.adding_replicas && !record.directories && !record.eligible_leader_replicas &&
         !record.last_known_elr && record.leader_recovery_state == no_recovery_change;
}

/// Calls `change(topic, key, partition)` for every partition in the order of their keys.
template <class Change>
void for_each_partition(const MetadataImage& image, Change&& change) {
  for (const auto& [topic_id, topic] : image.topics()) {
    for (const auto& [number, partition] : topic.partitions)
      change(topic, PartitionKey{topic_id, number}, partition);
  }
}

/// What the partitions that `concerns` become when brokers change.
template <class Concerns>
void update_partitions(const MetadataImage& image, const Settings& settings, const BrokersInChange& brokers,
                       MetadataRecords& records, Concerns&& concerns) {
  for_each_partition(
      image, [&](const TopicImage& topic, const PartitionKey& key, const PartitionRegistration& partition) {
        if (!concerns(partition)) return;
        const PartitionChanger changer(image, settings, topic, brokers);
        PartitionTarget target(partition);
        target.election = changer.automatic_election();
        std::erase(target.isr, brokers.leaving);
        std::erase(target.isr, brokers.lost_its_state);
        if (auto record = changer.change(key, partition, std::move(target)))
          records.push_back(std::move(*record));
      });
}

}  // namespace

PartitionTarget::PartitionTarget(const PartitionRegistration& partition)
    : isr(partition.isr),
      replicas(partition.replicas),
      adding(partition.adding_replicas),
      removing(partition.removing_replicas),
      leader_recovery_state(partition.leader_recovery_state) {}

PartitionChanger::PartitionChanger(const MetadataImage& image, const Settings& settings,
                                   const TopicImage& topic, const BrokersInChange& brokers)
    : image_(image),
      settings_(settings),
      topic_(topic),
      brokers_(brokers),
      has_elr_(image.feature(elr_feature) > 0),
      min_isr_(std::min(static_cast<size_t>(topic_config_number("min.insync.replicas", image, settings,
                                                                no_broker, topic.name)),
                        topic.partitions.begin()->second.replicas.size())) {}

Election PartitionChanger::automatic_election() const {
  return unclean_election_enabled(image_, settings_, topic_) ? Election::unclean : Election::online;
}

bool PartitionChanger::may_lead(int32_t id) const {
  if (id == brokers_.leaving || id == brokers_.lost_its_state) return false;
  if (id == brokers_.joining) return true;
  const BrokerRegistration* broker = image_.broker(id);
  return broker != nullptr && broker->is_active();
}

PartitionChanger::Elected PartitionChanger::elect(const PartitionRegistration& partition,
                                                  const PartitionTarget& target,
                                                  const std::vector<int32_t>& elr) const {
  const auto is_valid = [&](int32_t replica) {
    const bool is_electable = contains(target.isr, replica) || (target.isr.empty() && contains(elr, replica));
    return is_electable && may_lead(replica);
  };
  if (target.election == Election::preferred && is_valid(target.replicas.front()))
    return {target.replicas.front()};
  if (is_valid(partition.leader)) return {partition.leader};
  for (const int32_t replica : target.replicas)
    if (is_valid(replica)) return {replica};
  const bool only_last_leader_is_known =
      has_elr_ && target.isr.empty() && elr.empty() && partition.last_known_elr.size() == 1;
  if (only_last_leader_is_known && may_lead(partition.last_known_elr.front()))
    return {partition.last_known_elr.front(), true};
  if (target.election == Election::unclean)
    for (const int32_t replica : target.replicas)
      if (may_lead(replica)) return {replica, true};
  return {};
}

/// Those who were in the ISR or ELR and are not in the target ISR, while that is too small; sorted. Who is no replica any
/// more is not among them: it drops its log, and would still count as complete when it is added again.
std::vector<int32_t> PartitionChanger::target_elr(const PartitionRegistration& partition,
                                                  const PartitionTarget& target) const {
  if (!has_elr_ || target.isr.size() >= min_isr_) return {};
  std::vector<int32_t> elr = without(partition.elr, partition.isr);
  elr.insert(elr.end(), partition.isr.begin(), partition.isr.end());
  std::erase(elr, brokers_.lost_its_state);
  std::erase_if(elr, [&](int32_t id) { return !contains(target.replicas, id); });
  std::sort(elr.begin(), elr.end());
  return without(std::move(elr), target.isr);
}

std::optional<kafka::PartitionChangeRecord> PartitionChanger::change(const PartitionKey& key,
                                                                     const PartitionRegistration& partition,
                                                                     PartitionTarget target) const {
  kafka::PartitionChangeRecord record;
  record.topic_id = key.topic_id;
  record.partition_id = key.partition;
  complete_reassignment(target);
  std::vector<int32_t> elr = target_elr(partition, target);

  const Elected elected = elect(partition, target, elr);
  if (elected.leader != partition.leader) {
    record.leader = elected.leader;
    if (contains(elr, elected.leader)) {
      target.isr = {elected.leader};
      std::erase(elr, elected.leader);
    }
  }
  if (elected.unclean) {
    target.isr = {elected.leader};
    target.leader_recovery_state = LeaderRecoveryState::recovering;
    elr.clear();
  }
  // Who is taken away must not go on as if it were a replica of this epoch.
  if (record.leader == no_leader_change && !contains_all(target.replicas, partition.replicas))
    record.leader = partition.leader;

  set_if_changed(elr, partition.elr, record.eligible_leader_replicas);
  if (elected.unclean || has_elr_ || !target.isr.empty())
    set_if_changed(target.isr, partition.isr, record.isr);
  if (has_elr_) {
    const bool knows_this_leader =
        partition.last_known_elr.size() == 1 && partition.last_known_elr.front() == partition.leader;
    const bool will_have_leader =
        record.leader >= 0 || (record.leader == no_leader_change && partition.leader != no_leader);
    if (record.isr && record.isr->empty() && !knows_this_leader)
      record.last_known_elr = std::vector{partition.leader};
    else if (will_have_leader)
      set_if_changed({}, partition.last_known_elr, record.last_known_elr);
  }
  write_assignment(partition, target, record);
  if (target.leader_recovery_state != partition.leader_recovery_state)
    record.leader_recovery_state = static_cast<int8_t>(target.leader_recovery_state);
  if (is_no_change(record)) return std::nullopt;
  return record;
}

void PartitionChanger::write_assignment(const PartitionRegistration& partition, const PartitionTarget& target,
                                        kafka::PartitionChangeRecord& record) const {
  std::vector<Uuid> directories;
  for (const int32_t replica : target.replicas) {
    const auto at = std::find(partition.replicas.begin(), partition.replicas.end(), replica);
    const auto index = static_cast<size_t>(at - partition.replicas.begin());
    if (index < partition.directories.size()) {
      directories.push_back(partition.directories[index]);
    } else {
      // Each broker of the lab has one log directory.
      const BrokerRegistration* broker = image_.broker(replica);
      const bool is_known = broker != nullptr && !broker->directories.empty();
      directories.push_back(is_known ? broker->directories.front() : Uuid{});
    }
  }
  set_if_changed(directories, partition.directories, record.directories);
  set_if_changed(target.replicas, partition.replicas, record.replicas);
  set_if_changed(target.removing, partition.removing_replicas, record.removing_replicas);
  set_if_changed(target.adding, partition.adding_replicas, record.adding_replicas);
}

bool unclean_election_enabled(const MetadataImage& image, const Settings& settings, const TopicImage& topic) {
  return topic_config("unclean.leader.election.enable", image, settings, no_broker, topic.name) == "true";
}

bool is_reassigned(const PartitionRegistration& partition) {
  return !partition.adding_replicas.empty() || !partition.removing_replicas.empty();
}

void remove_broker_from_partitions(const MetadataImage& image, const Settings& settings, int32_t broker,
                                   MetadataRecords& records) {
  update_partitions(image, settings, {.leaving = broker}, records,
                    [&](const PartitionRegistration& partition) { return contains(partition.isr, broker); });
}

void handle_new_incarnation(const MetadataImage& image, const Settings& settings, int32_t broker,
                            bool was_clean, MetadataRecords& records) {
  if (was_clean || image.feature(elr_feature) == 0)
    return remove_broker_from_partitions(image, settings, broker, records);
  update_partitions(image, settings, {.lost_its_state = broker}, records,
                    [&](const PartitionRegistration& partition) {
                      return contains(partition.isr, broker) || contains(partition.elr, broker);
                    });
}

void add_broker_to_leaderless_partitions(const MetadataImage& image, const Settings& settings, int32_t broker,
                                         MetadataRecords& records) {
  update_partitions(image, settings, {.joining = broker}, records,
                    [](const PartitionRegistration& partition) { return partition.leader == no_leader; });
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
