// SaslAuthenticate (36): one token of a SASL exchange. Versions 0 to 2.
//
// KIP-152, KIP-368 (session lifetime: v1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/bytes.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct SaslAuthenticateResponse;

struct SaslAuthenticateRequest {
  static constexpr std::string_view schema_name = "SaslAuthenticateRequest";
  static constexpr int16_t api_key = 36;
  using Response = SaslAuthenticateResponse;
  static const MessageSchema& schema();

  Bytes auth_bytes{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("authBytes", auth_bytes);
  }
};

struct SaslAuthenticateResponse {
  static constexpr std::string_view schema_name = "SaslAuthenticateResponse";
  static constexpr int16_t api_key = 36;
  static const MessageSchema& schema();

  int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  Bytes auth_bytes{};
  int64_t session_lifetime_ms = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("errorCode", error_code);
    f("errorMessage", error_message, nullable);
    f("authBytes", auth_bytes);
    f("sessionLifetimeMs", session_lifetime_ms, since(1));
  }
};

}  // namespace brokerlab::kafka
