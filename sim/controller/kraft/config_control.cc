#include "sim/controller/kraft/config_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace brokerlab {

namespace {

using kafka::ErrorCode;
using kafka::to_int16;

enum Operation : int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

/// `name` is what the value was set for: a topic's segment.bytes is a broker's log.segment.bytes.
ApiError validate_value(const SettingSpec& spec, const std::string& name, const std::string& value) {
  const auto invalid = [&](const std::string& why) {
    return ApiError{ErrorCode::invalid_config,
                    fmt::format("Invalid value {} for configuration {}: {}", value, name, why)};
  };
  switch (spec.type) {
    case SettingType::boolean:
      if (value != "true" && value != "false") return invalid("Expected value to be either true or false");
      break;
    case SettingType::integer:
    case SettingType::long_integer: {
      int64_t number = 0;
      const char* end = value.data() + value.size();
      const auto parsed = std::from_chars(value.data(), end, number);
      if (parsed.ec != std::errc{} || parsed.ptr != end) {
        return invalid(spec.type == SettingType::integer ? "Not a number of type INT"
                                                         : "Not a number of type LONG");
      }
      if (number < spec.minimum) return invalid(fmt::format("Value must be at least {}", spec.minimum));
      if (number > spec.maximum) return invalid(fmt::format("Value must be no more than {}", spec.maximum));
      break;
    }
    case SettingType::ratio: {
      if (parse_ratio_millionths(value)) break;
      const bool is_negative = value.starts_with('-') && value.size() > 1;
      const bool is_number = std::ranges::all_of(value.substr(is_negative ? 1 : 0),
                                                 [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
      if (!is_number || value.empty()) return invalid("Not a number of type DOUBLE");
      return invalid(is_negative ? fmt::format("Value must be at least {}", spec.minimum)
                                 : fmt::format("Value must be no more than {}", spec.maximum));
    }
    case SettingType::text:
    case SettingType::list:
      if (!is_choice(spec, value)) return invalid(fmt::format("String must be one of: {}", spec.choices));
      break;
  }
  return {};
}

/// A broker's setting may change while it runs when topics have it too: it is their default.
ApiError validate_broker_config(const std::string& name, const std::optional<std::string>& value) {
  const SettingSpec* spec = find_setting(name);
  if (spec == nullptr || spec->topic_name.empty()) {
    return {ErrorCode::invalid_request, fmt::format("Cannot update these configs dynamically: [{}]", name)};
  }
  if (!value) return {ErrorCode::invalid_request, fmt::format("Null value not supported for : {}", name)};
  return validate_value(*spec, name, *value);
}

/// Whether the topic or broker exists; an empty name of a broker is the default of the whole cluster.
ApiError check_resource(const MetadataImage& image, const ConfigResource& resource) {
  if (resource.type == ConfigResource::topic) {
    if (image.topic(resource.name) != nullptr) return {};
    return {ErrorCode::unknown_topic_or_partition,
            fmt::format("The topic '{}' does not exist.", resource.name)};
  }
  if (resource.type != ConfigResource::broker) {
    return {ErrorCode::invalid_request, fmt::format("Unexpected resource type {}.", resource.type)};
  }
  const bool exists = resource.name.empty() || std::ranges::any_of(image.brokers(), [&](const auto& broker) {
                        return std::to_string(broker.first) == resource.name;
                      });
  if (exists) return {};
  return {ErrorCode::broker_id_not_registered,
          std::string(kafka::error_message(ErrorCode::broker_id_not_registered))};
}

/// A list with words added or taken out (APPEND, SUBTRACT), as Kafka changes it: what is there is not added again.
std::string changed_list(const std::string& current, const std::string& words, bool adds) {
  std::vector<std::string> list = split_list(current);
  for (const std::string& word : split_list(words)) {
    if (!adds)
      std::erase(list, word);
    else if (std::ranges::find(list, word) == list.end())
      list.push_back(word);
  }
  return fmt::to_string(fmt::join(list, ","));
}

ApiError alter_resource(const MetadataImage& image, const Settings& settings,
                        const kafka::IncrementalAlterConfigsRequest::AlterConfigsResource& asked,
                        MetadataRecords& records) {
  const ConfigResource resource{asked.resource_type, asked.resource_name};
  if (ApiError error = check_resource(image, resource); error.is_failure()) return error;
  const auto& current = image.config(resource);
  std::map<std::string, std::string> configs = current;
  const bool is_topic = resource.type == ConfigResource::topic;
  for (const auto& config : asked.configs) {
    if (config.config_operation < set || config.config_operation > subtract) {
      return {ErrorCode::invalid_request, fmt::format("Unknown operation type {}", config.config_operation)};
    }
    const SettingSpec* spec = is_topic ? find_topic_setting(config.name) : find_setting(config.name);
    const auto found = current.find(config.name);
    std::optional<std::string> value = config.value;
    if (config.config_operation == append || config.config_operation == subtract) {
      const bool adds = config.config_operation == append;
      if (spec == nullptr || spec->type != SettingType::list) {
        return {ErrorCode::invalid_config, fmt::format("Can't {} to key {} because its type is not LIST.",
                                                       adds ? "APPEND" : "SUBTRACT", config.name)};
      }
      value = changed_list(found != current.end() ? found->second : settings.get(spec->name),
                           value.value_or(""), adds);
    }
    if (config.config_operation != remove || spec == nullptr) {
      ApiError error =
          is_topic ? validate_topic_config(config.name, value) : validate_broker_config(config.name, value);
      if (error.is_failure()) return error;
    }
    kafka::ConfigRecord record;
    record.resource_type = resource.type;
    record.resource_name = resource.name;
    record.name = config.name;
    record.value = config.config_operation == remove ? std::nullopt : value;
    const bool is_same =
        record.value ? found != current.end() && found->second == *record.value : found == current.end();
    if (record.value)
      configs[config.name] = *record.value;
    else
      configs.erase(config.name);
    if (!is_same) records.push_back(std::move(record));
  }
  return is_topic ? validate_topic_configs(configs, settings) : ApiError{};
}

}  // namespace

ApiError validate_topic_config(const std::string& name, const std::optional<std::string>& value) {
  const SettingSpec* spec = find_topic_setting(name);
  if (spec == nullptr) return {ErrorCode::invalid_config, fmt::format("Unknown topic config name: {}", name)};
  if (!value) {
    return {ErrorCode::invalid_config, fmt::format("Null value not supported for topic configs: {}", name)};
  }
  return validate_value(*spec, name, *value);
}

ApiError validate_topic_configs(const std::map<std::string, std::string>& configs, const Settings& settings) {
  const auto number = [&](const std::string& topic_name) {
    const auto own = configs.find(topic_name);
    const std::string value =
        own != configs.end() ? own->second : settings.get(find_topic_setting(topic_name)->name);
    int64_t parsed = 0;
    std::from_chars(value.data(), value.data() + value.size(), parsed);
    return parsed;
  };
  const int64_t least_ms = number("min.compaction.lag.ms");
  const int64_t most_ms = number("max.compaction.lag.ms");
  if (least_ms <= most_ms) return {};
  return {ErrorCode::invalid_config,
          fmt::format("conflict topic config setting min.compaction.lag.ms ({}) > max.compaction.lag.ms ({})",
                      least_ms, most_ms)};
}

ControllerResult<kafka::IncrementalAlterConfigsResponse> alter_configs(
    const MetadataImage& image, const Settings& settings,
    const kafka::IncrementalAlterConfigsRequest& request) {
  ControllerResult<kafka::IncrementalAlterConfigsResponse> result;
  for (const auto& resource : request.resources) {
    MetadataRecords records;
    const ApiError error = alter_resource(image, settings, resource, records);
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
