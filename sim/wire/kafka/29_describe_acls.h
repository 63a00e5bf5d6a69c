// DescribeAcls (29): the ACLs that match a filter. Versions 1 to 3, before Kafka 4 also 0.
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

struct DescribeAclsResponse;

struct DescribeAclsRequest {
  static constexpr std::string_view schema_name = "DescribeAclsRequest";
  static constexpr int16_t api_key = 29;
  using Response = DescribeAclsResponse;
  static const MessageSchema& schema();

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

struct DescribeAclsResponse {
  static constexpr std::string_view schema_name = "DescribeAclsResponse";
  static constexpr int16_t api_key = 29;
  static const MessageSchema& schema();

  struct AclDescription {
    std::string principal{};
    std::string host{};
    int8_t operation = 0;
    int8_t permission_type = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("principal", principal);
      f("host", host);
      f("operation", operation);
      f("permissionType", permission_type);
    }
  };
  struct DescribeAclsResource {
    int8_t resource_type = 0;
    std::string resource_name{};
    int8_t pattern_type = 3;
    std::vector<AclDescription> acls{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("resourceType", resource_type);
      f("resourceName", resource_name);
      f("patternType", pattern_type, since(1));
      f("acls", acls);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  std::vector<DescribeAclsResource> resources{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("errorMessage", error_message, nullable);
    f("resources", resources);
  }
};

}  // namespace brokerlab::kafka
