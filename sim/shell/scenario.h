// Plays a scenario: a transcript whose commands run in a cluster of its own, and whose output must be what
// stands there. In the sandbox every invariant must hold, but those that a header names: `violates: LogMatching`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/runtime/cluster.h"
#include "sim/shell/lab_config.h"
#include "sim/shell/transcript.h"

namespace brokerlab {

struct ScenarioOptions {
  std::optional<Driver> driver;  ///< nothing: the scenario's first
  std::optional<uint64_t> seed;
};

struct ScenarioResult {
  bool has_passed = false;
  std::string report;  ///< the differences, or one line when there are none
  std::string text;    ///< the transcript with the output that came
  Driver driver = Driver::sandbox;
  std::string hash;  ///< of the sandbox's journal; empty live
};

/// Runs the commands of a transcript in a lab that is ready, and puts what came into it. `name` stands in the
/// report.
ScenarioResult play_transcript(Transcript& transcript, std::string_view name, Lab& lab);

/// Makes the cluster that the scenario's header describes and plays it there. Errors: the scenario cannot be read, or its cluster cannot be made.
Result<ScenarioResult> play_scenario(std::string_view text, std::string_view name,
                                     const ScenarioOptions& options);

}  // namespace brokerlab
