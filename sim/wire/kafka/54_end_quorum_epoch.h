// EndQuorumEpoch (54): a leader of the metadata quorum resigns and names who should follow. Versions 0 and
// 1.
//
// KIP-595, KIP-853 (candidates with directory ids: v1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct EndQuorumEpochResponse;

struct EndQuorumEpochRequest {
  static constexpr std::string_view schema_name = "EndQuorumEpochRequest";
  static constexpr int16_t api_key = 54;
  using Response = EndQuorumEpochResponse;
  static const MessageSchema& schema();

  struct ReplicaInfo {
    int32_t candidate_id = 0;
    Uuid candidate_directory_id{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("candidateId", candidate_id);
      f("candidateDirectoryId", candidate_directory_id);
    }
  };
  struct PartitionData {
    int32_t partition_index = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    std::vector<int32_t> preferred_successors{};
    std::vector<ReplicaInfo> preferred_candidates{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("leaderId", leader_id);
      f("leaderEpoch", leader_epoch);
      f("preferredSuccessors", preferred_successors, until(0));
      f("preferredCandidates", preferred_candidates, since(1));
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
  std::vector<TopicData> topics{};
  std::vector<LeaderEndpoint> leader_endpoints{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("clusterId", cluster_id, nullable);
    f("topics", topics);
    f("leaderEndpoints", leader_endpoints, since(1));
  }
};

struct EndQuorumEpochResponse {
  static constexpr std::string_view schema_name = "EndQuorumEpochResponse";
  static constexpr int16_t api_key = 54;
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
