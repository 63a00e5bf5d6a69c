#include "sim/controller/kraft/client_quota_control.h"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <utility>

namespace brokerlab {

namespace {

using kafka::ErrorCode;
using kafka::to_int16;
using Entry = kafka::AlterClientQuotasRequest::EntryData;

constexpr std::string_view user_type = "user";
constexpr std::string_view client_type = "client-id";
constexpr std::string_view ip_type = "ip";

ApiError invalid(std::string why) { return {ErrorCode::invalid_request, std::move(why)}; }

/// What Kafka says of an entity that stands twice in a request, and of one with a key twice.
ApiError duplicate(const QuotaEntity& entity) {
  std::string entries;
  for (const auto& [type, name] : entity)
    entries += fmt::format("{}{}={}", entries.empty() ? "" : ", ", type, name.value_or("null"));
  return invalid(fmt::format("Ignoring duplicate entity ClientQuotaEntity(entries={{{}}})", entries));
}

ApiError check_entity(const QuotaEntity& entity) {
  for (const auto& [type, name] : entity) {
    if (type != user_type && type != client_type && type != ip_type)
      return invalid(fmt::format("Unhandled client quota entity type: {}", type));
    if (name && name->empty()) return invalid(fmt::format("Empty {} not supported", type));
  }
  const bool has_ip = entity.contains(std::string(ip_type));
  if (entity.empty() || (has_ip && entity.size() > 1)) return invalid("Invalid empty client quota entity");
  return {};
}

/// Byte rates are whole numbers, which a double of the protocol holds.
ApiError check_quota(const QuotaEntity& entity, const std::string& key, double value) {
  const bool is_known =
      (key == "producer_byte_rate" || key == "consumer_byte_rate") && !entity.contains(std::string(ip_type));
  if (!is_known) return invalid(fmt::format("Invalid configuration key {}", key));
  constexpr double precision = 1e-6;
  if (!(std::abs(std::round(value) - value) <= precision))
    return invalid(fmt::format("Configuration {} must be a Long value", key));
  return {};
}

ApiError alter(const MetadataImage& image, const Entry& entry, const QuotaEntity& entity,
               MetadataRecords& records) {
  if (ApiError error = check_entity(entity); error.is_failure()) return error;
  const auto found = image.client_quotas().find(entity);
  const QuotaValues current = found == image.client_quotas().end() ? QuotaValues{} : found->second;
  std::set<std::string> keys;
  for (const auto& operation : entry.ops) {
    if (!keys.insert(operation.key).second) return duplicate(entity);
    kafka::ClientQuotaRecord record;
    for (const auto& [type, name] : entity)
      record.entity.push_back({.entity_type = type, .entity_name = name, .unknown_tags = {}});
    record.key = operation.key;
    const auto value = current.find(operation.key);
    if (operation.remove) {
      record.remove = true;
      if (value != current.end()) records.push_back(std::move(record));
      continue;
    }
    if (ApiError error = check_quota(entity, operation.key, operation.value); error.is_failure())
      return error;
    record.value = operation.value;
    if (value == current.end() || value->second != operation.value) records.push_back(std::move(record));
  }
  return {};
}

}  // namespace

ControllerResult<kafka::AlterClientQuotasResponse> alter_client_quotas(
    const MetadataImage& image, const kafka::AlterClientQuotasRequest& request) {
  ControllerResult<kafka::AlterClientQuotasResponse> result;
  std::set<QuotaEntity> seen;
  for (const Entry& entry : request.entries) {
    QuotaEntity entity;
    for (const auto& part : entry.entity) entity[part.entity_type] = part.entity_name;
    MetadataRecords records;
    const ApiError error =
        seen.insert(entity).second ? alter(image, entry, entity, records) : duplicate(entity);
    auto& answer = result.response.entries.emplace_back();
    answer.error_code = to_int16(error.code);
    answer.error_message = error.message;
    for (const auto& [type, name] : entity)
      answer.entity.push_back({.entity_type = type, .entity_name = name, .unknown_tags = {}});
    if (!error.is_failure() && !request.validate_only)
      result.records.insert(result.records.end(), records.begin(), records.end());
  }
  return result;
}

}  // namespace brokerlab
