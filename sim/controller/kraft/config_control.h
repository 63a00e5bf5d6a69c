// Settings of topics: what may be set, and the records that set it (IncrementalAlterConfigs, KIP-339).
//
// Only settings of the table in base/settings.h exist; all others are unknown, as a misspelt name is to Kafka.
//
// Deviation: no settings of brokers can be changed at run time.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "sim/base/settings.h"
#include "sim/controller/kraft/controller_result.h"
#include "sim/controller/metadata/image.h"
#include "sim/wire/kafka/44_incremental_alter_configs.h"

namespace brokerlab {

/// A topic setting by Kafka's rules and in its words; no failure when it may be set.
ApiError validate_topic_config(const std::string& name, const std::optional<std::string>& value);

/// Where a setting's value comes from, as DescribeConfigs and CreateTopics number it.
enum class ConfigSource : int8_t {
  topic = 1,
  dynamic_broker = 2,
  dynamic_default_broker = 3,
  static_broker = 4,
  default_config = 5
};
struct EffectiveConfig {
  std::string value;
  ConfigSource source = ConfigSource::default_config;
};
/// Every setting that topics have, with what holds for one that has set `topic_configs`.
std::map<std::string, EffectiveConfig> effective_topic_configs(
    const MetadataImage& image, const Settings& settings,
    const std::map<std::string, std::string>& topic_configs);

ControllerResult<kafka::IncrementalAlterConfigsResponse> alter_configs(
    const MetadataImage& image, const kafka::IncrementalAlterConfigsRequest& request);

}  // namespace brokerlab
