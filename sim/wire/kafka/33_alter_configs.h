// AlterConfigs (33): replaces all settings of a resource. Versions 0 to 2.
//
// KIP-133. IncrementalAlterConfigs (44) has taken its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct AlterConfigsResponse;

struct AlterConfigsRequest {
  static constexpr std::string_view schema_name = "AlterConfigsRequest";
  static constexpr int16_t api_key = 33;
  using Response = AlterConfigsResponse;
  static const MessageSchema& schema();

  struct AlterableConfig {
    std::string name{};
    std::optional<std::string> value = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("value", value, nullable);
    }
  };
  struct AlterConfigsResource {
    int8_t resource_type = 0;
    std::string resource_name{};
    std::vector<AlterableConfig> configs{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("resourceType", resource_type);
      f("resourceName", resource_name);
      f("configs", configs);
    }
  };
  std::vector<AlterConfigsResource> resources{};
  bool validate_only = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("resources", resources);
    f("validateOnly", validate_only);
  }
};

struct AlterConfigsResponse {
  static constexpr std::string_view schema_name = "AlterConfigsResponse";
  static constexpr int16_t api_key = 33;
  static const MessageSchema& schema();

  struct AlterConfigsResourceResponse {
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    int8_t resource_type = 0;
    std::string resource_name{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
      f("resourceType", resource_type);
      f("resourceName", resource_name);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<AlterConfigsResourceResponse> responses{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("responses", responses);
  }
};

}  // namespace brokerlab::kafka
