#include "sim/controller/kraft/leader_election.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sim/controller/kraft/partition_change.h"

namespace brokerlab {

namespace {

using kafka::ErrorCode;
using kafka::to_int16;

ApiError elect_leader(const MetadataImage& image, const Settings& settings, const std::string& topic,
                      int32_t number, bool is_preferred, MetadataRecords& records) {
  const auto failure = [](ErrorCode error) {
    return ApiError{error, std::string(kafka::error_message(error))};
  };
  const TopicImage* found = image.topic(topic);
  if (found == nullptr) {
    return {ErrorCode::unknown_topic_or_partition, fmt::format("No such topic as {}", topic)};
  }
  const PartitionRegistration* partition = image.partition(found->id, number);
  if (partition == nullptr) {
    return {ErrorCode::unknown_topic_or_partition, fmt::format("No such partition as {}-{}", topic, number)};
  }
  if (is_preferred ? partition->leader == partition->replicas.front() : partition->leader != no_leader) {
    return failure(ErrorCode::election_not_needed);
  }
  PartitionTarget target(*partition);
  target.election = is_preferred ? Election::preferred : Election::unclean;
  auto record =
      PartitionChanger(image, settings, *found).change({found->id, number}, *partition, std::move(target));
  if (!record) {
    return failure(is_preferred ? ErrorCode::preferred_leader_not_available
                                : ErrorCode::eligible_leaders_not_available);
  }
  records.push_back(std::move(*record));
  return {};
}

}  // namespace

ControllerResult<kafka::ElectLeadersResponse> elect_leaders(const MetadataImage& image,
                                                            const Settings& settings,
                                                            const kafka::ElectLeadersRequest& request) {
  ControllerResult<kafka::ElectLeadersResponse> result;
  if (request.election_type != 0 && request.election_type != 1) {
    result.response.error_code = to_int16(ErrorCode::invalid_request);
    return result;
  }
  const auto elect = [&](const std::string& topic, const std::vector<int32_t>& partitions, bool tell_all) {
    kafka::ElectLeadersResponse::ReplicaElectionResult answers;
    answers.topic = topic;
    for (const int32_t partition : partitions) {
      const ApiError error =
          elect_leader(image, settings, topic, partition, request.election_type == 0, result.records);
      if (!tell_all && error.code == ErrorCode::election_not_needed) continue;
      answers.partition_result.push_back(
          {.partition_id = partition, .error_code = to_int16(error.code), .error_message = error.message});
    }
    if (tell_all || !answers.partition_result.empty()) {
      result.response.replica_election_results.push_back(std::move(answers));
    }
  };
  if (request.topic_partitions) {
    for (const auto& asked : *request.topic_partitions)
      elect(asked.topic, asked.partitions, /*tell_all=*/true);
    return result;
  }
  for (const auto& [name, id] : image.topic_ids()) {
    std::vector<int32_t> partitions;
    for (const auto& [number, partition] : image.topic(id)->partitions) partitions.push_back(number);
    elect(name, partitions, /*tell_all=*/false);
  }
  return result;
}

MetadataRecords elect_preferred_leaders(const MetadataImage& image, const Settings& settings) {
  MetadataRecords records;
  for (const auto& [id, topic] : image.topics()) {
    for (const auto& [number, partition] : topic.partitions) {
      if (records.size() == max_elections_at_a_time) return records;
      if (partition.leader == partition.replicas.front()) continue;
      PartitionTarget target(partition);
      target.election = Election::preferred;
      if (auto record =
              PartitionChanger(image, settings, topic).change({id, number}, partition, std::move(target)))
        records.push_back(std::move(*record));
    }
  }
  return records;
}

MetadataRecords elect_unclean_leaders(const MetadataImage& image, const Settings& settings,
                                      const Bugs& bugs) {
  const bool asks = !bugs.has(Bug::unclean_without_asking);
  MetadataRecords records;
  for (const auto& [id, topic] : image.topics()) {
    for (const auto& [number, partition] : topic.partitions) {
      if (records.size() == max_elections_at_a_time) return records;
      if (partition.leader == no_leader && (!asks || unclean_election_enabled(image, settings, topic)))
        elect_leader(image, settings, topic.name, number, /*is_preferred=*/false, records);
    }
  }
  return records;
}

}  // namespace brokerlab
