// Draws plans. Each seed is a swarm's member: it leaves out a random half of the kinds of faults and of the features,
// so that some histories are full of one thing and others mix everything.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/base/bugs.h"
#include "sim/search/plan.h"

namespace brokerlab {

struct PlanOptions {
  Profile profile = Profile::budget;
  std::optional<Bug> bug = {};  ///< built in; the plan favours the faults that it shows under
};

/// How long a plan plays: until its faults are healed, and until its last check.
inline constexpr Duration plan_heals_after = seconds(18);
inline constexpr Duration plan_length = seconds(30);

Plan make_plan(uint64_t seed, const PlanOptions& options);

}  // namespace brokerlab
