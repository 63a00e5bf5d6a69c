// SaslHandshake (17): chooses the SASL mechanism of a connection. Versions 0 and 1.
//
// KIP-43, KIP-152 (after v1 the tokens travel in SaslAuthenticate, after v0 bare).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct SaslHandshakeResponse;

struct SaslHandshakeRequest {
  static constexpr std::string_view schema_name = "SaslHandshakeRequest";
  static constexpr int16_t api_key = 17;
  using Response = SaslHandshakeResponse;
  static const MessageSchema& schema();

  std::string mechanism{};
  template <class F>
  void fields(F&& f) {
    f("mechanism", mechanism);
  }
};

struct SaslHandshakeResponse {
  static constexpr std::string_view schema_name = "SaslHandshakeResponse";
  static constexpr int16_t api_key = 17;
  static const MessageSchema& schema();

  int16_t error_code = 0;
  std::vector<std::string> mechanisms{};
  template <class F>
  void fields(F&& f) {
    f("errorCode", error_code);
    f("mechanisms", mechanisms);
  }
};

}  // namespace brokerlab::kafka
