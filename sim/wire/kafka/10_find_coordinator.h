// FindCoordinator (10): the broker that coordinates a group or a transactional id. Versions 0 to 6.
//
// KIP-98 (key type: v1), KIP-699 (several keys: v4), KIP-890 (v5), KIP-932 (share groups: v6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct FindCoordinatorResponse;

struct FindCoordinatorRequest {
  static constexpr std::string_view schema_name = "FindCoordinatorRequest";
  static constexpr int16_t api_key = 10;
  using Response = FindCoordinatorResponse;
  static const MessageSchema& schema();

  std::string key{};
  int8_t key_type = 0;
  std::vector<std::string> coordinator_keys{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("key", key, until(3));
    f("keyType", key_type, since(1));
    f("coordinatorKeys", coordinator_keys, since(4));
  }
};

struct FindCoordinatorResponse {
  static constexpr std::string_view schema_name = "FindCoordinatorResponse";
  static constexpr int16_t api_key = 10;
  static const MessageSchema& schema();

  struct Coordinator {
    std::string key{};
    int32_t node_id = 0;
    std::string host{};
    int32_t port = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("key", key);
      f("nodeId", node_id);
      f("host", host);
      f("port", port);
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  int32_t node_id = 0;
  std::string host{};
  int32_t port = 0;
  std::vector<Coordinator> coordinators{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(1));
    f("errorCode", error_code, until(3));
    f("errorMessage", error_message, between(1, 3).nullable());
    f("nodeId", node_id, until(3));
    f("host", host, until(3));
    f("port", port, until(3));
    f("coordinators", coordinators, since(4));
  }
};

}  // namespace brokerlab::kafka
