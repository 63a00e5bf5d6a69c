// ListConfigResources (74): the resources that have settings. Versions 0 and 1.
//
// KIP-714 (client metrics only: v0), KIP-1142 (all types: v1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ListConfigResourcesResponse;

struct ListConfigResourcesRequest {
  static constexpr std::string_view schema_name = "ListConfigResourcesRequest";
  static constexpr int16_t api_key = 74;
  using Response = ListConfigResourcesResponse;
  static const MessageSchema& schema();

  std::vector<int8_t> resource_types{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("resourceTypes", resource_types, since(1));
  }
};

struct ListConfigResourcesResponse {
  static constexpr std::string_view schema_name = "ListConfigResourcesResponse";
  static constexpr int16_t api_key = 74;
  static const MessageSchema& schema();

  struct ConfigResource {
    std::string resource_name{};
    int8_t resource_type = 16;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("resourceName", resource_name);
      f("resourceType", resource_type, since(1));
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<ConfigResource> config_resources{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("configResources", config_resources);
  }
};

}  // namespace brokerlab::kafka
