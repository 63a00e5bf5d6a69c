// What a search found, as JSON.
#include <nlohmann/json.hpp>

#include "sim/search/seeds.h"

namespace brokerlab {

using nlohmann::json;

namespace {

double seconds_of(Duration duration) { return static_cast<double>(duration.milliseconds()) / 1000; }

}  // namespace

std::string to_json(const RunResult& result) {
  json line;
  line["seed"] = result.seed;
  line["simulated_ns"] = result.simulated.nanoseconds;
  line["events"] = result.events;
  line["faults"] = result.faults;
  line["excuses"] = result.excuses;
  line["hash"] = result.hash;
  line["violations"] = json::array();
  for (const FoundViolation& violation : result.violations)
    line["violations"].push_back({{"checker", violation.checker},
                                  {"at_ns", violation.at.nanoseconds},
                                  {"message", violation.message},
                                  {"led_to", violation.led_to}});
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<RunResult> run_result_of_json(std::string_view line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return Status::error(StatusCode::invalid, "no JSON object");
  RunResult result;
  result.seed = object.at("seed").get<uint64_t>();
  result.simulated.nanoseconds = object.at("simulated_ns").get<int64_t>();
  result.events = object.at("events").get<uint64_t>();
  result.faults = object.at("faults").get<std::map<std::string, uint64_t>>();
  result.excuses = object.at("excuses").get<std::map<std::string, uint64_t>>();
  result.hash = object.at("hash").get<std::string>();
  for (const json& violation : object.at("violations"))
    result.violations.push_back(
        {violation.at("checker").get<std::string>(), Instant{violation.at("at_ns").get<int64_t>()},
         violation.at("message").get<std::string>(), violation.at("led_to").get<std::vector<std::string>>()});
  return result;
}

std::string to_json(const SearchSummary& summary, const PlanOptions& options) {
  json object;
  object["seeds"] = summary.seeds;
  object["simulated_s"] = seconds_of(summary.simulated);
  object["wall_s"] = summary.wall_s;
  object["events"] = summary.events;
  object["faults"] = summary.faults;
  object["excuses"] = summary.excuses;
  object["violations"] = json::array();
  for (const RunResult& failure : summary.failures) {
    Plan plan = make_plan(failure.seed, options);
    for (const FoundViolation& violation : failure.violations)
      object["violations"].push_back({{"seed", failure.seed},
                                      {"checker", violation.checker},
                                      {"at_s", seconds_of(violation.at - Instant{})},
                                      {"message", violation.message},
                                      {"led_to", violation.led_to},
                                      {"replay", replay_command(plan)}});
  }
  return object.dump(2, ' ', false, json::error_handler_t::replace);
}

}  // namespace brokerlab
