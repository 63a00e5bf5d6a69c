#include "sim/shell/scenario.h"

#include <fmt/format.h>

#include <set>

#include "sim/observe/invariants.h"
#include "sim/runtime/sandbox.h"
#include "sim/shell/readiness.h"
#include "sim/shell/shell.h"

namespace brokerlab {

namespace {

/// Not of the cluster: which invariant this scenario breaks.
constexpr std::string_view violates_header = "violates";

Result<LabConfig> config_of(const Transcript& transcript) {
  LabConfig config;
  for (const auto& [name, value] : transcript.config) {
    if (name == violates_header) continue;
    const Status status = config.set(name, value);
    if (!status.ok()) return status;
  }
  return config;
}

/// What the invariants found against what the header says.
void compare_violations(const Transcript& transcript, std::string_view name, const Invariants& invariants,
                        ScenarioResult& result) {
  std::set<std::string> expected, found;
  for (const auto& [header, value] : transcript.config)
    if (header == violates_header) expected.insert(value);
  for (const Violation& violation : invariants.violations()) {
    found.insert(violation.invariant);
    if (expected.contains(violation.invariant)) continue;
    result.report += fmt::format("{}: {} does not hold at {}: {}\n", name, violation.invariant,
                                 to_string(violation.at - Instant{}), violation.text);
    result.has_passed = false;
  }
  for (const std::string& invariant : expected) {
    if (found.contains(invariant)) continue;
    result.report += fmt::format("{}: {} holds, and the header says that it is violated\n", name, invariant);
    result.has_passed = false;
  }
}

}  // namespace

ScenarioResult play_transcript(Transcript& transcript, std::string_view name, Lab& lab) {
  ScenarioResult result;
  result.has_passed = true;
  Shell shell(lab, Language::english);
  for (TranscriptBlock& block : transcript.blocks) {
    const Finished finished = shell.run(block.command);
    const std::vector<std::string> came = output_lines(finished.output, finished.error);
    std::vector<std::string> lines = difference(block.output, came);
    if (finished.status != block.status) {
      lines.push_back(fmt::format("- [exit {}]", block.status));
      lines.push_back(fmt::format("+ [exit {}]", finished.status));
    }
    block.output = rewritten(block.output, came);
    block.status = finished.status;
    if (lines.empty()) continue;
    result.has_passed = false;
    result.report += fmt::format("{}:{}: $ {}\n", name, block.line, block.command);
    for (const std::string& line : lines) result.report += fmt::format("    {}\n", line);
  }
  result.text = to_string(transcript);
  return result;
}

Result<ScenarioResult> play_scenario(std::string_view text, std::string_view name,
                                     const ScenarioOptions& options) {
  const auto defect = [&](const Status& status) {
    const Text text = text_of(status);
    return Status::error(StatusCode::invalid, fmt::format("{}: {}", name, text.english),
                         fmt::format("{}: {}", name, text.korean));
  };
  Result<Transcript> transcript = parse_transcript(text);
  if (!transcript.ok()) return defect(transcript.status());
  Result<LabConfig> config = config_of(*transcript);
  if (!config.ok()) return defect(config.status());
  if (options.seed) config->seed = *options.seed;
  const Driver driver = options.driver.value_or(config->drivers.front());
  if (!config->plays_on(driver))
    return Status::error(
        StatusCode::invalid,
        fmt::format("{} does not play on the {} driver; its header says which", name, to_string(driver)),
        fmt::format("{}: {} 드라이버로 실행할 수 없는 시나리오입니다. 머리말의 driver를 확인하세요", name,
                    to_string(driver)));

  Invariants invariants;
  const auto watch = [&](Lab& lab) {
    if (driver != Driver::sandbox) return;
    invariants = Invariants();  // an earlier lab may not have begun with the controller that was asked for
    uint64_t position = 0;
    invariants.on_events(lab.ring().since(position));  // what the nodes' first steps brought
    lab.journal().subscribe(&invariants);
  };
  const Result<std::unique_ptr<Lab>> made = make_ready_lab(*config, driver, watch);
  if (!made.ok()) return made.status();
  Lab& lab = **made;
  ScenarioResult result = play_transcript(*transcript, name, lab);
  result.driver = driver;
  if (const auto* sandbox = dynamic_cast<const Sandbox*>(&lab)) result.hash = sandbox->hash();
  if (driver == Driver::sandbox) {
    lab.journal().unsubscribe(&invariants);
    compare_violations(*transcript, name, invariants, result);
  }
  lab.close();
  return result;
}

}  // namespace brokerlab
