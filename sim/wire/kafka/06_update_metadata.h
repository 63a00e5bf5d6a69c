// UpdateMetadata (6): the controller of ZooKeeper mode tells every broker of all leaders and live
// brokers. Versions 0 to 8, until Kafka 3.9.
//
// KIP-36 (racks: v2), KIP-103 (listener names: v3), KIP-112 (offline replicas: v4), KIP-380 (broker
// epoch: v5), KIP-516 (topic ids: v7), KIP-866 (a KRaft controller: v8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct UpdateMetadataResponse;

struct UpdateMetadataRequest {
  static constexpr std::string_view schema_name = "UpdateMetadataRequest";
  static constexpr int16_t api_key = 6;
  using Response = UpdateMetadataResponse;
  static const MessageSchema& schema();

  struct UpdateMetadataPartitionState {
    std::string topic_name{};
    int32_t partition_index = 0;
    int32_t controller_epoch = 0;
    int32_t leader = 0;
    int32_t leader_epoch = 0;
    std::vector<int32_t> isr{};
    int32_t zk_version = 0;
    std::vector<int32_t> replicas{};
    std::vector<int32_t> offline_replicas{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name, until(4));
      f("partitionIndex", partition_index);
      f("controllerEpoch", controller_epoch);
      f("leader", leader);
      f("leaderEpoch", leader_epoch);
      f("isr", isr);
      f("zkVersion", zk_version);
      f("replicas", replicas);
      f("offlineReplicas", offline_replicas, since(4));
    }
  };
  struct UpdateMetadataTopicState {
    std::string topic_name{};
    Uuid topic_id{};
    std::vector<UpdateMetadataPartitionState> partition_states{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name);
      f("topicId", topic_id, since(7));
      f("partitionStates", partition_states);
    }
  };
  struct UpdateMetadataEndpoint {
    int32_t port = 0;
    std::string host{};
    std::string listener{};
    int16_t security_protocol = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("port", port);
      f("host", host);
      f("listener", listener, since(3));
      f("securityProtocol", security_protocol);
    }
  };
  struct UpdateMetadataBroker {
    int32_t id = 0;
    std::string v0_host{};
    int32_t v0_port = 0;
    std::vector<UpdateMetadataEndpoint> endpoints{};
    std::optional<std::string> rack = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("id", id);
      f("v0Host", v0_host, until(0));
      f("v0Port", v0_port, until(0));
      f("endpoints", endpoints, since(1));
      f("rack", rack, since(2).nullable());
    }
  };
  int32_t controller_id = 0;
  bool is_kraft_controller = false;
  int8_t type = 0;
  int32_t controller_epoch = 0;
  int64_t broker_epoch = -1;
  std::vector<UpdateMetadataPartitionState> ungrouped_partition_states{};
  std::vector<UpdateMetadataTopicState> topic_states{};
  std::vector<UpdateMetadataBroker> live_brokers{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("controllerId", controller_id);
    f("isKRaftController", is_kraft_controller, since(8));
    f("type", type, since(8).tagged(0));
    f("controllerEpoch", controller_epoch);
    f("brokerEpoch", broker_epoch, since(5));
    f("ungroupedPartitionStates", ungrouped_partition_states, until(4));
    f("topicStates", topic_states, since(5));
    f("liveBrokers", live_brokers);
  }
};

struct UpdateMetadataResponse {
  static constexpr std::string_view schema_name = "UpdateMetadataResponse";
  static constexpr int16_t api_key = 6;
  static const MessageSchema& schema();

  int16_t error_code = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("errorCode", error_code);
  }
};

}  // namespace brokerlab::kafka
