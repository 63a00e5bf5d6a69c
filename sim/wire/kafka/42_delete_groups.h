// DeleteGroups (42): deletes empty groups with their offsets. Versions 0 to 2.
//
// KIP-229.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DeleteGroupsResponse;

struct DeleteGroupsRequest {
  static constexpr std::string_view schema_name = "DeleteGroupsRequest";
  static constexpr int16_t api_key = 42;
  using Response = DeleteGroupsResponse;
  static const MessageSchema& schema();

  std::vector<std::string> groups_names{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("groupsNames", groups_names);
  }
};

struct DeleteGroupsResponse {
  static constexpr std::string_view schema_name = "DeleteGroupsResponse";
  static constexpr int16_t api_key = 42;
  static const MessageSchema& schema();

  struct DeletableGroupResult {
    std::string group_id{};
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("groupId", group_id);
      f("errorCode", error_code);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<DeletableGroupResult> results{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("results", results);
  }
};

}  // namespace brokerlab::kafka
