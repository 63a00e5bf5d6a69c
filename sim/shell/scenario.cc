#include "sim/shell/scenario.h"

#include <fmt/format.h>

#include "sim/base/assert.h"
#include "sim/runtime/sandbox.h"
#include "sim/shell/expect.h"
#include "sim/shell/shell.h"

namespace brokerlab {

namespace {

Result<LabConfig> config_of(const Transcript& transcript) {
  LabConfig config;
  for (const auto& [name, value] : transcript.config) {
    const Status status = config.set(name, value);
    if (!status.ok()) return status;
  }
  return config;
}

}  // namespace

Status wait_until_ready(Lab& lab, Duration limit) {
  const Result<Expectation> all_alive =
      Expectation::parse(fmt::format("brokers.alive == {}", lab.spec().nodes.size()), Language::english);
  BROKERLAB_ASSERT_THAT(all_alive.ok(), all_alive.status().message);
  const auto is_ready = [&] { return all_alive->look(lab.view(), Language::english).holds; };
  if (lab.run_until(is_ready, limit) == WaitResult::reached) return {};
  const LabView view = lab.view();
  std::string states;
  for (const NodeStatus& node : view.nodes) {
    states += fmt::format("{}{} {}", states.empty() ? "" : ", ", node.name, to_string(node.state));
    if (node.state == NodeState::stopped) states += fmt::format(" (exit {})", node.exit_status);
  }
  return Status::error(StatusCode::unavailable,
                       fmt::format("the cluster was not ready after {}: {}; {}", spoken(limit),
                                   all_alive->failure(all_alive->look(view, Language::english).saw,
                                                      std::nullopt, Language::english),
                                   states));
}

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
    return Status::error(StatusCode::invalid, fmt::format("{}: {}", name, status.message));
  };
  Result<Transcript> transcript = parse_transcript(text);
  if (!transcript.ok()) return defect(transcript.status());
  Result<LabConfig> config = config_of(*transcript);
  if (!config.ok()) return defect(config.status());
  if (options.seed) config->seed = *options.seed;
  const Driver driver = options.driver.value_or(config->drivers.front());

  const Result<std::unique_ptr<Lab>> made = make_lab(config->cluster(driver, 0));
  if (!made.ok()) return made.status();
  Lab& lab = **made;
  const Status ready = wait_until_ready(lab);
  if (!ready.ok()) return ready;
  ScenarioResult result = play_transcript(*transcript, name, lab);
  result.driver = driver;
  if (const auto* sandbox = dynamic_cast<const Sandbox*>(&lab)) result.hash = sandbox->hash();
  lab.close();
  return result;
}

}  // namespace brokerlab
