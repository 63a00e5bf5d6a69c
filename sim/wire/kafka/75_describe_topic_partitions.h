// DescribeTopicPartitions (75): partitions with eligible leader replicas, page by page. Version 0.
//
// KIP-966.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DescribeTopicPartitionsResponse;

struct DescribeTopicPartitionsRequest {
  static constexpr std::string_view schema_name = "DescribeTopicPartitionsRequest";
  static constexpr int16_t api_key = 75;
  using Response = DescribeTopicPartitionsResponse;
  static const MessageSchema& schema();

  struct TopicRequest {
    std::string name{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
    }
  };
  struct Cursor {
    std::string topic_name{};
    int32_t partition_index = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name);
      f("partitionIndex", partition_index);
    }
  };
  std::vector<TopicRequest> topics{};
  int32_t response_partition_limit = 2000;
  std::optional<Cursor> cursor{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topics", topics);
    f("responsePartitionLimit", response_partition_limit);
    f("cursor", cursor, nullable);
  }
};

struct DescribeTopicPartitionsResponse {
  static constexpr std::string_view schema_name = "DescribeTopicPartitionsResponse";
  static constexpr int16_t api_key = 75;
  static const MessageSchema& schema();

  struct DescribeTopicPartitionsResponsePartition {
    int16_t error_code = 0;
    int32_t partition_index = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = -1;
    std::vector<int32_t> replica_nodes{};
    std::vector<int32_t> isr_nodes{};
    std::optional<std::vector<int32_t>> eligible_leader_replicas{};
    std::optional<std::vector<int32_t>> last_known_elr{};
    std::vector<int32_t> offline_replicas{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("partitionIndex", partition_index);
      f("leaderId", leader_id);
      f("leaderEpoch", leader_epoch);
      f("replicaNodes", replica_nodes);
      f("isrNodes", isr_nodes);
      f("eligibleLeaderReplicas", eligible_leader_replicas, nullable);
      f("lastKnownElr", last_known_elr, nullable);
      f("offlineReplicas", offline_replicas);
    }
  };
  struct DescribeTopicPartitionsResponseTopic {
    int16_t error_code = 0;
    std::optional<std::string> name = "";
    Uuid topic_id{};
    bool is_internal = false;
    std::vector<DescribeTopicPartitionsResponsePartition> partitions{};
    int32_t topic_authorized_operations = INT32_MIN;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("name", name, nullable);
      f("topicId", topic_id);
      f("isInternal", is_internal);
      f("partitions", partitions);
      f("topicAuthorizedOperations", topic_authorized_operations);
    }
  };
  struct Cursor {
    std::string topic_name{};
    int32_t partition_index = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicName", topic_name);
      f("partitionIndex", partition_index);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<DescribeTopicPartitionsResponseTopic> topics{};
  std::optional<Cursor> next_cursor{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("topics", topics);
    f("nextCursor", next_cursor, nullable);
  }
};

}  // namespace brokerlab::kafka
