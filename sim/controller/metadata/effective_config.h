// What a setting is worth for a broker or a topic, and where that comes from: Kafka's order of precedence.
//
// A topic's own setting, the broker's dynamic one, the cluster-wide dynamic default, the broker's static one
// (`--set`), the default (KIP-226).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/settings.h"
#include "sim/controller/metadata/image.h"

namespace brokerlab {

/// Where a value comes from, as DescribeConfigs and CreateTopics number it.
enum class ConfigSource : int8_t {
  topic = 1,
  dynamic_broker = 2,
  dynamic_default_broker = 3,
  static_broker = 4,
  default_config = 5
};

struct ConfigValue {
  std::string name;
  std::string value;
  ConfigSource source = ConfigSource::default_config;
};

/// Every place that has a value for the setting, the one that counts first; none for one that is unset. Names are those of the place: a
/// topic's segment.bytes is a broker's log.segment.bytes. An empty `topic`: of the broker itself.
std::vector<ConfigValue> config_values(const SettingSpec& setting, const MetadataImage& image,
                                       const Settings& settings, int32_t broker_id, const std::string& topic);

/// Empty when it is unset. REQUIRES: `topic_name` is a known topic setting.
std::string topic_config(std::string_view topic_name, const MetadataImage& image, const Settings& settings,
                         int32_t broker_id, const std::string& topic);
int64_t topic_config_number(std::string_view topic_name, const MetadataImage& image, const Settings& settings,
                            int32_t broker_id, const std::string& topic);

}  // namespace brokerlab
