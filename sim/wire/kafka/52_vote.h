// Vote (52): a candidate of the metadata quorum asks for a vote. Versions 0 to 2.
//
// KIP-595, KIP-853 (voters by directory id: v1), KIP-996 (pre-vote: v2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct VoteResponse;

struct VoteRequest {
  static constexpr std::string_view schema_name = "VoteRequest";
  static constexpr int16_t api_key = 52;
  using Response = VoteResponse;
  static const MessageSchema& schema();

  struct PartitionData {
    int32_t partition_index = 0;
    int32_t replica_epoch = 0;
    int32_t replica_id = 0;
    Uuid replica_directory_id{};
    Uuid voter_directory_id{};
    int32_t last_offset_epoch = 0;
    int64_t last_offset = 0;
    bool pre_vote = false;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("replicaEpoch", replica_epoch);
      f("replicaId", replica_id);
      f("replicaDirectoryId", replica_directory_id, since(1));
      f("voterDirectoryId", voter_directory_id, since(1));
      f("lastOffsetEpoch", last_offset_epoch);
      f("lastOffset", last_offset);
      f("preVote", pre_vote, since(2));
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
  std::optional<std::string> cluster_id{};
  int32_t voter_id = -1;
  std::vector<TopicData> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("clusterId", cluster_id, nullable);
    f("voterId", voter_id, since(1));
    f("topics", topics);
  }
};

struct VoteResponse {
  static constexpr std::string_view schema_name = "VoteResponse";
  static constexpr int16_t api_key = 52;
  static const MessageSchema& schema();

  struct PartitionData {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    bool vote_granted = false;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
      f("leaderId", leader_id);
      f("leaderEpoch", leader_epoch);
      f("voteGranted", vote_granted);
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
