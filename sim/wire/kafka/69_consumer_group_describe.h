// ConsumerGroupDescribe (69): state, members and assignments of consumer groups. Versions 0 and 1.
//
// KIP-848, KIP-1099 (kind of member: v1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ConsumerGroupDescribeResponse;

struct ConsumerGroupDescribeRequest {
  static constexpr std::string_view schema_name = "ConsumerGroupDescribeRequest";
  static constexpr int16_t api_key = 69;
  using Response = ConsumerGroupDescribeResponse;
  static const MessageSchema& schema();

  std::vector<std::string> group_ids{};
  bool include_authorized_operations = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("groupIds", group_ids);
    f("includeAuthorizedOperations", include_authorized_operations);
  }
};

struct ConsumerGroupDescribeResponse {
  static constexpr std::string_view schema_name = "ConsumerGroupDescribeResponse";
  static constexpr int16_t api_key = 69;
  static const MessageSchema& schema();

  struct TopicPartitions {
    Uuid topic_id{};
    std::string topic_name{};
    std::vector<int32_t> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicId", topic_id);
      f("topicName", topic_name);
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
  struct Member {
    std::string member_id{};
    std::optional<std::string> instance_id{};
    std::optional<std::string> rack_id{};
    int32_t member_epoch = 0;
    std::string client_id{};
    std::string client_host{};
    std::vector<std::string> subscribed_topic_names{};
    std::optional<std::string> subscribed_topic_regex{};
    Assignment assignment{};
    Assignment target_assignment{};
    int8_t member_type = -1;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("memberId", member_id);
      f("instanceId", instance_id, nullable);
      f("rackId", rack_id, nullable);
      f("memberEpoch", member_epoch);
      f("clientId", client_id);
      f("clientHost", client_host);
      f("subscribedTopicNames", subscribed_topic_names);
      f("subscribedTopicRegex", subscribed_topic_regex, nullable);
      f("assignment", assignment);
      f("targetAssignment", target_assignment);
      f("memberType", member_type, since(1));
    }
  };
  struct DescribedGroup {
    int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::string group_id{};
    std::string group_state{};
    int32_t group_epoch = 0;
    int32_t assignment_epoch = 0;
    std::string assignor_name{};
    std::vector<Member> members{};
    int32_t authorized_operations = INT32_MIN;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
      f("groupId", group_id);
      f("groupState", group_state);
      f("groupEpoch", group_epoch);
      f("assignmentEpoch", assignment_epoch);
      f("assignorName", assignor_name);
      f("members", members);
      f("authorizedOperations", authorized_operations);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<DescribedGroup> groups{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("groups", groups);
  }
};

}  // namespace brokerlab::kafka
