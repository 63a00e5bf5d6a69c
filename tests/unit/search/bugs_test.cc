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

/// Within so many seeds a defect must be found.
constexpr uint64_t most_seeds = 20;

}  // namespace

TEST_CASE("a defect is found, by the checker that it names") {
  for (const char* name : {"kip-101-hw-truncation", "no-pre-vote"}) {
    CAPTURE(name);
    const BugSpec& bug = *find_bug(name);
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
