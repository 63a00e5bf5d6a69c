#include "sim/search/plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace brokerlab {

Transcript Plan::transcript(const std::vector<std::string>& comments) const {
  Transcript transcript;
  for (const std::string& comment : comments) transcript.head.push_back("# " + comment);
  for (const auto& [name, value] : config) transcript.head.push_back(fmt::format("{}: {}", name, value));
  transcript.config = config;
  for (Line& line : lines()) {
    TranscriptBlock block;
    block.before = {""};
    block.command = std::move(line.command);
    transcript.blocks.push_back(std::move(block));
  }
  return transcript;
}

std::vector<Plan::Line> Plan::lines() const {
  std::vector<Line> lines;
  Instant now;
  for (const PlanStep& step : steps) {
    if (step.at > now) lines.push_back({"wait until " + to_string(step.at - Instant{}), nullptr});
    now = std::max(now, step.at);
    lines.push_back({step.command, &step});
  }
  return lines;
}

std::string_view checker_of(std::string_view command) {
  if (!command.starts_with("expect ")) return {};
  if (command.find("cluster.problem") != std::string_view::npos) return "ClusterConverges";
  if (command.find(".in_flight") != std::string_view::npos) return "EveryWriteAnswered";
  if (command.find(".lag") != std::string_view::npos) return "LagReachesZero";
  return "Expectation";
}

}  // namespace brokerlab
