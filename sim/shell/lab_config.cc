#include "sim/shell/lab_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "sim/base/assert.h"
#include "sim/runtime/presets.h"

namespace brokerlab {

namespace {

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

Status invalid(std::string message) { return Status::error(StatusCode::invalid, std::move(message)); }

/// "300us" or "300us jitter 200us", as in the text of a fault.
Result<LatencyModel> parse_latency(std::string_view text) {
  const Result<Fault> fault = parse_fault(fmt::format("slow node {}", text));
  if (!fault.ok()) return invalid(fmt::format("latency is 300us or 300us jitter 200us, not {}", text));
  return fault->latency;
}

}  // namespace

Status LabConfig::set(std::string_view name, std::string_view value) {
  if (name == "preset") {
    if (value == "three-brokers")
      brokers = 3;
    else if (value == "one-broker")
      brokers = 1;
    else
      return invalid(fmt::format("no preset {}. There are one-broker and three-brokers", value));
  } else if (name == "brokers") {
    if (!parse_number(value, brokers) || brokers < 1 || brokers > most_brokers)
      return invalid(fmt::format("brokers takes 1 to {}, not {}", most_brokers, value));
  } else if (name == "driver") {
    drivers.clear();
    while (!value.empty()) {
      const size_t end = std::min(value.find(' '), value.size());
      const std::optional<Driver> driver = parse_driver(value.substr(0, end));
      if (!driver) return invalid(fmt::format("driver is live or sandbox, not {}", value.substr(0, end)));
      drivers.push_back(*driver);
      value.remove_prefix(std::min(value.size(), end + 1));
    }
    if (drivers.empty()) return invalid("driver is live or sandbox, or both");
  } else if (name == "seed") {
    if (!parse_number(value, seed)) return invalid(fmt::format("seed takes a whole number, not {}", value));
  } else if (name == "timers") {
    if (value != "lab" && value != "kafka")
      return invalid(fmt::format("timers is lab or kafka, not {}", value));
    timers = value == "lab" ? Timers::lab : Timers::kafka;
  } else if (name == "latency") {
    const Result<LatencyModel> parsed = parse_latency(value);
    if (!parsed.ok()) return parsed.status();
    latency = *parsed;
  } else if (name == "speed") {
    const Result<Speed> parsed = Speed::parse(value);
    if (!parsed.ok()) return parsed.status();
    speed = *parsed;
  } else if (name == "set") {
    const size_t equals = value.find('=');
    if (equals == std::string_view::npos) return invalid(fmt::format("set takes NAME=VALUE, not {}", value));
    Settings probe(timers);
    const Status status = probe.set(value.substr(0, equals), value.substr(equals + 1));
    if (!status.ok()) return status;
    settings.emplace_back(value.substr(0, equals), value.substr(equals + 1));
  } else if (name == "controller") {
    controller = value;
  } else {
    return invalid(fmt::format(
        "no option {}. There are preset, brokers, driver, seed, timers, latency, speed, set, controller",
        name));
  }
  return {};
}

bool LabConfig::plays_on(Driver driver) const {
  return std::find(drivers.begin(), drivers.end(), driver) != drivers.end();
}

ClusterSpec LabConfig::cluster(Driver driver, int port_base) const {
  KafkaClusterOptions options;
  options.brokers = brokers;
  options.settings = Settings(timers);
  for (const auto& [name, value] : settings) {
    const Status status = options.settings.set(name, value);
    BROKERLAB_ASSERT_THAT(status.ok(), status.message);  // `set` has tried it
  }
  options.port_base = port_base;
  ClusterSpec spec = kafka_cluster(options);
  spec.driver = driver;
  spec.seed = seed;
  spec.latency = latency.value_or(driver == Driver::sandbox ? sandbox_latency : LatencyModel{});
  return spec;
}

}  // namespace brokerlab
