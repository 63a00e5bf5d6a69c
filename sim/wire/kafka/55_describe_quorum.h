// DescribeQuorum (55): leader, voters and observers of the metadata quorum. Versions 0 to 2.
//
// KIP-595, KIP-836 (fetch timestamps: v1), KIP-853 (directory ids, nodes, error messages: v2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DescribeQuorumResponse;

struct DescribeQuorumRequest {
  static constexpr std::string_view schema_name = "DescribeQuorumRequest";
  static constexpr int16_t api_key = 55;
  using Response = DescribeQuorumResponse;
  static const MessageSchema& schema();

  struct PartitionData {
    int32_t partition_index = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
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
  std::vector<TopicData> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topics", topics);
  }
};

struct DescribeQuorumResponse {
  static constexpr std::string_view schema_name = "DescribeQuorumResponse";
  static constexpr int16_t api_key = 55;
  static const MessageSchema& schema();

  struct ReplicaState {
    int32_t replica_id = 0;
    Uuid replica_directory_id{};
    int64_t log_end_offset = 0;
    int64_t last_fetch_timestamp = -1;
    int64_t last_caught_up_timestamp = -1;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("replicaId", replica_id);
      f("replicaDirectoryId", replica_directory_id, since(2));
      f("logEndOffset", log_end_offset);
      f("lastFetchTimestamp", last_fetch_timestamp, since(1));
      f("lastCaughtUpTimestamp", last_caught_up_timestamp, since(1));
    }
  };
  struct PartitionData {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    int64_t high_watermark = 0;
    std::vector<ReplicaState> current_voters{};
    std::vector<ReplicaState> observers{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
      f("errorMessage", error_message, since(2).nullable());
      f("leaderId", leader_id);
      f("leaderEpoch", leader_epoch);
      f("highWatermark", high_watermark);
      f("currentVoters", current_voters);
      f("observers", observers);
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
  struct Listener {
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
  struct Node {
    int32_t node_id = 0;
    std::vector<Listener> listeners{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("nodeId", node_id);
      f("listeners", listeners);
    }
  };
  int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  std::vector<TopicData> topics{};
  std::vector<Node> nodes{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("errorCode", error_code);
    f("errorMessage", error_message, since(2).nullable());
    f("topics", topics);
    f("nodes", nodes, since(2));
  }
};

}  // namespace brokerlab::kafka
