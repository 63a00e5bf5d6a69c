#include "sim/search/shrink.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "sim/observe/invariants.h"
#include "sim/search/seeds.h"

namespace brokerlab {

namespace {

using Groups = std::vector<int>;

Groups groups_of(const Plan& plan) {
  std::set<int> groups;
  for (const PlanStep& step : plan.steps)
    if (step.group != 0) groups.insert(step.group);
  return {groups.begin(), groups.end()};
}

Plan with_only(const Plan& plan, const Groups& groups) {
  Plan smaller = plan;
  std::erase_if(smaller.steps, [&](const PlanStep& step) {
    return step.group != 0 && !std::ranges::binary_search(groups, step.group);
  });
  return smaller;
}

bool is_invariant(const std::string& checker) {
  return std::ranges::any_of(invariant_list(), [&](const auto& known) { return known.name == checker; });
}

class Shrinker {
 public:
  Shrinker(Shrunk best, const Plays& plays, const std::function<void(const Shrunk&)>& progress)
      : best_(std::move(best)), plays_(plays), progress_(progress) {}

  Shrunk shrink() {
    cut_behind_violation();
    minimise_groups();
    drop_settings();
    minimise_groups();
    return std::move(best_);
  }

 private:
  bool try_plan(const Plan& plan) {
    ++best_.runs;
    for (const FoundViolation& violation : plays_(plan)) {
      if (violation.checker != best_.violation.checker) continue;
      best_.plan = plan;
      best_.violation = violation;
      if (progress_) progress_(best_);
      return true;
    }
    return false;
  }

  /// What would have happened later plays no part.
  void cut_behind_violation() {
    Plan plan = best_.plan;
    std::erase_if(plan.steps, [&](const PlanStep& step) { return step.at > best_.violation.at; });
    if (plan.steps.size() == best_.plan.steps.size()) return;
    // The lab must still run up to there.
    plan.steps.push_back({best_.violation.at + milliseconds(1), "wait 1ms", 0});
    (void)try_plan(plan);
  }

  /// ddmin: halves first, then ever smaller pieces, until no single group can go.
  void minimise_groups() {
    Groups groups = groups_of(best_.plan);
    size_t pieces = 2;
    while (!groups.empty()) {
      const size_t size = std::max<size_t>(groups.size() / std::min(pieces, groups.size()), 1);
      bool is_smaller = false;
      for (size_t begin = 0; begin < groups.size() && !is_smaller; begin += size) {
        Groups rest = groups;
        rest.erase(rest.begin() + static_cast<ptrdiff_t>(begin),
                   rest.begin() + static_cast<ptrdiff_t>(std::min(begin + size, groups.size())));
        if (!try_plan(with_only(best_.plan, rest))) continue;
        groups = std::move(rest);
        is_smaller = true;
      }
      if (is_smaller)
        pieces = std::max<size_t>(pieces - 1, 2);
      else if (size == 1)
        return;
      else
        pieces = std::min(pieces * 2, groups.size());
    }
  }

  void drop_settings() {
    for (size_t i = 0; i < best_.plan.config.size();) {
      const std::string& name = best_.plan.config[i].first;
      Plan plan = best_.plan;
      plan.config.erase(plan.config.begin() + static_cast<ptrdiff_t>(i));
      const bool may_go = name == "set" || name == "latency";
      if (!may_go || !try_plan(plan)) ++i;
    }
  }

  Shrunk best_;
  const Plays& plays_;
  const std::function<void(const Shrunk&)>& progress_;
};

}  // namespace

Shrunk shrink(const Plan& plan, const FoundViolation& violation, const Plays& plays,
              const std::function<void(const Shrunk&)>& progress) {
  return Shrinker({plan, violation, 0}, plays, progress).shrink();
}

std::string scenario_of(const Plan& plan, const FoundViolation& violation) {
  // What a crash would have written cannot be told.
  const bool can_be_played = violation.checker != checker_crash && violation.checker != checker_hang;
  Transcript played;
  if (can_be_played) (void)run_plan(plan, &played);
  std::vector<std::string> comments{
      fmt::format("{} at {}: {}", violation.checker, to_string(violation.at - Instant{}), violation.message),
      fmt::format("Found by {}", replay_command(plan))};
  Plan named = plan;
  // Promises about what comes true at last are expectations of the scenario itself.
  if (can_be_played && is_invariant(violation.checker))
    named.config.emplace_back("violates", violation.checker);
  Transcript transcript = named.transcript(comments);
  if (can_be_played) transcript.blocks = std::move(played.blocks);
  return to_string(transcript);
}

}  // namespace brokerlab
