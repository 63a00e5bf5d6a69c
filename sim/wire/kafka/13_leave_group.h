// LeaveGroup (13): members leave a classic group. Versions 0 to 5.
//
// KIP-345 (several members: v3), KIP-800 (reason: v5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct LeaveGroupResponse;

struct LeaveGroupRequest {
  static constexpr std::string_view schema_name = "LeaveGroupRequest";
  static constexpr int16_t api_key = 13;
  using Response = LeaveGroupResponse;
  static const MessageSchema& schema();

  struct MemberIdentity {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    std::optional<std::string> reason{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("memberId", member_id);
      f("groupInstanceId", group_instance_id, nullable);
      f("reason", reason, since(5).nullable());
    }
  };
  std::string group_id{};
  std::string member_id{};
  std::vector<MemberIdentity> members{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
    f("memberId", member_id, until(2));
    f("members", members, since(3));
  }
};

struct LeaveGroupResponse {
  static constexpr std::string_view schema_name = "LeaveGroupResponse";
  static constexpr int16_t api_key = 13;
  static const MessageSchema& schema();

  struct MemberResponse {
    std::string member_id{};
    std::optional<std::string> group_instance_id = "";
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("memberId", member_id);
      f("groupInstanceId", group_instance_id, nullable);
      f("errorCode", error_code);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<MemberResponse> members{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(1));
    f("errorCode", error_code);
    f("members", members, since(3));
  }
};

}  // namespace brokerlab::kafka
