// Topics and partitions: creating, deleting, growing, changing in-sync replicas.
//
// Decisions only read the image. Messages and their order of checks are those of Apache Kafka 4.3.1, whose
// tools print them. KIP-497 and KIP-841 (AlterPartition), KIP-903 (broker epochs in the ISR).
//
// Deviations: no quota for partition changes, no create-topic policy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/random.h"
#include "sim/base/settings.h"
#include "sim/controller/kraft/controller_result.h"
#include "sim/controller/metadata/image.h"
#include "sim/wire/kafka/19_create_topics.h"
#include "sim/wire/kafka/20_delete_topics.h"
#include "sim/wire/kafka/37_create_partitions.h"
#include "sim/wire/kafka/56_alter_partition.h"

namespace brokerlab {

/// Replicas that somebody wants, by Kafka's rules and in its words: registered brokers, each once, and as many as
/// `replication_factor` if that is given.
ApiError validate_manual_assignment(const MetadataImage& image, const std::vector<int32_t>& replicas,
                                    std::optional<size_t> replication_factor);

class ReplicationControl {
 public:
  ReplicationControl(const Settings& settings, Random random) : settings_(settings), random_(random) {}

  ControllerResult<kafka::CreateTopicsResponse> create_topics(const MetadataImage& image,
                                                              const kafka::CreateTopicsRequest& request);
  ControllerResult<kafka::DeleteTopicsResponse> delete_topics(const MetadataImage& image,
                                                              const kafka::DeleteTopicsRequest& request,
                                                              int16_t version) const;
  ControllerResult<kafka::CreatePartitionsResponse> create_partitions(
      const MetadataImage& image, const kafka::CreatePartitionsRequest& request);
  ControllerResult<kafka::AlterPartitionResponse> alter_partition(const MetadataImage& image,
                                                                  const kafka::AlterPartitionRequest& request,
                                                                  int16_t version) const;

 private:
  using CreatableTopic = kafka::CreateTopicsRequest::CreatableTopic;

  /// Before anything else is looked at, as Kafka counts.
  int64_t partitions_asked_for(const kafka::CreateTopicsRequest& request) const;
  /// Replica lists by partition, from the request or chosen here.
  ApiError assign_replicas(const MetadataImage& image, const CreatableTopic& topic,
                           std::vector<std::vector<int32_t>>& assignment);
  ApiError create_topic(const MetadataImage& image, const CreatableTopic& topic,
                        kafka::CreateTopicsResponse::CreatableTopicResult& result, MetadataRecords& records);
  ApiError add_partitions(const MetadataImage& image,
                          const kafka::CreatePartitionsRequest::CreatePartitionsTopic& topic,
                          MetadataRecords& records);

  Settings settings_;
  Random random_;
};

}  // namespace brokerlab
