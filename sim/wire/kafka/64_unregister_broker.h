// UnregisterBroker (64): makes the cluster forget a broker. Version 0.
//
// KIP-631.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct UnregisterBrokerResponse;

struct UnregisterBrokerRequest {
  static constexpr std::string_view schema_name = "UnregisterBrokerRequest";
  static constexpr int16_t api_key = 64;
  using Response = UnregisterBrokerResponse;
  static const MessageSchema& schema();

  int32_t broker_id = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("brokerId", broker_id);
  }
};

struct UnregisterBrokerResponse {
  static constexpr std::string_view schema_name = "UnregisterBrokerResponse";
  static constexpr int16_t api_key = 64;
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
