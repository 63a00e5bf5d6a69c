#include "sim/brokers/effective_config.h"

#include <algorithm>
#include <vector>

namespace brokerlab {

LogConfig log_config(const MetadataImage& image, const Settings& settings, int32_t broker_id,
                     const std::string& topic) {
  const auto number = [&](std::string_view name) {
    return topic_config_number(name, image, settings, broker_id, topic);
  };
  const auto is_set = [&](std::string_view name) {
    return !topic_config(name, image, settings, broker_id, topic).empty();
  };
  LogConfig config;
  config.segment_bytes = static_cast<uint32_t>(
      number(is_set("internal.segment.bytes") ? "internal.segment.bytes" : "segment.bytes"));
  config.segment_ms = number("segment.ms");
  config.index_max_bytes = static_cast<uint32_t>(number("segment.index.bytes"));
  config.index_interval_bytes = static_cast<uint32_t>(number("index.interval.bytes"));
  config.log_append_time =
      topic_config("message.timestamp.type", image, settings, broker_id, topic) == "LogAppendTime";
  config.producer_id_expiration_ms = settings.number("producer.id.expiration.ms");

  const std::vector<std::string> policy =
      split_list(topic_config("cleanup.policy", image, settings, broker_id, topic));
  config.deletes = std::find(policy.begin(), policy.end(), "delete") != policy.end();
  config.compacts = std::find(policy.begin(), policy.end(), "compact") != policy.end();
  config.retention_ms = number("retention.ms");
  config.retention_bytes = number("retention.bytes");
  config.file_delete_delay_ms = std::min(number("file.delete.delay.ms"), longest_duration_ms);
  config.delete_retention_ms = number("delete.retention.ms");
  config.min_compaction_lag_ms = number("min.compaction.lag.ms");
  config.max_compaction_lag_ms = number("max.compaction.lag.ms");
  config.min_cleanable_ratio_millionths =
      *parse_ratio_millionths(topic_config("min.cleanable.dirty.ratio", image, settings, broker_id, topic));
  return config;
}

}  // namespace brokerlab
