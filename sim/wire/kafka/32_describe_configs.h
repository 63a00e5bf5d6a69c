// DescribeConfigs (32): settings of topics and brokers. Versions 1 to 4, before Kafka 4 also 0.
//
// KIP-226 (synonyms and sources: v1), KIP-569 (types and documentation: v3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DescribeConfigsResponse;

struct DescribeConfigsRequest {
  static constexpr std::string_view schema_name = "DescribeConfigsRequest";
  static constexpr int16_t api_key = 32;
  using Response = DescribeConfigsResponse;
  static const MessageSchema& schema();

  struct DescribeConfigsResource {
    int8_t resource_type = 0;
    std::string resource_name{};
    std::optional<std::vector<std::string>> configuration_keys = std::vector<std::string>{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("resourceType", resource_type);
      f("resourceName", resource_name);
      f("configurationKeys", configuration_keys, nullable);
    }
  };
  std::vector<DescribeConfigsResource> resources{};
  bool include_synonyms = false;
  bool include_documentation = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("resources", resources);
    f("includeSynonyms", include_synonyms, since(1));
    f("includeDocumentation", include_documentation, since(3));
  }
};

struct DescribeConfigsResponse {
  static constexpr std::string_view schema_name = "DescribeConfigsResponse";
  static constexpr int16_t api_key = 32;
  static const MessageSchema& schema();

  struct DescribeConfigsSynonym {
    std::string name{};
    std::optional<std::string> value = "";
    int8_t source = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("value", value, nullable);
      f("source", source);
    }
  };
  struct DescribeConfigsResourceResult {
    std::string name{};
    std::optional<std::string> value = "";
    bool read_only = false;
    bool is_default = false;
    int8_t config_source = -1;
    bool is_sensitive = false;
    std::vector<DescribeConfigsSynonym> synonyms{};
    int8_t config_type = 0;
    std::optional<std::string> documentation = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("value", value, nullable);
      f("readOnly", read_only);
      f("isDefault", is_default, until(0));
      f("configSource", config_source, since(1));
      f("isSensitive", is_sensitive);
      f("synonyms", synonyms, since(1));
      f("configType", config_type, since(3));
      f("documentation", documentation, since(3).nullable());
    }
  };
  struct DescribeConfigsResult {
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    int8_t resource_type = 0;
    std::string resource_name{};
    std::vector<DescribeConfigsResourceResult> configs{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
      f("resourceType", resource_type);
      f("resourceName", resource_name);
      f("configs", configs);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<DescribeConfigsResult> results{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("results", results);
  }
};

}  // namespace brokerlab::kafka
