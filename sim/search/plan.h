// A plan of the fault search: a cluster, and what is done to it at which lab time. Drawn from a seed alone
// (plan_maker.h), so that a seed is a history, and written as a scenario, so that a history needs no seed.
//
// Steps are lines of the command language, as a learner types them. Steps of one group belong together (a fault
// and its heal, a producer and the check of its answers): shrinking takes a group away as a whole. Group 0 always
// stays: the last heals and the checks.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/time.h"
#include "sim/shell/lab_config.h"
#include "sim/shell/transcript.h"

namespace brokerlab {

/// Whether faults keep to a budget: then every promise must hold, and else only that nothing crashes or hangs.
enum class Profile : uint8_t { budget, no_budget };

struct PlanStep {
  Instant at;
  std::string command;
  int group = 0;
  std::string fault = {};  ///< its kind (fault_catalogue.h), or "restart"; empty when it breaks nothing
};

struct Plan {
  uint64_t seed = 0;
  Profile profile = Profile::budget;
  /// The header of the scenario (lab_config.h).
  std::vector<std::pair<std::string, std::string>> config;
  std::vector<PlanStep> steps;  ///< by time

  /// The steps as lines, with the waits between them.
  struct Line {
    std::string command;
    const PlanStep* step = nullptr;  ///< null: a wait
  };
  std::vector<Line> lines() const;
  /// Lines in front of the header, without "# ".
  Transcript transcript(const std::vector<std::string>& comments) const;
};

/// Which promise an `expect` of a plan checks: "ClusterConverges", "EveryWriteAnswered", "LagReachesZero". Empty for
/// other commands.
std::string_view checker_of(std::string_view command);

}  // namespace brokerlab
