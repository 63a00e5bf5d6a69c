#include "sim/shell/lab_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "sim/base/assert.h"
#include "sim/runtime/faults.h"
#include "sim/runtime/presets.h"

namespace brokerlab {

namespace {

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

/// "300us" or "300us jitter 200us", as in the text of a fault.
Result<LatencyModel> parse_latency(std::string_view text, Language language) {
  const Result<Fault> fault = parse_fault(fmt::format("slow node {}", text));
  if (!fault.ok())
    return invalid({fmt::format("latency is 300us or 300us jitter 200us, not {}", text),
                    fmt::format("latency는 300us 또는 300us jitter 200us처럼 씁니다 (입력: {})", text)},
                   language);
  return fault->latency;
}

/// What a setting takes, in Korean; sim/base says it in English.
std::string what_is_taken(const SettingSpec& spec) {
  if (spec.type == SettingType::boolean) return "true 또는 false";
  if (spec.type == SettingType::list) return fmt::format("쉼표로 구분한 {}", spec.choices);
  if (!spec.choices.empty()) return fmt::format("{} 중 하나", spec.choices);
  if (spec.type == SettingType::ratio) return fmt::format("{}~{} 사이의 수", spec.minimum, spec.maximum);
  return fmt::format("{}~{} 정수", spec.minimum, spec.maximum);
}

Status check_setting(Timers timers, std::string_view name, std::string_view value, Language language) {
  Settings probe(timers);
  const Status status = probe.set(name, value);
  if (status.ok() || language == Language::english) return status;
  if (const SettingSpec* spec = find_setting(name))
    return Status::error(status.code,
                         fmt::format("{} 값은 {}입니다 (입력: {})", name, what_is_taken(*spec), value));
  std::vector<std::string> names;
  for (const SettingSpec& spec : all_settings()) names.emplace_back(spec.name);
  return Status::error(status.code,
                       fmt::format("{} 설정이 없습니다.{}", name, did_you_mean(name, names).korean));
}

}  // namespace

Text no_such_bug(std::string_view name) {
  std::vector<std::string> names;
  for (const BugSpec& bug : all_bugs()) names.emplace_back(bug.name);
  const Text meant = did_you_mean(name, names);
  return {fmt::format("no bug {}.{} brokerlab sim --bugs lists them", name, meant.english),
          fmt::format("{} 버그가 없습니다.{} 목록: brokerlab sim --bugs", name, meant.korean)};
}

Status LabConfig::set(std::string_view name, std::string_view value, Language language) {
  if (name == "preset") {
    if (value == "three-brokers")
      brokers = 3;
    else if (value == "one-broker")
      brokers = 1;
    else
      return invalid({fmt::format("no preset {}. There are one-broker and three-brokers", value),
                      fmt::format("{} 프리셋이 없습니다. 있는 것: one-broker, three-brokers", value)},
                     language);
  } else if (name == "brokers") {
    int count = 0;
    if (!parse_number(value, count) || count < 1 || count > most_brokers)
      return invalid({fmt::format("brokers takes 1 to {}, not {}", most_brokers, value),
                      fmt::format("brokers는 1~{}입니다 (입력: {})", most_brokers, value)},
                     language);
    brokers = count;
  } else if (name == "controllers") {
    int count = 0;
    if (!parse_number(value, count) || count < 0 || count > most_controllers)
      return invalid({fmt::format("controllers takes 0 to {}, not {}", most_controllers, value),
                      fmt::format("controllers는 0~{}입니다 (입력: {})", most_controllers, value)},
                     language);
    controllers = count;
  } else if (name == "driver") {
    drivers.clear();
    while (!value.empty()) {
      const size_t end = std::min(value.find(' '), value.size());
      const std::optional<Driver> driver = parse_driver(value.substr(0, end));
      if (!driver)
        return invalid({fmt::format("driver is live or sandbox, not {}", value.substr(0, end)),
                        fmt::format("driver는 live 또는 sandbox입니다 (입력: {})", value.substr(0, end))},
                       language);
      drivers.push_back(*driver);
      value.remove_prefix(std::min(value.size(), end + 1));
    }
    if (drivers.empty())
      return invalid({"driver is live or sandbox, or both", "driver는 live, sandbox 또는 둘 다입니다"},
                     language);
  } else if (name == "seed") {
    if (!parse_number(value, seed))
      return invalid({fmt::format("seed takes a whole number, not {}", value),
                      fmt::format("seed는 0 이상의 정수입니다 (입력: {})", value)},
                     language);
  } else if (name == "timers") {
    if (value != "lab" && value != "kafka")
      return invalid({fmt::format("timers is lab or kafka, not {}", value),
                      fmt::format("timers는 lab 또는 kafka입니다 (입력: {})", value)},
                     language);
    timers = value == "lab" ? Timers::lab : Timers::kafka;
  } else if (name == "latency") {
    const Result<LatencyModel> parsed = parse_latency(value, language);
    if (!parsed.ok()) return parsed.status();
    latency = *parsed;
  } else if (name == "speed") {
    const Result<Speed> parsed = parse_speed(value, language);
    if (!parsed.ok()) return parsed.status();
    speed = *parsed;
  } else if (name == "set") {
    const size_t equals = value.find('=');
    if (equals == std::string_view::npos)
      return invalid({fmt::format("set takes NAME=VALUE, not {}", value),
                      fmt::format("set은 NAME=VALUE 형식입니다 (입력: {})", value)},
                     language);
    const Status status = check_setting(timers, value.substr(0, equals), value.substr(equals + 1), language);
    if (!status.ok()) return status;
    settings.emplace_back(value.substr(0, equals), value.substr(equals + 1));
  } else if (name == "bug") {
    const BugSpec* bug = find_bug(value);
    if (bug == nullptr) return invalid(no_such_bug(value), language);
    bugs.add(bug->bug);
  } else if (name == "controller") {
    controller = value;
  } else {
    constexpr std::string_view known =
        "preset, brokers, controllers, driver, seed, timers, latency, speed, set, bug, controller";
    return invalid({fmt::format("no option {}. There are {}", name, known),
                    fmt::format("{} 항목이 없습니다. 있는 것: {}", name, known)},
                   language);
  }
  return {};
}

bool LabConfig::plays_on(Driver driver) const {
  return std::find(drivers.begin(), drivers.end(), driver) != drivers.end();
}

ClusterSpec LabConfig::cluster(Driver driver, int port_base) const {
  KafkaClusterOptions options;
  options.brokers = brokers;
  options.controllers = controllers;
  options.settings = Settings(timers);
  for (const auto& [name, value] : settings) {
    const Status status = options.settings.set(name, value);
    BROKERLAB_ASSERT_THAT(status.ok(), status.message);  // `set` has tried it
  }
  options.bugs = bugs;
  options.port_base = port_base;
  ClusterSpec spec = kafka_cluster(options);
  spec.driver = driver;
  spec.seed = seed;
  spec.latency = latency.value_or(driver == Driver::sandbox ? sandbox_latency : LatencyModel{});
  return spec;
}

}  // namespace brokerlab
