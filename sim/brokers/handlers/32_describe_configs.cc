// DescribeConfigs (32): the settings of topics and brokers with where they come from, versions 1 to 4
// (KIP-133, KIP-226, KIP-569).
//
// Exactly the settings of sim/base/settings.h exist. A broker describes itself and the cluster-wide defaults
// (empty name); asked about another it answers INVALID_REQUEST, as Kafka does.
#include "sim/wire/kafka/32_describe_configs.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/brokers/broker.h"
#include "sim/brokers/effective_config.h"
#include "sim/brokers/handlers/handlers.h"

namespace brokerlab {

using kafka::DescribeConfigsRequest;
using kafka::DescribeConfigsResponse;
using kafka::ErrorCode;

namespace {

using Result32 = DescribeConfigsResponse::DescribeConfigsResult;

/// KIP-569's ConfigType.
int8_t config_type(SettingType type) {
  switch (type) {
    case SettingType::boolean:
      return 1;
    case SettingType::text:
      return 2;
    case SettingType::integer:
      return 3;
    case SettingType::long_integer:
      return 5;
    case SettingType::ratio:
      return 6;
    case SettingType::list:
      return 7;
  }
  return 0;
}

void add_setting(const HandlerContext& context, const DescribeConfigsRequest& request,
                 const DescribeConfigsRequest::DescribeConfigsResource& resource, const SettingSpec& setting,
                 Result32& result) {
  const bool is_topic = resource.resource_type == ConfigResource::topic;
  const std::string name(is_topic ? setting.topic_name : setting.name);
  const auto& wanted = resource.configuration_keys;
  if (name.empty() || (wanted && std::find(wanted->begin(), wanted->end(), name) == wanted->end())) return;
  std::vector<ConfigValue> values =
      config_values(setting, context.image, context.config.settings, context.config.node_id,
                    is_topic ? resource.resource_name : "");
  const bool only_cluster_default = !is_topic && resource.resource_name.empty();
  if (only_cluster_default)
    std::erase_if(values,
                  [](const ConfigValue& v) { return v.source != ConfigSource::dynamic_default_broker; });
  if (values.empty()) return;
  auto& config = result.configs.emplace_back();
  config.name = name;
  config.value = values.front().value;
  config.config_source = static_cast<int8_t>(values.front().source);
  config.read_only = !is_topic && setting.topic_name.empty();
  config.config_type = config_type(setting.type);
  config.documentation.reset();
  if (request.include_documentation) config.documentation = std::string(setting.english);
  if (!request.include_synonyms) return;
  for (const ConfigValue& value : values) {
    auto& synonym = config.synonyms.emplace_back();
    synonym.name = value.name;
    synonym.value = value.value;
    synonym.source = static_cast<int8_t>(value.source);
  }
}

void refuse(Result32& result, ErrorCode error, std::string message) {
  result.error_code = to_int16(error);
  result.error_message = std::move(message);
}

}  // namespace

void handle_describe_configs(const HandlerContext& context, const Request& request) {
  const std::optional<DescribeConfigsRequest> asked =
      read_request<DescribeConfigsRequest>(context.step, request);
  if (!asked) return;
  const int32_t id = context.config.node_id;
  DescribeConfigsResponse response;
  for (const auto& resource : asked->resources) {
    Result32& result = response.results.emplace_back();
    result.error_message.reset();
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    const bool is_topic = resource.resource_type == ConfigResource::topic;
    const bool is_broker = resource.resource_type == ConfigResource::broker;
    if (is_topic && !is_valid_topic_name(resource.resource_name)) {
      refuse(result, ErrorCode::invalid_topic_exception,
             std::string(error_message(ErrorCode::invalid_topic_exception)));
    } else if (is_topic && context.image.topic(resource.resource_name) == nullptr) {
      refuse(result, ErrorCode::unknown_topic_or_partition,
             std::string(error_message(ErrorCode::unknown_topic_or_partition)));
    } else if (is_broker && !resource.resource_name.empty() && resource.resource_name != std::to_string(id)) {
      refuse(result, ErrorCode::invalid_request,
             fmt::format("Unexpected broker id, expected {} or empty string, but received {}", id,
                         resource.resource_name));
    } else if (!is_topic && !is_broker) {
      refuse(result, ErrorCode::invalid_request,
             fmt::format("Unsupported resource type: {}", resource.resource_type));
    } else {
      for (const SettingSpec& setting : all_settings())
        add_setting(context, *asked, resource, setting, result);
      std::sort(result.configs.begin(), result.configs.end(),
                [](const auto& a, const auto& b) { return a.name < b.name; });
    }
  }
  answer(context.step, request.context, response);
}

}  // namespace brokerlab
