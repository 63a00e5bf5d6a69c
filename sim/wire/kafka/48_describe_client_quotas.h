// DescribeClientQuotas (48): the quotas of users, clients and addresses. Versions 0 and 1.
//
// KIP-546.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DescribeClientQuotasResponse;

struct DescribeClientQuotasRequest {
  static constexpr std::string_view schema_name = "DescribeClientQuotasRequest";
  static constexpr int16_t api_key = 48;
  using Response = DescribeClientQuotasResponse;
  static const MessageSchema& schema();

  struct ComponentData {
    std::string entity_type{};
    int8_t match_type = 0;
    std::optional<std::string> match = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("entityType", entity_type);
      f("matchType", match_type);
      f("match", match, nullable);
    }
  };
  std::vector<ComponentData> components{};
  bool strict = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("components", components);
    f("strict", strict);
  }
};

struct DescribeClientQuotasResponse {
  static constexpr std::string_view schema_name = "DescribeClientQuotasResponse";
  static constexpr int16_t api_key = 48;
  static const MessageSchema& schema();

  struct EntityData {
    std::string entity_type{};
    std::optional<std::string> entity_name = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("entityType", entity_type);
      f("entityName", entity_name, nullable);
    }
  };
  struct ValueData {
    std::string key{};
    double value = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("key", key);
      f("value", value);
    }
  };
  struct EntryData {
    std::vector<EntityData> entity{};
    std::vector<ValueData> values{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("entity", entity);
      f("values", values);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  std::optional<std::vector<EntryData>> entries = std::vector<EntryData>{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("errorMessage", error_message, nullable);
    f("entries", entries, nullable);
  }
};

}  // namespace brokerlab::kafka
