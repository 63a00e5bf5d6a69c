// Metadata (3): brokers, topics, leaders. Versions 0 to 13.
//
// No topics named: in v0 an empty list asks for all, from v1 null does and an empty list asks for none.
// KIP-112 (offline replicas: v5), KIP-320 (leader epoch: v7), KIP-430 (authorized operations: v8), KIP-516
// (topic ids: v10), KIP-1102 (error code: v13).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct MetadataResponse;

struct MetadataRequest {
  static constexpr std::string_view schema_name = "MetadataRequest";
  static constexpr int16_t api_key = 3;
  using Response = MetadataResponse;
  static const MessageSchema& schema();

  struct MetadataRequestTopic {
    Uuid topic_id{};
    std::optional<std::string> name = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicId", topic_id, since(10));
      f("name", name, always.nullable_since(10));
    }
  };
  std::optional<std::vector<MetadataRequestTopic>> topics = std::vector<MetadataRequestTopic>{};
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topics", topics, always.nullable_since(1));
    f("allowAutoTopicCreation", allow_auto_topic_creation, since(4));
    f("includeClusterAuthorizedOperations", include_cluster_authorized_operations, between(8, 10));
    f("includeTopicAuthorizedOperations", include_topic_authorized_operations, since(8));
  }
};

struct MetadataResponse {
  static constexpr std::string_view schema_name = "MetadataResponse";
  static constexpr int16_t api_key = 3;
  static const MessageSchema& schema();

  struct MetadataResponseBroker {
    int32_t node_id = 0;
    std::string host{};
    int32_t port = 0;
    std::optional<std::string> rack{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("nodeId", node_id);
      f("host", host);
      f("port", port);
      f("rack", rack, since(1).nullable());
    }
  };
  struct MetadataResponsePartition {
    int16_t error_code = 0;
    int32_t partition_index = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = -1;
    std::vector<int32_t> replica_nodes{};
    std::vector<int32_t> isr_nodes{};
    std::vector<int32_t> offline_replicas{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("partitionIndex", partition_index);
      f("leaderId", leader_id);
      f("leaderEpoch", leader_epoch, since(7));
      f("replicaNodes", replica_nodes);
      f("isrNodes", isr_nodes);
      f("offlineReplicas", offline_replicas, since(5));
    }
  };
  struct MetadataResponseTopic {
    int16_t error_code = 0;
    std::optional<std::string> name = "";
    Uuid topic_id{};
    bool is_internal = false;
    std::vector<MetadataResponsePartition> partitions{};
    int32_t topic_authorized_operations = INT32_MIN;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("name", name, always.nullable_since(12));
      f("topicId", topic_id, since(10));
      f("isInternal", is_internal, since(1));
      f("partitions", partitions);
      f("topicAuthorizedOperations", topic_authorized_operations, since(8));
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<MetadataResponseBroker> brokers{};
  std::optional<std::string> cluster_id{};
  int32_t controller_id = -1;
  std::vector<MetadataResponseTopic> topics{};
  int32_t cluster_authorized_operations = INT32_MIN;
  int16_t error_code = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(3));
    f("brokers", brokers);
    f("clusterId", cluster_id, since(2).nullable());
    f("controllerId", controller_id, since(1));
    f("topics", topics);
    f("clusterAuthorizedOperations", cluster_authorized_operations, between(8, 10));
    f("errorCode", error_code, since(13));
  }
};

}  // namespace brokerlab::kafka
