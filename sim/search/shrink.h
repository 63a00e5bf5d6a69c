// Makes a failing plan small: takes away groups of steps (delta debugging, Zeller and Hildebrandt 2002), then settings,
// as long as the same checker fires.
#pragma once

#include <functional>
#include <string>

#include "sim/search/plan.h"
#include "sim/search/run.h"

namespace brokerlab {

struct Shrunk {
  Plan plan;
  FoundViolation violation;
  int runs = 0;  ///< how often a smaller plan was tried
};

/// REQUIRES: playing `plan` violates `checker`. `plays` says what a plan violates; it is asked for each smaller plan and
/// may be slow. `progress` is told of each success.
using Plays = std::function<std::vector<FoundViolation>(const Plan&)>;
Shrunk shrink(const Plan& plan, const FoundViolation& violation, const Plays& plays,
              const std::function<void(const Shrunk&)>& progress = {});

/// The scenario of a failing plan: its comments say what it violates, its blocks what the commands wrote.
std::string scenario_of(const Plan& plan, const FoundViolation& violation);

}  // namespace brokerlab
