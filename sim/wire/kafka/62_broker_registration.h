// BrokerRegistration (62): a broker joins the cluster under a new incarnation. Versions 0 to 4.
//
// KIP-631, KIP-866 (v1), KIP-858 (log directories: v2), KIP-966 (previous broker epoch: v3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct BrokerRegistrationResponse;

struct BrokerRegistrationRequest {
  static constexpr std::string_view schema_name = "BrokerRegistrationRequest";
  static constexpr int16_t api_key = 62;
  using Response = BrokerRegistrationResponse;
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
  int32_t broker_id = 0;
  std::string cluster_id{};
  Uuid incarnation_id{};
  std::vector<Listener> listeners{};
  std::vector<Feature> features{};
  std::optional<std::string> rack = "";
  bool is_migrating_zk_broker = false;
  std::vector<Uuid> log_dirs{};
  int64_t previous_broker_epoch = -1;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("brokerId", broker_id);
    f("clusterId", cluster_id);
    f("incarnationId", incarnation_id);
    f("listeners", listeners);
    f("features", features);
    f("rack", rack, nullable);
    f("isMigratingZkBroker", is_migrating_zk_broker, since(1));
    f("logDirs", log_dirs, since(2));
    f("previousBrokerEpoch", previous_broker_epoch, since(3));
  }
};

struct BrokerRegistrationResponse {
  static constexpr std::string_view schema_name = "BrokerRegistrationResponse";
  static constexpr int16_t api_key = 62;
  static const MessageSchema& schema();

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int64_t broker_epoch = -1;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("brokerEpoch", broker_epoch);
  }
};

}  // namespace brokerlab::kafka
