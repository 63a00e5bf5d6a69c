// The search plays seeds in children and adds up what they found.
#include <doctest/doctest.h>

#include "sim/search/seeds.h"
#include "sim/search/shrink.h"
#include "sim/shell/scenario.h"

using namespace brokerlab;

TEST_CASE("seeds are a range or one") {
  CHECK(parse_seeds("3..5")->first == 3);
  CHECK(parse_seeds("3..5")->last == 5);
  CHECK(parse_seeds("7")->size() == 1);
  for (const char* text : {"", "..", "5..3", "a..b", "1..", "1-5"}) CHECK_FALSE(parse_seeds(text).ok());
}

TEST_CASE("a seed is one history: alone, in company, and as a scenario") {
  const Plan plan = make_plan(3, {});
  const RunResult alone = run_plan(plan);
  CHECK(run_plan(plan) == alone);

  SearchOptions options;
  options.seeds = {3, 3};
  CHECK(search(options).hash_of_last == alone.hash);

  Transcript played;
  (void)run_plan(plan, &played);
  Transcript scenario = plan.transcript({"a seed"});
  scenario.blocks = played.blocks;
  const Result<ScenarioResult> replayed = play_scenario(to_string(scenario), "seed 3", {});
  REQUIRE(replayed.ok());
  CHECK(replayed->hash == alone.hash);
}

TEST_CASE("results come through JSON as they were") {
  RunResult result;
  result.seed = 5;
  result.simulated = milliseconds(30'001);
  result.events = 7;
  result.faults = {{"cut", 2}};
  result.excuses = {{"power loss", 1}};
  result.violations = {{"LogMatching", Instant{} + seconds(3), "\"both\" at 5", {"1s kafka1 command"}}};
  result.hash = "abc";
  const Result<RunResult> read = run_result_of_json(to_json(result));
  REQUIRE(read.ok());
  CHECK(*read == result);
}

TEST_CASE("a summary tells each violation with the command that plays it again") {
  SearchSummary summary;
  summary.seeds = 2;
  RunResult failure;
  failure.seed = 9;
  failure.violations = {{"LogMatching", Instant{} + seconds(3), "differ", {}}};
  summary.failures = {failure};
  const std::string json = to_json(summary, {});
  CHECK(json.find("\"replay\": \"brokerlab sim --seeds 9..9\"") != std::string::npos);
  CHECK(json.find("\"checker\": \"LogMatching\"") != std::string::npos);
}
