// The checkers are tested by bugs: with a known defect built in, the named checker must fire, soon.
#include "sim/base/bugs.h"

#include <doctest/doctest.h>

#include <set>

#include "sim/observe/invariants.h"
#include "sim/search/plan_maker.h"
#include "sim/search/run.h"

using namespace brokerlab;

namespace {

/// Within so many seeds each defect must be found. How many it takes is in sim/README.md.
constexpr uint64_t most_seeds = 20;

}  // namespace

TEST_CASE("every defect is found, by the checker that it names") {
  for (const BugSpec& bug : all_bugs()) {
    CAPTURE(bug.name);
    bool is_found = false;
    for (uint64_t seed = 1; seed <= most_seeds && !is_found; ++seed)
      for (const FoundViolation& violation : run_plan(make_plan(seed, {.bug = bug.bug})).violations)
        is_found = is_found || violation.checker == bug.checker;
    CHECK(is_found);
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
