#include "sim/controller/kraft/config_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace brokerlab {

namespace {

using kafka::ErrorCode;
using kafka::to_int16;

constexpr std::string_view min_isr = "min.insync.replicas";

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

/// While eligible leader replicas are on, min.insync.replicas is one number for the whole cluster or a topic's own:
/// the controller must know by which number an ISR was too small.
ApiError check_min_isr(const MetadataImage& image, const ConfigResource& resource,
                       const kafka::ConfigRecord& record) {
  if (image.feature(elr_feature) == 0 || resource.type != ConfigResource::broker || record.name != min_isr)
    return {};
  if (!resource.name.empty())
    return {ErrorCode::invalid_config,
            "Broker-level min.insync.replicas cannot be altered while ELR is enabled."};
  if (!record.value)
    return {ErrorCode::invalid_config,
            "Cluster-level min.insync.replicas cannot be removed while ELR is enabled."};
  return {};
}

/// Under another min.insync.replicas it is not known who would have been eligible: the ELRs that counted by the old
/// one are emptied.
void add_cleared_elrs(const MetadataImage& image, const ConfigResource& resource, MetadataRecords& records) {
  const bool changes_min_isr = std::ranges::any_of(records, [](const kafka::MetadataRecord& record) {
    const auto* config = std::get_if<kafka::ConfigRecord>(&record);
    return config != nullptr && config->name == min_isr;
  });
  if (image.feature(elr_feature) == 0 || !changes_min_isr) return;
  kafka::ClearElrRecord cleared;
  if (resource.type == ConfigResource::topic) cleared.topic_name = resource.name;
  records.push_back(std::move(cleared));
}

/// What a resource's own settings become, one after the other.
class ResourceChange {
 public:
  ResourceChange(const MetadataImage& image, const Settings& settings, ConfigResource resource)
      : image_(image),
        settings_(settings),
        resource_(std::move(resource)),
        configs_(image.config(resource_)) {}

  ApiError set(const std::string& name, const std::optional<std::string>& value) {
    const ApiError error =
        is_topic() ? validate_topic_config(name, value) : validate_broker_config(name, value);
    return error.is_failure() ? error : write(name, value);
  }
  /// Whatever is not there can be taken away, also a name that nobody knows.
  ApiError remove(const std::string& name) { return write(name, std::nullopt); }
  /// APPEND and SUBTRACT.
  ApiError change_list(const std::string& name, const std::string& words, bool adds) {
    const SettingSpec* spec = find(name);
    if (spec == nullptr || spec->type != SettingType::list)
      return {ErrorCode::invalid_config, fmt::format("Can't {} to key {} because its type is not LIST.",
                                                     adds ? "APPEND" : "SUBTRACT", name)};
    const auto own = configs_.find(name);
    return set(name,
               changed_list(own != configs_.end() ? own->second : settings_.get(spec->name), words, adds));
  }
  const std::map<std::string, std::string>& configs() const { return configs_; }
  /// Adds the records, unless the settings contradict each other.
  ApiError finish(MetadataRecords& records) {
    if (is_topic())
      if (ApiError error = validate_topic_configs(configs_, settings_); error.is_failure()) return error;
    add_cleared_elrs(image_, resource_, records_);
    records.insert(records.end(), records_.begin(), records_.end());
    return {};
  }

 private:
  bool is_topic() const { return resource_.type == ConfigResource::topic; }
  const SettingSpec* find(const std::string& name) const {
    return is_topic() ? find_topic_setting(name) : find_setting(name);
  }
  ApiError write(const std::string& name, const std::optional<std::string>& value) {
    kafka::ConfigRecord record;
    record.resource_type = resource_.type;
    record.resource_name = resource_.name;
    record.name = name;
    record.value = value;
    const auto own = configs_.find(name);
    const bool is_same = value ? own != configs_.end() && own->second == *value : own == configs_.end();
    if (is_same) return {};
    if (ApiError error = check_min_isr(image_, resource_, record); error.is_failure()) return error;
    if (value)
      configs_[name] = *value;
    else
      configs_.erase(name);
    records_.push_back(std::move(record));
    return {};
  }

  const MetadataImage& image_;
  const Settings& settings_;
  ConfigResource resource_;
  std::map<std::string, std::string> configs_;
  MetadataRecords records_;
};

ApiError alter_resource(const MetadataImage& image, const Settings& settings,
                        const kafka::IncrementalAlterConfigsRequest::AlterConfigsResource& asked,
                        MetadataRecords& records) {
  const ConfigResource resource{asked.resource_type, asked.resource_name};
  if (ApiError error = check_resource(image, resource); error.is_failure()) return error;
  ResourceChange change(image, settings, resource);
  for (const auto& config : asked.configs) {
    ApiError error;
    switch (config.config_operation) {
      case set:
        error = change.set(config.name, config.value);
        break;
      case remove:
        error = change.remove(config.name);
        break;
      case append:
      case subtract:
        error = change.change_list(config.name, config.value.value_or(""), config.config_operation == append);
        break;
      default:
        error = {ErrorCode::invalid_request,
                 fmt::format("Unknown operation type {}", config.config_operation)};
    }
    if (error.is_failure()) return error;
  }
  return change.finish(records);
}

/// The older request: what it does not name is taken away.
ApiError alter_resource(const MetadataImage& image, const Settings& settings,
                        const kafka::AlterConfigsRequest::AlterConfigsResource& asked,
                        MetadataRecords& records) {
  const ConfigResource resource{asked.resource_type, asked.resource_name};
  if (ApiError error = check_resource(image, resource); error.is_failure()) return error;
  ResourceChange change(image, settings, resource);
  std::map<std::string, std::string> left = change.configs();
  for (const auto& config : asked.configs) {
    left.erase(config.name);
    if (ApiError error = change.set(config.name, config.value); error.is_failure()) return error;
  }
  for (const auto& [name, value] : left)
    if (ApiError error = change.remove(name); error.is_failure()) return error;
  return change.finish(records);
}

template <class Request>
ControllerResult<typename Request::Response> alter_resources(const MetadataImage& image,
                                                             const Settings& settings,
                                                             const Request& request) {
  ControllerResult<typename Request::Response> result;
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
  return alter_resources(image, settings, request);
}

ControllerResult<kafka::AlterConfigsResponse> alter_configs(const MetadataImage& image,
                                                            const Settings& settings,
                                                            const kafka::AlterConfigsRequest& request) {
  return alter_resources(image, settings, request);
}

}  // namespace brokerlab
