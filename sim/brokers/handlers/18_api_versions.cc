// ApiVersions (18): which keys this listener offers, versions 0 to 4 (KIP-35, KIP-511).
//
// The ranges are kafka::Api::offered; no other list exists. Of features, those that the cluster has finalized
// are told (KIP-584); without transaction.version clients use the older transactions.
#include "sim/wire/kafka/18_api_versions.h"

#include <algorithm>

#include "sim/brokers/broker.h"
#include "sim/brokers/handlers/handlers.h"
#include "sim/wire/kafka/api_table.h"

namespace brokerlab {

using kafka::ApiVersionsRequest;
using kafka::ApiVersionsResponse;

namespace {

constexpr int16_t first_version_with_software = 3;
constexpr int16_t first_version_with_minimum_zero = 4;

/// Kafka's pattern: [a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?
bool is_valid_software_text(std::string_view text) {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

}  // namespace

void handle_api_versions(const HandlerContext& context, const Request& request) {
  const std::optional<ApiVersionsRequest> asked = read_request<ApiVersionsRequest>(context.step, request);
  if (!asked) return;
  ApiVersionsResponse response;
  if (request.context.header.api_version >= first_version_with_software &&
      !(is_valid_software_text(asked->client_software_name) &&
        is_valid_software_text(asked->client_software_version))) {
    response.error_code = to_int16(kafka::ErrorCode::invalid_request);
    answer(context.step, request.context, response);
    return;
  }
  const kafka::Listeners listener = context.step.channel.kind_of_listener(request.context.listener);
  for (const kafka::Api& api : kafka::all_apis()) {
    if (api.offered.empty() || !kafka::includes(api.listeners, listener)) continue;
    auto& range = response.api_keys.emplace_back();
    range.api_key = api.key;
    range.min_version = api.offered.first;
    range.max_version = api.offered.last;
  }
  for (const SupportedFeature& feature : supported_features) {
    auto& supported = response.supported_features.emplace_back();
    supported.name = feature.name;
    supported.min_version = feature.range.min;
    supported.max_version = feature.range.max;
    // Clients of that time take a range that begins with 0 for malformed (KAFKA-17011).
    if (request.context.header.api_version < first_version_with_minimum_zero)
      supported.min_version = std::max<int16_t>(supported.min_version, 1);
  }
  response.finalized_features_epoch = context.image.offset();
  for (const auto& [name, level] : context.image.features()) {
    auto& finalized = response.finalized_features.emplace_back();
    finalized.name = name;
    finalized.min_version_level = level;
    finalized.max_version_level = level;
  }
  answer(context.step, request.context, response);
}

}  // namespace brokerlab
