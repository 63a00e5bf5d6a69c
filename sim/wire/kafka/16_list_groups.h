// ListGroups (16): the groups that a broker coordinates. Versions 0 to 5.
//
// KIP-518 (states: v4), KIP-848 (types: v5).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ListGroupsResponse;

struct ListGroupsRequest {
  static constexpr std::string_view schema_name = "ListGroupsRequest";
  static constexpr int16_t api_key = 16;
  using Response = ListGroupsResponse;
  static const MessageSchema& schema();

  std::vector<std::string> states_filter{};
  std::vector<std::string> types_filter{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("statesFilter", states_filter, since(4));
    f("typesFilter", types_filter, since(5));
  }
};

struct ListGroupsResponse {
  static constexpr std::string_view schema_name = "ListGroupsResponse";
  static constexpr int16_t api_key = 16;
  static const MessageSchema& schema();

  struct ListedGroup {
    std::string group_id{};
    std::string protocol_type{};
    std::string group_state{};
    std::string group_type{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("groupId", group_id);
      f("protocolType", protocol_type);
      f("groupState", group_state, since(4));
      f("groupType", group_type, since(5));
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<ListedGroup> groups{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(1));
    f("errorCode", error_code);
    f("groups", groups);
  }
};

}  // namespace brokerlab::kafka
