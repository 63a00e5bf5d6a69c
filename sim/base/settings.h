// Broker and topic settings by Kafka's names, each with the lab's default beside Kafka's.
//
// One table: `--set`, `--help`, DescribeConfigs and the nodes read it. A name that is not in it does not
// exist.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/time.h"

namespace brokerlab {

/// `ratio`: a decimal number between 0 and 1. `list`: some of the choices, separated by commas.
enum class SettingType : uint8_t { boolean, integer, long_integer, ratio, text, list };

struct SettingSpec {
  std::string_view name;  ///< the broker's name: log.segment.bytes
  std::string_view
      topic_name;  ///< the topic's name for the same thing: segment.bytes; empty when topics have none
  SettingType type;
  std::string_view lab_default;
  std::string_view kafka_default;
  int64_t minimum;  ///< for numbers
  int64_t maximum;
  bool is_timer;             ///< `--timers kafka` takes Kafka's default
  std::string_view english;  ///< one line for help
  std::string_view korean;
  std::string_view choices = "";  ///< what a text may be, separated by ", "; empty: anything
};

inline constexpr int64_t longest_duration_ms = int64_t{100} * 365 * 24 * 3600 * 1000;

/// Without a value in the table: it counts, and is shown, only where somebody has set it (internal.segment.bytes).
constexpr bool is_unset_by_default(const SettingSpec& spec) { return spec.kafka_default.empty(); }

/// Sorted by name.
std::span<const SettingSpec> all_settings();
const SettingSpec* find_setting(std::string_view name);
const SettingSpec* find_topic_setting(std::string_view topic_name);
/// The known name with the least edits from `name`, for "did you mean"; empty when none is near.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

enum class Timers : uint8_t { lab, kafka };

/// The settings of a cluster: defaults, and what `--set` changed.
class Settings {
 public:
  explicit Settings(Timers timers = Timers::lab) : timers_(timers) {}
  /// Refuses unknown names (naming the nearest) and values out of range, in words for the learner.
  Status set(std::string_view name, std::string_view value);
  std::string get(std::string_view name) const;         ///< REQUIRES: a known name
  std::string default_of(std::string_view name) const;  ///< whatever was set. REQUIRES: a known name
  bool is_set(std::string_view name) const { return changed_.contains(std::string(name)); }
  int64_t number(std::string_view name) const;  ///< REQUIRES: a known number
  bool flag(std::string_view name) const;       ///< REQUIRES: a known boolean
  /// At most a hundred years: what is longer, as Kafka's largest numbers are, would not fit on the lab's clock.
  Duration duration(std::string_view name) const {
    return milliseconds(std::min(number(name), longest_duration_ms));
  }
  const std::map<std::string, std::string>& changed() const { return changed_; }

 private:
  Timers timers_;
  std::map<std::string, std::string> changed_;
};

/// Whether a text, or each word of a list, is one of the choices. REQUIRES: a setting of type text or list.
bool is_choice(const SettingSpec& spec, std::string_view value);
/// The words between commas, without the blanks around them.
std::vector<std::string> split_list(std::string_view value);
/// A ratio in millionths, so that nothing has to be compared as a floating-point number; empty when `value` is no
/// decimal number between 0 and 1. Digits beyond the sixth behind the point do not count.
std::optional<int64_t> parse_ratio_millionths(std::string_view value);
/// Whether `value` is one for `spec`; the reason in words when not.
Status check_value(const SettingSpec& spec, std::string_view value);

}  // namespace brokerlab
