// JoinGroup (11): a member joins a classic group. Versions 0 to 9.
//
// KIP-62 (rebalance timeout: v1), KIP-394 (v4 and later answer MEMBER_ID_REQUIRED to a member without an
// id), KIP-345 (static members: v5), KIP-559 (protocol type in the answer: v7), KIP-800 (reason: v8),
// KIP-814 (a leader that must not assign: v9).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct JoinGroupResponse;

struct JoinGroupRequest {
  static constexpr std::string_view schema_name = "JoinGroupRequest";
  static constexpr int16_t api_key = 11;
  using Response = JoinGroupResponse;
  static const MessageSchema& schema();

  struct JoinGroupRequestProtocol {
    std::string name{};
    Bytes metadata{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("metadata", metadata);
    }
  };
  std::string group_id{};
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = -1;
  std::string member_id{};
  std::optional<std::string> group_instance_id{};
  std::string protocol_type{};
  std::vector<JoinGroupRequestProtocol> protocols{};
  std::optional<std::string> reason{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
    f("sessionTimeoutMs", session_timeout_ms);
    f("rebalanceTimeoutMs", rebalance_timeout_ms, since(1));
    f("memberId", member_id);
    f("groupInstanceId", group_instance_id, since(5).nullable());
    f("protocolType", protocol_type);
    f("protocols", protocols);
    f("reason", reason, since(8).nullable());
  }
};

struct JoinGroupResponse {
  static constexpr std::string_view schema_name = "JoinGroupResponse";
  static constexpr int16_t api_key = 11;
  static const MessageSchema& schema();

  struct JoinGroupResponseMember {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    Bytes metadata{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("memberId", member_id);
      f("groupInstanceId", group_instance_id, since(5).nullable());
      f("metadata", metadata);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int32_t generation_id = -1;
  std::optional<std::string> protocol_type{};
  std::optional<std::string> protocol_name = "";
  std::string leader{};
  bool skip_assignment = false;
  std::string member_id{};
  std::vector<JoinGroupResponseMember> members{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(2));
    f("errorCode", error_code);
    f("generationId", generation_id);
    f("protocolType", protocol_type, since(7).nullable());
    f("protocolName", protocol_name, always.nullable_since(7));
    f("leader", leader);
    f("skipAssignment", skip_assignment, since(9));
    f("memberId", member_id);
    f("members", members);
  }
};

}  // namespace brokerlab::kafka
