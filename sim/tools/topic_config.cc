#include "sim/tools/topic_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <vector>

namespace brokerlab {

namespace {

enum class Type : uint8_t { boolean, integer, long_integer, one_of, list_of };

struct TopicConfig {
  std::string_view name;
  Type type;
  int64_t minimum = std::numeric_limits<int64_t>::min();
  std::string_view words{};  ///< of one_of and list_of
};

constexpr TopicConfig configs[] = {
    {"cleanup.policy", Type::list_of, 0, "compact, delete"},
    {"compression.type", Type::one_of, 0, "uncompressed, zstd, lz4, snappy, gzip, producer"},
    {"delete.retention.ms", Type::long_integer, 0},
    {"file.delete.delay.ms", Type::long_integer, 0},
    {"flush.messages", Type::long_integer, 1},
    {"flush.ms", Type::long_integer, 0},
    {"index.interval.bytes", Type::integer, 0},
    {"max.compaction.lag.ms", Type::long_integer, 1},
    {"max.message.bytes", Type::integer, 0},
    {"message.timestamp.after.max.ms", Type::long_integer, 0},
    {"message.timestamp.before.max.ms", Type::long_integer, 0},
    {"message.timestamp.type", Type::one_of, 0, "CreateTime, LogAppendTime"},
    {"min.compaction.lag.ms", Type::long_integer, 0},
    {"min.insync.replicas", Type::integer, 1},
    {"preallocate", Type::boolean},
    {"retention.bytes", Type::long_integer},
    {"retention.ms", Type::long_integer, -1},
    {"segment.bytes", Type::integer, 1'048'576},
    {"segment.index.bytes", Type::integer, 4},
    {"segment.jitter.ms", Type::long_integer, 0},
    {"segment.ms", Type::long_integer, 1},
    {"unclean.leader.election.enable", Type::boolean},
};

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + separator.size();
  }
  return parts;
}

/// Why the value is none; empty when it is one.
std::string complaint(const TopicConfig& config, std::string_view value) {
  switch (config.type) {
    case Type::boolean:
      return value == "true" || value == "false" ? "" : "Expected value to be either true or false";
    case Type::integer:
    case Type::long_integer: {
      int64_t number = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      const bool is_int = config.type == Type::integer;
      const bool fits = !is_int || (number >= std::numeric_limits<int32_t>::min() &&
                                    number <= std::numeric_limits<int32_t>::max());
      if (error != std::errc{} || end != value.data() + value.size() || !fits)
        return fmt::format("Not a number of type {}", is_int ? "INT" : "LONG");
      return number >= config.minimum ? "" : fmt::format("Value must be at least {}", config.minimum);
    }
    case Type::one_of:
    case Type::list_of: {
      const std::vector<std::string_view> words = split(config.words, ", ");
      const auto is_word = [&](std::string_view word) {
        return std::find(words.begin(), words.end(), word) != words.end();
      };
      const std::vector<std::string_view> values =
          config.type == Type::list_of ? split(value, ",") : std::vector{value};
      return std::all_of(values.begin(), values.end(), is_word)
                 ? ""
                 : fmt::format("String must be one of: {}", config.words);
    }
  }
  return "";
}

}  // namespace

Status check_topic_config(std::string_view name, std::string_view value) {
  for (const TopicConfig& config : configs) {
    if (config.name != name) continue;
    const std::string reason = complaint(config, value);
    if (reason.empty()) return {};
    return Status::error(StatusCode::invalid,
                         fmt::format("Invalid value {} for configuration {}: {}", value, name, reason));
  }
  return {};
}

}  // namespace brokerlab
