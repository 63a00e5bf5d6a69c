// Envelope (58): a broker forwards a client's request to the controller. Version 0.
//
// KIP-590. The request inside stands with its header, the response too, both without a length prefix.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/base/bytes.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct EnvelopeResponse;

struct EnvelopeRequest {
  static constexpr std::string_view schema_name = "EnvelopeRequest";
  static constexpr int16_t api_key = 58;
  using Response = EnvelopeResponse;
  static const MessageSchema& schema();

  Bytes request_data{};
  std::optional<Bytes> request_principal = Bytes{};
  Bytes client_host_address{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("requestData", request_data);
    f("requestPrincipal", request_principal, nullable);
    f("clientHostAddress", client_host_address);
  }
};

struct EnvelopeResponse {
  static constexpr std::string_view schema_name = "EnvelopeResponse";
  static constexpr int16_t api_key = 58;
  static const MessageSchema& schema();

  std::optional<Bytes> response_data{};
  int16_t error_code = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("responseData", response_data, nullable);
    f("errorCode", error_code);
  }
};

}  // namespace brokerlab::kafka
