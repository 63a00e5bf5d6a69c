// The checkers are tested by bugs: with a known defect built in, the named checker must fire, soon.
#include "sim/base/bugs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "sim/observe/invariants.h"
#include "sim/search/plan_maker.h"
#include "sim/search/run.h"

using namespace brokerlab;

namespace {

/// Within so many seeds each defect must be found.
constexpr uint64_t most_seeds = 20;

bool is_found_by_its_checker(const BugSpec& bug, uint64_t seed) {
  const RunResult played = run_plan(make_plan(seed, {.bug = bug.bug}));
  return std::ranges::any_of(
      played.violations, [&](const FoundViolation& violation) { return violation.checker == bug.checker; });
}

/// What the defect's plan comes to in a cluster that has none.
RunResult play_without_defect(const BugSpec& bug, uint64_t seed) {
  Plan plan = make_plan(seed, {.bug = bug.bug});
  std::erase_if(plan.config, [](const auto& line) { return line.first == "bug"; });
  return run_plan(plan);
}

}  // namespace

TEST_CASE("a defect is found, by the checker that it names") {
  for (const BugSpec& bug : all_bugs()) {
    CAPTURE(bug.name);
    bool is_found = false;
    for (uint64_t seed = 1; seed <= most_seeds && !is_found; ++seed)
      is_found = is_found_by_its_checker(bug, seed);
    CHECK(is_found);
  }
}

TEST_CASE("what shows a defect shows nothing where there is none") {
  for (const BugSpec& bug : all_bugs()) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      const RunResult played = play_without_defect(bug, seed);
      CAPTURE(bug.name);
      CAPTURE(seed);
      CHECK_MESSAGE(played.violations.empty(), played.violations.front().checker);
    }
  }
}

TEST_CASE("names of defects are unique, and their checkers are there") {
  std::set<std::string_view> names;
  for (const BugSpec& bug : all_bugs()) {
    CHECK(names.insert(bug.name).second);
    CHECK(find_bug(bug.name) == &bug);
    CHECK(
        std::ranges::any_of(invariant_list(), [&](const auto& known) { return known.name == bug.checker; }));
  }
  CHECK(find_bug("kip-1") == nullptr);
}
