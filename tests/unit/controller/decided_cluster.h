// The managers of a controller without quorum and network: what they decide is replayed at once.
#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/controller/kraft/cluster_control.h"
#include "sim/controller/kraft/replication_control.h"
#include "sim/controller/metadata/image.h"

namespace brokerlab::test {

using Ids = std::vector<int32_t>;

inline Uuid directory_of(int32_t broker) { return Uuid{77, static_cast<uint64_t>(broker)}; }

struct DecidedCluster {
  static constexpr const char* cluster_id = "MkU3OEVBNTcwNTJENDM2Qk";

  MetadataImage image;
  Settings settings;
  ClusterControl cluster{cluster_id, settings};
  ReplicationControl replication{settings, Random(1)};
  Instant now{Instant{} + seconds(1)};

  int64_t next_offset() const { return image.offset() + 1; }

  /// Replays what was decided, and gives the answer.
  template <class Response>
  Response apply(ControllerResult<Response> result) {
    apply(result.records);
    return std::move(result.response);
  }
  void apply(const MetadataRecords& records) {
    MetadataDelta delta;
    int64_t offset = next_offset();
    for (const kafka::MetadataRecord& record : records) {
      REQUIRE(image.replay(record, delta).ok());
      cluster.replay(record, offset++, now);
    }
    if (!records.empty()) image.advance_to(offset - 1, 1);
  }

  /// As a new cluster of Kafka 4.3.1 begins (KIP-966).
  void turn_elr_on(const std::string& min_isr = "1") {
    kafka::FeatureLevelRecord feature;
    feature.name = elr_feature;
    feature.feature_level = 1;
    kafka::ConfigRecord config;
    config.resource_type = ConfigResource::broker;
    config.name = "min.insync.replicas";
    config.value = min_isr;
    apply(MetadataRecords{feature, config});
  }

  // ---- Brokers ------------------------------------------------------------------------------------------

  kafka::BrokerRegistrationRequest registration(int32_t id, uint64_t incarnation = 1) const {
    kafka::BrokerRegistrationRequest request;
    request.broker_id = id;
    request.cluster_id = cluster_id;
    request.incarnation_id = Uuid{static_cast<uint64_t>(id), incarnation};
    request.listeners.push_back({.name = "INTERNAL", .host = "kafka" + std::to_string(id), .port = 9092});
    request.rack = std::nullopt;
    request.log_dirs = {directory_of(id)};
    return request;
  }
  kafka::BrokerRegistrationResponse register_broker(int32_t id, uint64_t incarnation = 1) {
    return apply(cluster.register_broker(image, registration(id, incarnation), next_offset(), now));
  }
  /// A fenced broker starts again: it names its last epoch if it had shut down cleanly.
  void restart(int32_t id, bool was_clean) {
    const BrokerRegistration& last = *image.broker(id);
    kafka::BrokerRegistrationRequest request = registration(id, last.incarnation_id.low + 1);
    request.previous_broker_epoch = was_clean ? last.epoch : -1;
    REQUIRE(apply(cluster.register_broker(image, request, next_offset(), now)).error_code == 0);
  }
  /// It is unfenced.
  void unfence(int32_t id) { REQUIRE_FALSE(heartbeat(id).is_fenced); }
  kafka::BrokerHeartbeatRequest heartbeat_of(int32_t id) const {
    kafka::BrokerHeartbeatRequest request;
    request.broker_id = id;
    request.broker_epoch = image.broker(id)->epoch;
    request.current_metadata_offset = image.offset();
    return request;
  }
  kafka::BrokerHeartbeatResponse heartbeat(int32_t id) {
    return apply(cluster.heartbeat(image, heartbeat_of(id), now));
  }
  /// Registers and unfences brokers 1 to `count`.
  void start_brokers(int32_t count) {
    for (int32_t id = 1; id <= count; ++id) {
      REQUIRE(register_broker(id).error_code == 0);
      REQUIRE_FALSE(heartbeat(id).is_fenced);
    }
  }
  void fence(int32_t id) { apply(cluster.fence(image, id)); }

  // ---- Topics ---------------------------------------------------------------------------------------------

  static kafka::CreateTopicsRequest::CreatableTopic topic(const std::string& name, int32_t partitions = -1,
                                                          int16_t replication_factor = -1) {
    kafka::CreateTopicsRequest::CreatableTopic topic;
    topic.name = name;
    topic.num_partitions = partitions;
    topic.replication_factor = replication_factor;
    return topic;
  }
  static kafka::CreateTopicsRequest::CreatableTopic assigned(const std::string& name,
                                                             const std::vector<Ids>& replicas) {
    auto assigned = topic(name);
    for (const Ids& ids : replicas) {
      assigned.assignments.push_back(
          {.partition_index = static_cast<int32_t>(assigned.assignments.size()), .broker_ids = ids});
    }
    return assigned;
  }
  kafka::CreateTopicsResponse::CreatableTopicResult create(kafka::CreateTopicsRequest::CreatableTopic topic) {
    kafka::CreateTopicsRequest request;
    request.topics.push_back(std::move(topic));
    const auto response = apply(replication.create_topics(image, request));
    REQUIRE(response.topics.size() == 1);
    return response.topics[0];
  }
  const PartitionRegistration& partition(const std::string& name, int32_t number = 0) const {
    const PartitionRegistration* found = image.partition(name, number);
    REQUIRE(found != nullptr);
    return *found;
  }
  /// AlterPartition v3 as the partition's leader would send it.
  kafka::AlterPartitionRequest isr_change(const std::string& name, const Ids& isr) const {
    const PartitionRegistration& current = partition(name);
    kafka::AlterPartitionRequest request;
    request.broker_id = current.leader;
    request.broker_epoch = image.broker(current.leader)->epoch;
    auto& topic = request.topics.emplace_back();
    topic.topic_id = image.topic(name)->id;
    auto& data = topic.partitions.emplace_back();
    data.leader_epoch = current.leader_epoch;
    data.partition_epoch = current.partition_epoch;
    for (const int32_t id : isr) {
      const BrokerRegistration* broker = image.broker(id);
      data.new_isr_with_epochs.push_back(
          {.broker_id = id, .broker_epoch = broker == nullptr ? -1 : broker->epoch});
    }
    return request;
  }
  kafka::AlterPartitionResponse::PartitionData alter(const kafka::AlterPartitionRequest& request,
                                                     int16_t version = 3) {
    const auto response = apply(replication.alter_partition(image, request, version));
    REQUIRE(response.error_code == 0);
    return response.topics.at(0).partitions.at(0);
  }
};

}  // namespace brokerlab::test
