// Frames of Kafka's protocol: an int32 length, a header, a body.
//
// Request header v1 is key, version, correlation id and client id (v0, of one old message, lacks that); v2,
// of flexible versions, adds tagged fields but leaves the client id in the classic encoding (KIP-482).
// Response header v0 is the correlation id, v1 adds tagged fields. Which one goes with a version stands in
// api_table.h. Frames that arrive have lost their length prefix in the framer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct RequestHeader {
  static constexpr std::string_view schema_name = "RequestHeader";
  static constexpr Versions versions{0, 2};
  static constexpr int16_t first_flexible = 2;
  static const MessageSchema& schema();

  int16_t api_key = 0;
  int16_t api_version = 0;
  int32_t correlation_id = 0;
  std::optional<std::string> client_id = "";
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("requestApiKey", api_key);
    f("requestApiVersion", api_version);
    f("correlationId", correlation_id);
    f("clientId", client_id, since(1).nullable().not_compact());
  }
};

struct ResponseHeader {
  static constexpr std::string_view schema_name = "ResponseHeader";
  static constexpr Versions versions{0, 1};
  static constexpr int16_t first_flexible = 1;
  static const MessageSchema& schema();

  int32_t correlation_id = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("correlationId", correlation_id);
  }
};

namespace untyped {

Slices request_frame(const void* message, const MessageSchema& schema, const RequestHeader& header);
Slices response_frame(const void* message, const MessageSchema& schema, int16_t api_key, int16_t version,
                      int32_t correlation_id);

}  // namespace untyped

/// A whole request, length prefix included, in one allocation beside its record slices.
/// REQUIRES: a version of the schema.
template <class M>
requires requires { typename M::Response; }
Slices request_frame(const M& message, int16_t version, int32_t correlation_id, std::string_view client_id) {
  return untyped::request_frame(&message, M::schema(),
                                {M::api_key, version, correlation_id, std::string(client_id)});
}
/// A whole response, length prefix included.
template <class M>
Slices response_frame(const M& message, int16_t version, int32_t correlation_id) {
  static_assert(
      !requires { typename M::Response; }, "this is a request");
  return untyped::response_frame(&message, M::schema(), M::api_key, version, correlation_id);
}

/// `invalid` when the key is unknown or the header ends too early. The version is not checked here: the
/// listener decides which it serves, and answers ApiVersions also for versions it does not know.
Result<RequestHeader> decode_request_header(const Bytes& frame, Bytes& body);
/// The correlation id. `api_key` and `version` are those of the request that it answers.
Result<int32_t> decode_response_header(const Bytes& frame, int16_t api_key, int16_t version, Bytes& body);

}  // namespace brokerlab::kafka
