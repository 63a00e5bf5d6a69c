#include "sim/search/shrink.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace brokerlab;

namespace {

/// A plan of so many groups, each a fault and its heal.
Plan plan_of(int groups) {
  Plan plan;
  plan.config = {{"driver", "sandbox"}, {"set", "a=1"}, {"set", "b=2"}, {"latency", "1ms"}};
  for (int group = 1; group <= groups; ++group) {
    plan.steps.push_back({Instant{} + seconds(group), "break", group, "cut"});
    plan.steps.push_back({Instant{} + seconds(group), "heal", group});
  }
  plan.steps.push_back({Instant{} + seconds(groups + 1), "check", 0});
  return plan;
}

std::set<int> groups_of(const Plan& plan) {
  std::set<int> groups;
  for (const PlanStep& step : plan.steps) groups.insert(step.group);
  return groups;
}

const FoundViolation loss{"LostWrite", Instant{} + seconds(100), "one is lost", {}};

}  // namespace

TEST_CASE("what a violation does not need is taken away, and what belongs together stays together") {
  const auto plays = [](const Plan& plan) -> std::vector<FoundViolation> {
    const std::set<int> groups = groups_of(plan);
    const bool has_setting =
        std::ranges::count(plan.config, std::pair<std::string, std::string>{"set", "b=2"}) > 0;
    if (groups.contains(3) && groups.contains(17) && has_setting) return {loss};
    return {};
  };
  const Shrunk shrunk = shrink(plan_of(40), loss, plays);
  CHECK(groups_of(shrunk.plan) == std::set<int>{0, 3, 17});
  CHECK(shrunk.plan.steps.size() == 5);
  CHECK(shrunk.plan.config ==
        std::vector<std::pair<std::string, std::string>>{{"driver", "sandbox"}, {"set", "b=2"}});
  CHECK(shrunk.runs < 100);
}

TEST_CASE("a smaller plan that breaks another promise is not the same failure") {
  const auto plays = [](const Plan& plan) -> std::vector<FoundViolation> {
    if (groups_of(plan).contains(2)) return {loss};
    return {{"ClusterConverges", Instant{}, "kafka1 is paused", {}}};
  };
  CHECK(groups_of(shrink(plan_of(5), loss, plays).plan) == std::set<int>{0, 2});
}
