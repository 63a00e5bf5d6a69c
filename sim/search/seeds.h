// Plays many seeds in child processes, so that a crash or an endless loop in one of them is a result like any other and
// ends nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/search/plan_maker.h"
#include "sim/search/run.h"

namespace brokerlab {

struct SeedRange {
  uint64_t first = 0;
  uint64_t last = 0;
  uint64_t size() const { return last - first + 1; }
};
/// "1..2000" or "7".
Result<SeedRange> parse_seeds(std::string_view text);

struct SearchOptions {
  SeedRange seeds;
  PlanOptions plan;
  int jobs = 1;
  /// Real time after which a seed counts as hanging.
  int64_t hangs_after_s = 120;
};

/// Checkers of the search itself.
inline constexpr std::string_view checker_crash = "NoCrash";
inline constexpr std::string_view checker_hang = "NoHang";

struct SearchSummary {
  uint64_t seeds = 0;
  Duration simulated;
  double wall_s = 0;
  uint64_t events = 0;
  std::map<std::string, uint64_t> faults;
  std::map<std::string, uint64_t> excuses;
  std::vector<RunResult> failures;  ///< by seed
  std::string hash_of_last;         ///< of the run that ended last
};

/// `meanwhile` is called after each seed, and a few times a second.
SearchSummary search(const SearchOptions& options,
                     const std::function<void(const SearchSummary&)>& meanwhile = {});

/// A plan that plays in a child: what it violates, a crash included.
std::vector<FoundViolation> play_in_child(const Plan& plan);

/// One line of JSON, and back.
std::string to_json(const RunResult& result);
Result<RunResult> run_result_of_json(std::string_view line);
/// {"seeds": ..., "simulated_s": ..., "wall_s": ..., "events": ..., "faults": {...}, "excuses": {...}, "violations": [...]}
std::string to_json(const SearchSummary& summary, const PlanOptions& options);

}  // namespace brokerlab
