// DescribeGroups (15): state and members of classic groups. Versions 0 to 6.
//
// KIP-430 (authorized operations: v3), KIP-345 (static members: v4), KIP-1043 (error message: v6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DescribeGroupsResponse;

struct DescribeGroupsRequest {
  static constexpr std::string_view schema_name = "DescribeGroupsRequest";
  static constexpr int16_t api_key = 15;
  using Response = DescribeGroupsResponse;
  static const MessageSchema& schema();

  std::vector<std::string> groups{};
  bool include_authorized_operations = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("groups", groups);
    f("includeAuthorizedOperations", include_authorized_operations, since(3));
  }
};

struct DescribeGroupsResponse {
  static constexpr std::string_view schema_name = "DescribeGroupsResponse";
  static constexpr int16_t api_key = 15;
  static const MessageSchema& schema();

  struct DescribedGroupMember {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    std::string client_id{};
    std::string client_host{};
    Bytes member_metadata{};
    Bytes member_assignment{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("memberId", member_id);
      f("groupInstanceId", group_instance_id, since(4).nullable());
      f("clientId", client_id);
      f("clientHost", client_host);
      f("memberMetadata", member_metadata);
      f("memberAssignment", member_assignment);
    }
  };
  struct DescribedGroup {
    int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::string group_id{};
    std::string group_state{};
    std::string protocol_type{};
    std::string protocol_data{};
    std::vector<DescribedGroupMember> members{};
    int32_t authorized_operations = INT32_MIN;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("errorMessage", error_message, since(6).nullable());
      f("groupId", group_id);
      f("groupState", group_state);
      f("protocolType", protocol_type);
      f("protocolData", protocol_data);
      f("members", members);
      f("authorizedOperations", authorized_operations, since(3));
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<DescribedGroup> groups{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(1));
    f("groups", groups);
  }
};

}  // namespace brokerlab::kafka
