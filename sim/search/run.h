// Plays a plan in a sandbox, through the shell, with the invariants looking at every event.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/search/plan.h"

namespace brokerlab {

struct FoundViolation {
  std::string checker;  ///< NoCommittedRecordLostGlobally, ClusterConverges, "crash" ...
  Instant at;
  std::string message;
  std::vector<std::string> led_to;  ///< the events that led to it, a line each
  friend bool operator==(const FoundViolation&, const FoundViolation&) = default;
};

struct RunResult {
  uint64_t seed = 0;
  Duration simulated;
  uint64_t events = 0;
  std::map<std::string, uint64_t> faults;  ///< by kind, those that were carried out
  std::map<std::string, uint64_t> excuses;
  std::vector<FoundViolation> violations;
  std::string hash;
  friend bool operator==(const RunResult&, const RunResult&) = default;
};

/// Stops at the first violation. What the commands wrote is filled into `played` when it is not null.
RunResult run_plan(const Plan& plan, Transcript* played = nullptr);

/// The command that plays the seed again.
std::string replay_command(const Plan& plan);

}  // namespace brokerlab
