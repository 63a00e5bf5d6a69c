#include "sim/controller/kraft/config_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace brokerlab {

namespace {

using kafka::ErrorCode;
using kafka::to_int16;

/// What a text setting may be, in the order in which Kafka lists it; empty when anything goes.
std::vector<std::string> choices(std::string_view topic_setting) {
  if (topic_setting == "compression.type")
    return {"uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"};
  if (topic_setting == "message.timestamp.type") return {"CreateTime", "LogAppendTime"};
  return {};
}

enum Operation : int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

ApiError alter_topic(const MetadataImage& image,
                     const kafka::IncrementalAlterConfigsRequest::AlterConfigsResource& resource,
                     MetadataRecords& records) {
  if (image.topic(resource.resource_name) == nullptr) {
    return {ErrorCode::unknown_topic_or_partition,
            fmt::format("The topic '{}' does not exist.", resource.resource_name)};
  }
  for (const auto& config : resource.configs) {
    if (config.config_operation == append || config.config_operation == subtract) {
      return {ErrorCode::invalid_config,
              fmt::format("Can't {} to key {} because its type is not LIST.",
                          config.config_operation == append ? "APPEND" : "SUBTRACT", config.name)};
    }
    if (config.config_operation != set && config.config_operation != remove) {
      return {ErrorCode::invalid_request, fmt::format("Unknown operation type {}", config.config_operation)};
    }
    kafka::ConfigRecord record;
    record.resource_type = ConfigResource::topic;
    record.resource_name = resource.resource_name;
    record.name = config.name;
    record.value = std::nullopt;
    if (config.config_operation == set) {
      if (ApiError error = validate_topic_config(config.name, config.value); error.is_failure()) return error;
      record.value = config.value;
    } else if (find_topic_setting(config.name) == nullptr) {
      return validate_topic_config(config.name, std::nullopt);
    }
    const auto& current = image.config({ConfigResource::topic, resource.resource_name});
    const auto found = current.find(config.name);
    const bool is_same =
        record.value ? found != current.end() && found->second == *record.value : found == current.end();
    if (!is_same) records.push_back(std::move(record));
  }
  return {};
}

}  // namespace

ApiError validate_topic_config(const std::string& name, const std::optional<std::string>& value) {
  const SettingSpec* spec = find_topic_setting(name);
  if (spec == nullptr) return {ErrorCode::invalid_config, fmt::format("Unknown topic config name: {}", name)};
  if (!value) {
    return {ErrorCode::invalid_config, fmt::format("Null value not supported for topic configs: {}", name)};
  }
  const auto invalid = [&](const std::string& why) {
    return ApiError{ErrorCode::invalid_config,
                    fmt::format("Invalid value {} for configuration {}: {}", *value, name, why)};
  };
  switch (spec->type) {
    case SettingType::boolean:
      if (*value != "true" && *value != "false") return invalid("Expected value to be either true or false");
      break;
    case SettingType::integer:
    case SettingType::long_integer: {
      int64_t number = 0;
      const char* end = value->data() + value->size();
      const auto parsed = std::from_chars(value->data(), end, number);
      if (parsed.ec != std::errc{} || parsed.ptr != end) {
        return invalid(spec->type == SettingType::integer ? "Not a number of type INT"
                                                          : "Not a number of type LONG");
      }
      if (number < spec->minimum) return invalid(fmt::format("Value must be at least {}", spec->minimum));
      if (number > spec->maximum) return invalid(fmt::format("Value must be no more than {}", spec->maximum));
      break;
    }
    case SettingType::text:
    case SettingType::list: {
      const std::vector<std::string> allowed = choices(name);
      if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), *value) == allowed.end()) {
        return invalid(fmt::format("String must be one of: {}", fmt::join(allowed, ", ")));
      }
      break;
    }
  }
  return {};
}

ControllerResult<kafka::IncrementalAlterConfigsResponse> alter_configs(
    const MetadataImage& image, const kafka::IncrementalAlterConfigsRequest& request) {
  ControllerResult<kafka::IncrementalAlterConfigsResponse> result;
  for (const auto& resource : request.resources) {
    MetadataRecords records;
    ApiError error;
    if (resource.resource_type == ConfigResource::topic) {
      error = alter_topic(image, resource, records);
    } else {
      error = {ErrorCode::invalid_request, "Only settings of topics can be changed here."};
    }
    auto& answer = result.response.responses.emplace_back();
    answer.error_code = to_int16(error.code);
    answer.error_message = error.message;
    answer.resource_type = resource.resource_type;
    answer.resource_name = resource.resource_name;
    if (!error.is_failure() && !request.validate_only) {
      result.records.insert(result.records.end(), records.begin(), records.end());
    }
  }
  return result;
}

}  // namespace brokerlab
