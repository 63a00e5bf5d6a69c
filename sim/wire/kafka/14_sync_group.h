// SyncGroup (14): the leader of a classic group hands in the assignment, every member gets its own.
// Versions 0 to 5.
//
// KIP-345 (static members: v3), KIP-559 (protocol type and name: v5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct SyncGroupResponse;

struct SyncGroupRequest {
  static constexpr std::string_view schema_name = "SyncGroupRequest";
  static constexpr int16_t api_key = 14;
  using Response = SyncGroupResponse;
  static const MessageSchema& schema();

  struct SyncGroupRequestAssignment {
    std::string member_id{};
    Bytes assignment{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("memberId", member_id);
      f("assignment", assignment);
    }
  };
  std::string group_id{};
  int32_t generation_id = 0;
  std::string member_id{};
  std::optional<std::string> group_instance_id{};
  std::optional<std::string> protocol_type{};
  std::optional<std::string> protocol_name{};
  std::vector<SyncGroupRequestAssignment> assignments{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
    f("generationId", generation_id);
    f("memberId", member_id);
    f("groupInstanceId", group_instance_id, since(3).nullable());
    f("protocolType", protocol_type, since(5).nullable());
    f("protocolName", protocol_name, since(5).nullable());
    f("assignments", assignments);
  }
};

struct SyncGroupResponse {
  static constexpr std::string_view schema_name = "SyncGroupResponse";
  static constexpr int16_t api_key = 14;
  static const MessageSchema& schema();

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> protocol_type{};
  std::optional<std::string> protocol_name{};
  Bytes assignment{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(1));
    f("errorCode", error_code);
    f("protocolType", protocol_type, since(5).nullable());
    f("protocolName", protocol_name, since(5).nullable());
    f("assignment", assignment);
  }
};

}  // namespace brokerlab::kafka
