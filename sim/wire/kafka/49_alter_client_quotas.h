// AlterClientQuotas (49): sets or removes quotas of users, clients and addresses. Versions 0 and 1.
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

struct AlterClientQuotasResponse;

struct AlterClientQuotasRequest {
  static constexpr std::string_view schema_name = "AlterClientQuotasRequest";
  static constexpr int16_t api_key = 49;
  using Response = AlterClientQuotasResponse;
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
  struct OpData {
    std::string key{};
    double value = 0;
    bool remove = false;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("key", key);
      f("value", value);
      f("remove", remove);
    }
  };
  struct EntryData {
    std::vector<EntityData> entity{};
    std::vector<OpData> ops{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("entity", entity);
      f("ops", ops);
    }
  };
  std::vector<EntryData> entries{};
  bool validate_only = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("entries", entries);
    f("validateOnly", validate_only);
  }
};

struct AlterClientQuotasResponse {
  static constexpr std::string_view schema_name = "AlterClientQuotasResponse";
  static constexpr int16_t api_key = 49;
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
  struct EntryData {
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::vector<EntityData> entity{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
      f("entity", entity);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<EntryData> entries{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("entries", entries);
  }
};

}  // namespace brokerlab::kafka
