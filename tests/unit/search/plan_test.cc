// Plans: a seed is a plan, a plan is a scenario.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "sim/runtime/fault_catalogue.h"
#include "sim/search/plan_maker.h"

using namespace brokerlab;

namespace {

std::string text_of(const Plan& plan) { return to_string(plan.transcript({})); }

}  // namespace

TEST_CASE("the same seed is the same plan, and another seed another") {
  CHECK(text_of(make_plan(7, {})) == text_of(make_plan(7, {})));
  CHECK(text_of(make_plan(7, {})) != text_of(make_plan(8, {})));
}

TEST_CASE("a plan is a scenario: it reads back as the commands and the cluster that it was") {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const Plan plan = make_plan(seed, {});
    const Result<Transcript> read = parse_transcript(text_of(plan));
    REQUIRE_MESSAGE(read.ok(), read.status().message);
    CHECK(read->config == plan.config);
    std::vector<std::string> commands;
    for (const TranscriptBlock& block : read->blocks) commands.push_back(block.command);
    std::vector<std::string> planned;
    for (const Plan::Line& line : plan.lines()) planned.push_back(line.command);
    CHECK(commands == planned);
    LabConfig config;
    for (const auto& [name, value] : read->config) CHECK(config.set(name, value).ok());
  }
}

TEST_CASE("over some hundred seeds every kind of fault comes, and every seed leaves some out") {
  for (const Profile profile : {Profile::budget, Profile::no_budget}) {
    std::set<std::string> seen;
    for (uint64_t seed = 1; seed <= 400; ++seed) {
      std::set<std::string> in_seed;
      for (const PlanStep& step : make_plan(seed, {.profile = profile}).steps)
        if (!step.fault.empty()) in_seed.insert(step.fault);
      CHECK(in_seed.size() < fault_catalogue().size());
      seen.insert(in_seed.begin(), in_seed.end());
    }
    for (const FaultKind& kind : fault_catalogue())
      CHECK_MESSAGE(seen.contains(std::string(kind.name)), kind.name);
  }
}

TEST_CASE(
    "with a budget, flushed data is lost at one node at most, and only where a second copy was promised") {
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    int losses = 0;
    bool has_single_copies = false;
    for (const PlanStep& step : make_plan(seed, {}).steps) {
      const FaultKind* kind = find_fault_kind(step.fault);
      if (kind != nullptr && kind->damage == FaultKind::Damage::synced) ++losses;
      if (step.at == Instant{} && step.command.find("min.insync.replicas=1") != std::string::npos)
        has_single_copies = true;
    }
    CHECK(losses <= (has_single_copies ? 0 : 1));
  }
}

TEST_CASE("with a budget, the only voter of a quorum keeps what it flushed") {
  int with_one_voter = 0;
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    const Plan plan = make_plan(seed, {});
    if (std::ranges::count(plan.config, std::pair<std::string, std::string>("controllers", "1")) == 0)
      continue;
    ++with_one_voter;
    for (const PlanStep& step : plan.steps) {
      const FaultKind* kind = find_fault_kind(step.fault);
      if (kind != nullptr && kind->damage == FaultKind::Damage::synced)
        CHECK(step.command.find("controller1") == std::string::npos);
    }
  }
  CHECK(with_one_voter > 50);
}

TEST_CASE("over some hundred seeds roles are apart and together, and records leave in every way") {
  std::map<std::string, int> seeds_with;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    const std::string text = text_of(make_plan(seed, {}));
    for (const char* what :
         {"controllers: 1", "controllers: 3", " controller1", "internal.segment.bytes=", "retention.bytes=",
          "retention.ms=", "cleanup.policy=compact", "kafka-delete-records", "min.insync.replicas="})
      seeds_with[what] += text.find(what) != std::string::npos ? 1 : 0;
  }
  for (const auto& [what, seeds] : seeds_with) CHECK_MESSAGE((seeds > 5), what);
}

TEST_CASE("everything is healed before the checks") {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    for (const PlanStep& step : make_plan(seed, {}).steps) {
      if (!step.fault.empty()) CHECK(step.at <= Instant{} + plan_heals_after);
      CHECK(step.at <= Instant{} + plan_length);
    }
  }
}
