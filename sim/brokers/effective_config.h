// What a setting is worth for a broker or a topic, and where that comes from: Kafka's order of precedence.
//
// A topic's own setting, the broker's dynamic one, the cluster-wide dynamic default, the broker's static one (`--set`),
// the default (KIP-226).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/settings.h"
#include "sim/controller/kraft/config_control.h"
#include "sim/controller/metadata/image.h"
#include "sim/storage/log.h"

namespace brokerlab {

struct ConfigValue {
  std::string name;
  std::string value;
  ConfigSource source = ConfigSource::default_config;
};

/// Every place that has a value for the setting, the one that counts first. Names are those of the place: a topic's
/// segment.bytes is a broker's log.segment.bytes. An empty `topic`: of the broker itself.
std::vector<ConfigValue> config_values(const SettingSpec& setting, const MetadataImage& image,
                                       const Settings& settings, int32_t broker_id, const std::string& topic);

/// REQUIRES: `topic_name` is a known topic setting.
std::string topic_config(std::string_view topic_name, const MetadataImage& image, const Settings& settings,
                         int32_t broker_id, const std::string& topic);
int64_t topic_config_number(std::string_view topic_name, const MetadataImage& image, const Settings& settings,
                            int32_t broker_id, const std::string& topic);

LogConfig log_config(const MetadataImage& image, const Settings& settings, int32_t broker_id,
                     const std::string& topic);

}  // namespace brokerlab
