// The messages of the quorum, which Kafka declares for many topics and partitions but which only ever speak
// of one: `__cluster_metadata-0`. These wrap and unwrap that one partition.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "sim/controller/raft/metadata_log.h"
#include "sim/wire/kafka/01_fetch.h"

namespace brokerlab {

/// A Vote, BeginQuorumEpoch, EndQuorumEpoch or DescribeQuorum message about the one partition.
template <class Message>
Message about_quorum(typename Message::PartitionData partition) {
  Message message;
  auto& topic = message.topics.emplace_back();
  topic.topic_name = metadata_partition.topic;
  partition.partition_index = metadata_partition.partition;
  topic.partitions.push_back(std::move(partition));
  return message;
}

/// The one partition; null when the message speaks of another, or of more.
template <class Message>
const typename Message::PartitionData* quorum_partition(const Message& message) {
  if (message.topics.size() != 1 || message.topics[0].topic_name != metadata_partition.topic) return nullptr;
  if (message.topics[0].partitions.size() != 1) return nullptr;
  const auto& partition = message.topics[0].partitions[0];
  return partition.partition_index == metadata_partition.partition ? &partition : nullptr;
}

inline const kafka::FetchRequest::FetchPartition* quorum_partition(const kafka::FetchRequest& request) {
  if (request.topics.size() != 1 || request.topics[0].partitions.size() != 1) return nullptr;
  const auto& topic = request.topics[0];
  if (topic.topic_id != metadata_topic_id && topic.topic != metadata_partition.topic) return nullptr;
  return topic.partitions[0].partition == metadata_partition.partition ? &topic.partitions[0] : nullptr;
}

inline const kafka::FetchResponse::PartitionData* quorum_partition(const kafka::FetchResponse& response) {
  if (response.responses.size() != 1 || response.responses[0].partitions.size() != 1) return nullptr;
  return &response.responses[0].partitions[0];
}

}  // namespace brokerlab
