// StopReplica (5): the controller of ZooKeeper mode tells a broker to stop, or to delete, replicas.
// Versions 0 to 4, until Kafka 3.9.
//
// KIP-380 (broker epoch: v1), KIP-570 (leader epoch: v3), KIP-866 (a KRaft controller: v4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct StopReplicaResponse;

struct StopReplicaRequest {
  static constexpr std::string_view schema_name = "StopReplicaRequest";
  static constexpr int16_t api_key = 5;
  using Response = StopReplicaResponse;
  static const MessageSchema& schema();

  struct StopReplicaPartitionV0 {
    std::string topic_name{};
    int32_t partition_index = 0;
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name);
      f("partitionIndex", partition_index);
    }
  };
  struct StopReplicaTopicV1 {
    std::string name{};
    std::vector<int32_t> partition_indexes{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitionIndexes", partition_indexes);
    }
  };
  struct StopReplicaPartitionState {
    int32_t partition_index = 0;
    int32_t leader_epoch = -1;
    bool delete_partition = false;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("leaderEpoch", leader_epoch);
      f("deletePartition", delete_partition);
    }
  };
  struct StopReplicaTopicState {
    std::string topic_name{};
    std::vector<StopReplicaPartitionState> partition_states{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name);
      f("partitionStates", partition_states);
    }
  };
  int32_t controller_id = 0;
  bool is_kraft_controller = false;
  int32_t controller_epoch = 0;
  int64_t broker_epoch = -1;
  bool delete_partitions = false;
  std::vector<StopReplicaPartitionV0> ungrouped_partitions{};
  std::vector<StopReplicaTopicV1> topics{};
  std::vector<StopReplicaTopicState> topic_states{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("controllerId", controller_id);
    f("isKRaftController", is_kraft_controller, since(4));
    f("controllerEpoch", controller_epoch);
    f("brokerEpoch", broker_epoch, since(1));
    f("deletePartitions", delete_partitions, until(2));
    f("ungroupedPartitions", ungrouped_partitions, until(0));
    f("topics", topics, between(1, 2));
    f("topicStates", topic_states, since(3));
  }
};

struct StopReplicaResponse {
  static constexpr std::string_view schema_name = "StopReplicaResponse";
  static constexpr int16_t api_key = 5;
  static const MessageSchema& schema();

  struct StopReplicaPartitionError {
    std::string topic_name{};
    int32_t partition_index = 0;
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name);
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
    }
  };
  int16_t error_code = 0;
  std::vector<StopReplicaPartitionError> partition_errors{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("errorCode", error_code);
    f("partitionErrors", partition_errors);
  }
};

}  // namespace brokerlab::kafka
