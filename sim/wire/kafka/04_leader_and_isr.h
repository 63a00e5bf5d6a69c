// LeaderAndIsr (4): the controller of ZooKeeper mode tells a broker what it leads and follows. Versions
// 0 to 7, until Kafka 3.9.
//
// KIP-380 (broker epoch: v2), KIP-455 (replicas that come and go: v3), KIP-516 (topic ids: v5), KIP-704
// (leader recovery state: v6), KIP-866 (a KRaft controller: v7).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct LeaderAndIsrResponse;

struct LeaderAndIsrRequest {
  static constexpr std::string_view schema_name = "LeaderAndIsrRequest";
  static constexpr int16_t api_key = 4;
  using Response = LeaderAndIsrResponse;
  static const MessageSchema& schema();

  struct LeaderAndIsrPartitionState {
    std::string topic_name{};
    int32_t partition_index = 0;
    int32_t controller_epoch = 0;
    int32_t leader = 0;
    int32_t leader_epoch = 0;
    std::vector<int32_t> isr{};
    int32_t partition_epoch = 0;
    std::vector<int32_t> replicas{};
    std::vector<int32_t> adding_replicas{};
    std::vector<int32_t> removing_replicas{};
    bool is_new = false;
    int8_t leader_recovery_state = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name, until(1));
      f("partitionIndex", partition_index);
      f("controllerEpoch", controller_epoch);
      f("leader", leader);
      f("leaderEpoch", leader_epoch);
      f("isr", isr);
      f("partitionEpoch", partition_epoch);
      f("replicas", replicas);
      f("addingReplicas", adding_replicas, since(3));
      f("removingReplicas", removing_replicas, since(3));
      f("isNew", is_new, since(1));
      f("leaderRecoveryState", leader_recovery_state, since(6));
    }
  };
  struct LeaderAndIsrTopicState {
    std::string topic_name{};
    Uuid topic_id{};
    std::vector<LeaderAndIsrPartitionState> partition_states{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name);
      f("topicId", topic_id, since(5));
      f("partitionStates", partition_states);
    }
  };
  struct LeaderAndIsrLiveLeader {
    int32_t broker_id = 0;
    std::string host_name{};
    int32_t port = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("brokerId", broker_id);
      f("hostName", host_name);
      f("port", port);
    }
  };
  int32_t controller_id = 0;
  bool is_kraft_controller = false;
  int32_t controller_epoch = 0;
  int64_t broker_epoch = -1;
  int8_t type = 0;
  std::vector<LeaderAndIsrPartitionState> ungrouped_partition_states{};
  std::vector<LeaderAndIsrTopicState> topic_states{};
  std::vector<LeaderAndIsrLiveLeader> live_leaders{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("controllerId", controller_id);
    f("isKRaftController", is_kraft_controller, since(7));
    f("controllerEpoch", controller_epoch);
    f("brokerEpoch", broker_epoch, since(2));
    f("type", type, since(5));
    f("ungroupedPartitionStates", ungrouped_partition_states, until(1));
    f("topicStates", topic_states, since(2));
    f("liveLeaders", live_leaders);
  }
};

struct LeaderAndIsrResponse {
  static constexpr std::string_view schema_name = "LeaderAndIsrResponse";
  static constexpr int16_t api_key = 4;
  static const MessageSchema& schema();

  struct LeaderAndIsrPartitionError {
    std::string topic_name{};
    int32_t partition_index = 0;
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name, until(4));
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
    }
  };
  struct LeaderAndIsrTopicError {
    Uuid topic_id{};
    std::vector<LeaderAndIsrPartitionError> partition_errors{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicId", topic_id);
      f("partitionErrors", partition_errors);
    }
  };
  int16_t error_code = 0;
  std::vector<LeaderAndIsrPartitionError> partition_errors{};
  std::vector<LeaderAndIsrTopicError> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("errorCode", error_code);
    f("partitionErrors", partition_errors, until(4));
    f("topics", topics, since(5));
  }
};

}  // namespace brokerlab::kafka
