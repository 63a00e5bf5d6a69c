// ControllerRegistration (70): a controller names its listeners and features. Version 0.
//
// KIP-919.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ControllerRegistrationResponse;

struct ControllerRegistrationRequest {
  static constexpr std::string_view schema_name = "ControllerRegistrationRequest";
  static constexpr int16_t api_key = 70;
  using Response = ControllerRegistrationResponse;
  static const MessageSchema& schema();

  struct Listener {
    std::string name{};
    std::string host{};
    uint16_t port = 0;
    int16_t security_protocol = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("host", host);
      f("port", port);
      f("securityProtocol", security_protocol);
    }
  };
  struct Feature {
    std::string name{};
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("minSupportedVersion", min_supported_version);
      f("maxSupportedVersion", max_supported_version);
    }
  };
  int32_t controller_id = 0;
  Uuid incarnation_id{};
  bool zk_migration_ready = false;
  std::vector<Listener> listeners{};
  std::vector<Feature> features{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("controllerId", controller_id);
    f("incarnationId", incarnation_id);
    f("zkMigrationReady", zk_migration_ready);
    f("listeners", listeners);
    f("features", features);
  }
};

struct ControllerRegistrationResponse {
  static constexpr std::string_view schema_name = "ControllerRegistrationResponse";
  static constexpr int16_t api_key = 70;
  static const MessageSchema& schema();

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("errorMessage", error_message, nullable);
  }
};

}  // namespace brokerlab::kafka
