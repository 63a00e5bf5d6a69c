#include "sim/controller/metadata/effective_config.h"

#include <charconv>

#include "sim/base/assert.h"

namespace brokerlab {

std::vector<ConfigValue> config_values(const SettingSpec& setting, const MetadataImage& image,
                                       const Settings& settings, int32_t broker_id,
                                       const std::string& topic) {
  std::vector<ConfigValue> values;
  const auto look = [&](int8_t type, const std::string& resource, std::string_view name,
                        ConfigSource source) {
    const auto& config = image.config({type, resource});
    if (const auto it = config.find(std::string(name)); it != config.end()) {
      values.push_back({std::string(name), it->second, source});
    }
  };
  if (!topic.empty()) look(ConfigResource::topic, topic, setting.topic_name, ConfigSource::topic);
  look(ConfigResource::broker, std::to_string(broker_id), setting.name, ConfigSource::dynamic_broker);
  look(ConfigResource::broker, "", setting.name, ConfigSource::dynamic_default_broker);
  const std::string name(setting.name);
  if (settings.is_set(name)) values.push_back({name, settings.get(name), ConfigSource::static_broker});
  if (!is_unset_by_default(setting))
    values.push_back({name, settings.default_of(name), ConfigSource::default_config});
  return values;
}

std::string topic_config(std::string_view topic_name, const MetadataImage& image, const Settings& settings,
                         int32_t broker_id, const std::string& topic) {
  const SettingSpec* setting = find_topic_setting(topic_name);
  BROKERLAB_ASSERT_THAT(setting != nullptr, std::string(topic_name));
  const std::vector<ConfigValue> values = config_values(*setting, image, settings, broker_id, topic);
  return values.empty() ? "" : values.front().value;
}

int64_t topic_config_number(std::string_view topic_name, const MetadataImage& image, const Settings& settings,
                            int32_t broker_id, const std::string& topic) {
  const std::string text = topic_config(topic_name, image, settings, broker_id, topic);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // The controller checked it before it wrote the record.
  BROKERLAB_ASSERT_THAT(error == std::errc{} && end == text.data() + text.size(), text);
  return number;
}

}  // namespace brokerlab
