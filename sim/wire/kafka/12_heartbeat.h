// Heartbeat (12): a member of a classic group is alive, and learns of rebalances. Versions 0 to 4.
//
// KIP-345 (static members: v3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct HeartbeatResponse;

struct HeartbeatRequest {
  static constexpr std::string_view schema_name = "HeartbeatRequest";
  static constexpr int16_t api_key = 12;
  using Response = HeartbeatResponse;
  static const MessageSchema& schema();

  std::string group_id{};
  int32_t generation_id = 0;
  std::string member_id{};
  std::optional<std::string> group_instance_id{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
    f("generationId", generation_id);
    f("memberId", member_id);
    f("groupInstanceId", group_instance_id, since(3).nullable());
  }
};

struct HeartbeatResponse {
  static constexpr std::string_view schema_name = "HeartbeatResponse";
  static constexpr int16_t api_key = 12;
  static const MessageSchema& schema();

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(1));
    f("errorCode", error_code);
  }
};

}  // namespace brokerlab::kafka
