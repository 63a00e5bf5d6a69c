// DeleteAcls (31): removes the ACLs that match filters. Versions 1 to 3, before Kafka 4 also 0.
//
// KIP-140, KIP-290 (pattern types: v1), KIP-373 (users as resources: v3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DeleteAclsResponse;

struct DeleteAclsRequest {
  static constexpr std::string_view schema_name = "DeleteAclsRequest";
  static constexpr int16_t api_key = 31;
  using Response = DeleteAclsResponse;
  static const MessageSchema& schema();

  struct DeleteAclsFilter {
    int8_t resource_type_filter = 0;
    std::optional<std::string> resource_name_filter = "";
    int8_t pattern_type_filter = 3;
    std::optional<std::string> principal_filter = "";
    std::optional<std::string> host_filter = "";
    int8_t operation = 0;
    int8_t permission_type = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("resourceTypeFilter", resource_type_filter);
      f("resourceNameFilter", resource_name_filter, nullable);
      f("patternTypeFilter", pattern_type_filter, since(1));
      f("principalFilter", principal_filter, nullable);
      f("hostFilter", host_filter, nullable);
      f("operation", operation);
      f("permissionType", permission_type);
    }
  };
  std::vector<DeleteAclsFilter> filters{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("filters", filters);
  }
};

struct DeleteAclsResponse {
  static constexpr std::string_view schema_name = "DeleteAclsResponse";
  static constexpr int16_t api_key = 31;
  static const MessageSchema& schema();

  struct DeleteAclsMatchingAcl {
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    int8_t resource_type = 0;
    std::string resource_name{};
    int8_t pattern_type = 3;
    std::string principal{};
    std::string host{};
    int8_t operation = 0;
    int8_t permission_type = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
      f("resourceType", resource_type);
      f("resourceName", resource_name);
      f("patternType", pattern_type, since(1));
      f("principal", principal);
      f("host", host);
      f("operation", operation);
      f("permissionType", permission_type);
    }
  };
  struct DeleteAclsFilterResult {
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::vector<DeleteAclsMatchingAcl> matching_acls{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
      f("matchingAcls", matching_acls);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<DeleteAclsFilterResult> filter_results{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("filterResults", filter_results);
  }
};

}  // namespace brokerlab::kafka
