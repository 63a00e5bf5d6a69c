#include "sim/shell/scenario.h"

#include <fmt/format.h>

#include "sim/runtime/sandbox.h"
#include "sim/shell/readiness.h"
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
  if (!config->plays_on(driver))
    return Status::error(
        StatusCode::invalid,
        fmt::format("{} does not play on the {} driver; its header says which", name, to_string(driver)));

  const Result<std::unique_ptr<Lab>> made = make_ready_lab(*config, driver);
  if (!made.ok()) return made.status();
  Lab& lab = **made;
  ScenarioResult result = play_transcript(*transcript, name, lab);
  result.driver = driver;
  if (const auto* sandbox = dynamic_cast<const Sandbox*>(&lab)) result.hash = sandbox->hash();
  lab.close();
  return result;
}

}  // namespace brokerlab
