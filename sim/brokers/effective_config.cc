#include "sim/brokers/effective_config.h"

namespace brokerlab {

LogConfig log_config(const MetadataImage& image, const Settings& settings, int32_t broker_id,
                     const std::string& topic) {
  const auto number = [&](std::string_view name) {
    return topic_config_number(name, image, settings, broker_id, topic);
  };
  LogConfig config;
  config.segment_bytes = static_cast<uint32_t>(number("segment.bytes"));
  config.index_interval_bytes = static_cast<uint32_t>(number("index.interval.bytes"));
  config.log_append_time =
      topic_config("message.timestamp.type", image, settings, broker_id, topic) == "LogAppendTime";
  config.producer_id_expiration_ms = settings.number("producer.id.expiration.ms");
  return config;
}

}  // namespace brokerlab
