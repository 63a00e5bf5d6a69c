// BeginQuorumEpoch (53): a new leader of the metadata quorum tells the voters. Versions 0 and 1.
//
// KIP-595, KIP-853 (directory ids and endpoints: v1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct BeginQuorumEpochResponse;

struct BeginQuorumEpochRequest {
  static constexpr std::string_view schema_name = "BeginQuorumEpochRequest";
  static constexpr int16_t api_key = 53;
  using Response = BeginQuorumEpochResponse;
  static const MessageSchema& schema();

  struct PartitionData {
    int32_t partition_index = 0;
    Uuid voter_directory_id{};
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("voterDirectoryId", voter_directory_id, since(1));
      f("leaderId", leader_id);
      f("leaderEpoch", leader_epoch);
    }
  };
  struct TopicData {
    std::string topic_name{};
    std::vector<PartitionData> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name);
      f("partitions", partitions);
    }
  };
  struct LeaderEndpoint {
    std::string name{};
    std::string host{};
    uint16_t port = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("host", host);
      f("port", port);
    }
  };
  std::optional<std::string> cluster_id{};
  int32_t voter_id = -1;
  std::vector<TopicData> topics{};
  std::vector<LeaderEndpoint> leader_endpoints{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("clusterId", cluster_id, nullable);
    f("voterId", voter_id, since(1));
    f("topics", topics);
    f("leaderEndpoints", leader_endpoints, since(1));
  }
};

struct BeginQuorumEpochResponse {
  static constexpr std::string_view schema_name = "BeginQuorumEpochResponse";
  static constexpr int16_t api_key = 53;
  static const MessageSchema& schema();

  struct PartitionData {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
      f("leaderId", leader_id);
      f("leaderEpoch", leader_epoch);
    }
  };
  struct TopicData {
    std::string topic_name{};
    std::vector<PartitionData> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name);
      f("partitions", partitions);
    }
  };
  struct NodeEndpoint {
    int32_t node_id = 0;
    std::string host{};
    uint16_t port = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("nodeId", node_id);
      f("host", host);
      f("port", port);
    }
  };
  int16_t error_code = 0;
  std::vector<TopicData> topics{};
  std::vector<NodeEndpoint> node_endpoints{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("errorCode", error_code);
    f("topics", topics);
    f("nodeEndpoints", node_endpoints, since(1).tagged(0));
  }
};

}  // namespace brokerlab::kafka
