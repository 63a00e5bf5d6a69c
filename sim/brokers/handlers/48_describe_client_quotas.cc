// DescribeClientQuotas (48), versions 0 and 1: the quotas that are set, filtered by their entities (KIP-546).
#include "sim/wire/kafka/48_describe_client_quotas.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

using kafka::DescribeClientQuotasRequest;
using kafka::DescribeClientQuotasResponse;
using kafka::ErrorCode;

namespace {

enum MatchType : int8_t { exact = 0, default_name = 1, any_name = 2 };

/// What an entity must have of a type: this name (none: the default), or with `any` whatever name.
struct Wanted {
  bool any = false;
  std::optional<std::string> name;
};
using Filter = std::map<std::string, Wanted>;

ApiError invalid(std::string why) { return {ErrorCode::invalid_request, std::move(why)}; }

ApiError read_filter(const DescribeClientQuotasRequest& request, Filter& filter) {
  for (const auto& component : request.components) {
    const std::string& type = component.entity_type;
    if (type.empty()) return invalid("Invalid empty entity type.");
    if (filter.contains(type))
      return invalid(fmt::format("Entity type {} cannot appear more than once in the filter.", type));
    if (type != "user" && type != "client-id" && type != "ip")
      return {ErrorCode::unsupported_version, fmt::format("Unsupported entity type {}", type)};
    if (component.match_type == exact) {
      if (!component.match)
        return invalid("Request specified MATCH_TYPE_EXACT, but set match string to null.");
    } else if (component.match_type == default_name || component.match_type == any_name) {
      if (component.match)
        return invalid(fmt::format("Request specified MATCH_TYPE_{}, but also specified a match string.",
                                   component.match_type == any_name ? "SPECIFIED" : "DEFAULT"));
    } else {
      return invalid(fmt::format("Unknown match type {}", component.match_type));
    }
    filter[type] = {component.match_type == any_name, component.match};
  }
  if (filter.contains("ip") && filter.size() > 1)
    return invalid(
        "Invalid entity filter component combination. IP filter component should not be used with user or "
        "clientId filter component.");
  return {};
}

bool passes(const QuotaEntity& entity, const Filter& filter, bool is_strict) {
  if (is_strict && entity.size() != filter.size()) return false;
  return std::all_of(filter.begin(), filter.end(), [&](const auto& item) {
    const auto found = entity.find(item.first);
    return found != entity.end() && (item.second.any || found->second == item.second.name);
  });
}

}  // namespace

void handle_describe_client_quotas(const HandlerContext& context, const Request& request) {
  const auto asked = read_request<DescribeClientQuotasRequest>(context.step, request);
  if (!asked) return;
  DescribeClientQuotasResponse response;
  Filter filter;
  const ApiError error = read_filter(*asked, filter);
  response.error_code = to_int16(error.code);
  response.error_message = error.message;
  if (error.is_failure()) {
    response.entries.reset();
    answer(context.step, request.context, response);
    return;
  }
  for (const auto& [entity, values] : context.image.client_quotas()) {
    if (!passes(entity, filter, asked->strict)) continue;
    auto& entry = response.entries->emplace_back();
    for (const auto& [type, name] : entity)
      entry.entity.push_back({.entity_type = type, .entity_name = name, .unknown_tags = {}});
    for (const auto& [key, value] : values)
      entry.values.push_back({.key = key, .value = value, .unknown_tags = {}});
  }
  answer(context.step, request.context, response);
}

}  // namespace brokerlab
