// CreateAcls (30): adds ACLs. Versions 1 to 3, before Kafka 4 also 0.
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

struct CreateAclsResponse;

struct CreateAclsRequest {
  static constexpr std::string_view schema_name = "CreateAclsRequest";
  static constexpr int16_t api_key = 30;
  using Response = CreateAclsResponse;
  static const MessageSchema& schema();

  struct AclCreation {
    int8_t resource_type = 0;
    std::string resource_name{};
    int8_t resource_pattern_type = 3;
    std::string principal{};
    std::string host{};
    int8_t operation = 0;
    int8_t permission_type = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("resourceType", resource_type);
      f("resourceName", resource_name);
      f("resourcePatternType", resource_pattern_type, since(1));
      f("principal", principal);
      f("host", host);
      f("operation", operation);
      f("permissionType", permission_type);
    }
  };
  std::vector<AclCreation> creations{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("creations", creations);
  }
};

struct CreateAclsResponse {
  static constexpr std::string_view schema_name = "CreateAclsResponse";
  static constexpr int16_t api_key = 30;
  static const MessageSchema& schema();

  struct AclCreationResult {
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<AclCreationResult> results{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("results", results);
  }
};

}  // namespace brokerlab::kafka
