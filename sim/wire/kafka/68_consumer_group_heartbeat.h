// ConsumerGroupHeartbeat (68): a member of a consumer group joins, stays, leaves, and gets its
// assignment. Versions 0 and 1.
//
// KIP-848 (subscription by regular expression: v1), KIP-1082 (the client makes the member id: v1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ConsumerGroupHeartbeatResponse;

struct ConsumerGroupHeartbeatRequest {
  static constexpr std::string_view schema_name = "ConsumerGroupHeartbeatRequest";
  static constexpr int16_t api_key = 68;
  using Response = ConsumerGroupHeartbeatResponse;
  static const MessageSchema& schema();

  struct TopicPartitions {
    Uuid topic_id{};
    std::vector<int32_t> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicId", topic_id);
      f("partitions", partitions);
    }
  };
  std::string group_id{};
  std::string member_id{};
  int32_t member_epoch = 0;
  std::optional<std::string> instance_id{};
  std::optional<std::string> rack_id{};
  int32_t rebalance_timeout_ms = -1;
  std::optional<std::vector<std::string>> subscribed_topic_names{};
  std::optional<std::string> subscribed_topic_regex{};
  std::optional<std::string> server_assignor{};
  std::optional<std::vector<TopicPartitions>> topic_partitions{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
    f("memberId", member_id);
    f("memberEpoch", member_epoch);
    f("instanceId", instance_id, nullable);
    f("rackId", rack_id, nullable);
    f("rebalanceTimeoutMs", rebalance_timeout_ms);
    f("subscribedTopicNames", subscribed_topic_names, nullable);
    f("subscribedTopicRegex", subscribed_topic_regex, since(1).nullable());
    f("serverAssignor", server_assignor, nullable);
    f("topicPartitions", topic_partitions, nullable);
  }
};

struct ConsumerGroupHeartbeatResponse {
  static constexpr std::string_view schema_name = "ConsumerGroupHeartbeatResponse";
  static constexpr int16_t api_key = 68;
  static const MessageSchema& schema();

  struct TopicPartitions {
    Uuid topic_id{};
    std::vector<int32_t> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicId", topic_id);
      f("partitions", partitions);
    }
  };
  struct Assignment {
    std::vector<TopicPartitions> topic_partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicPartitions", topic_partitions);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message{};
  std::optional<std::string> member_id{};
  int32_t member_epoch = 0;
  int32_t heartbeat_interval_ms = 0;
  std::optional<Assignment> assignment{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("errorMessage", error_message, nullable);
    f("memberId", member_id, nullable);
    f("memberEpoch", member_epoch);
    f("heartbeatIntervalMs", heartbeat_interval_ms);
    f("assignment", assignment, nullable);
  }
};

}  // namespace brokerlab::kafka
