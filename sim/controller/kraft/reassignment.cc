#include "sim/controller/kraft/reassignment.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sim/controller/kraft/partition_change.h"
#include "sim/controller/kraft/replication_control.h"

namespace brokerlab {

namespace {

using kafka::ErrorCode;
using kafka::to_int16;
using Ids = std::vector<int32_t>;

/// Those of `list` that are not in `other`, in their order.
Ids difference(const Ids& list, const Ids& other) {
  Ids left;
  std::ranges::copy_if(list, std::back_inserter(left),
                       [&](int32_t id) { return std::ranges::find(other, id) == other.end(); });
  return left;
}

Ids sorted(Ids list) {
  std::ranges::sort(list);
  return list;
}

/// The number of replicas that the partition has, or will have when its move is done.
size_t replication_factor(const PartitionRegistration& partition) {
  return partition.replicas.size() - partition.removing_replicas.size();
}

/// The target of a move to these replicas.
PartitionTarget target_of_move(const PartitionRegistration& partition, const Ids& replicas) {
  PartitionTarget target(partition);
  const Ids removing = sorted(difference(partition.replicas, replicas));
  const Ids adding = sorted(difference(replicas, partition.replicas));
  target.replicas = replicas;
  target.replicas.insert(target.replicas.end(), removing.begin(), removing.end());
  if (!removing.empty()) target.removing = removing;
  if (!adding.empty()) target.adding = adding;
  return target;
}

/// The target of taking a move back. Uncleanly, when every replica in sync was one that it was adding.
struct Revert {
  PartitionTarget target;
  bool unclean = false;
};
Revert target_of_revert(const PartitionRegistration& partition) {
  Revert revert{PartitionTarget(partition)};
  revert.target.isr = difference(partition.isr, partition.adding_replicas);
  revert.target.replicas = difference(partition.replicas, partition.adding_replicas);
  revert.target.adding.clear();
  revert.target.removing.clear();
  revert.unclean = revert.target.isr.empty();
  if (revert.unclean) revert.target.isr = {revert.target.replicas.front()};
  return revert;
}

ApiError alter_partition(const MetadataImage& image, const Settings& settings, const std::string& topic,
                         const kafka::AlterPartitionReassignmentsRequest::ReassignablePartition& asked,
                         bool may_change_replication_factor, MetadataRecords& records) {
  const TopicImage* found = image.topic(topic);
  if (found == nullptr)
    return {ErrorCode::unknown_topic_or_partition, fmt::format("Unable to find a topic named {}.", topic)};
  const PartitionRegistration* partition = image.partition(found->id, asked.partition_index);
  if (partition == nullptr)
    return {ErrorCode::unknown_topic_or_partition,
            fmt::format("Unable to find partition {}:{}.", topic, asked.partition_index)};

  const PartitionChanger changer(image, settings, *found);
  PartitionTarget target(*partition);
  if (asked.replicas) {
    if (ApiError error = validate_manual_assignment(image, *asked.replicas, std::nullopt); error.is_failure())
      return error;
    const size_t factor = replication_factor(*partition);
    if (!may_change_replication_factor && factor != asked.replicas->size())
      return {ErrorCode::invalid_replication_factor,
              fmt::format("The replication factor is changed from {} to {}", factor, asked.replicas->size())};
    target = target_of_move(*partition, *asked.replicas);
  } else {
    if (!is_reassigned(*partition))
      return {ErrorCode::no_reassignment_in_progress,
              std::string(kafka::error_message(ErrorCode::no_reassignment_in_progress))};
    Revert revert = target_of_revert(*partition);
    if (revert.unclean && !unclean_election_enabled(image, settings, *found))
      return {ErrorCode::invalid_replica_assignment,
              fmt::format("Unable to revert partition assignment for {}:{} because it would require an "
                          "unclean leader election.",
                          topic, asked.partition_index)};
    target = std::move(revert.target);
    target.election = changer.automatic_election();
  }
  if (auto record = changer.change({found->id, asked.partition_index}, *partition, std::move(target)))
    records.push_back(std::move(*record));
  return {};
}

}  // namespace

ControllerResult<kafka::AlterPartitionReassignmentsResponse> alter_partition_reassignments(
    const MetadataImage& image, const Settings& settings,
    const kafka::AlterPartitionReassignmentsRequest& request) {
  ControllerResult<kafka::AlterPartitionReassignmentsResponse> result;
  result.response.error_message.reset();
  result.response.allow_replication_factor_change = request.allow_replication_factor_change;
  for (const auto& topic : request.topics) {
    auto& answers = result.response.responses.emplace_back();
    answers.name = topic.name;
    for (const auto& asked : topic.partitions) {
      const ApiError error = alter_partition(image, settings, topic.name, asked,
                                             request.allow_replication_factor_change, result.records);
      answers.partitions.push_back({.partition_index = asked.partition_index,
                                    .error_code = to_int16(error.code),
                                    .error_message = error.message,
                                    .unknown_tags = {}});
    }
  }
  return result;
}

}  // namespace brokerlab
