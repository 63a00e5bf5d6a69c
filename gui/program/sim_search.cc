// `brokerlab sim --seeds A..B`: the seeded fault search.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "gui/program/options.h"
#include "gui/program/sim.h"
#include "sim/search/seeds.h"
#include "sim/search/shrink.h"
#include "sim/shell/shell.h"
#include "sim/shell/text_file.h"

namespace brokerlab {

namespace {

PlanOptions plan_options(const SearchCommand& command) {
  PlanOptions options;
  options.profile = command.profile == "budget" ? Profile::budget : Profile::no_budget;
  if (const BugSpec* bug = find_bug(command.bug)) options.bug = bug->bug;
  return options;
}

/// One line on a terminal that is written again and again; elsewhere a line now and then.
class ProgressLine {
 public:
  ~ProgressLine() { erase(); }
  void erase() {
    if (has_shown_ && is_terminal_) fmt::print(stderr, "\r\033[K");
    has_shown_ = false;
  }
  void show(const std::string& text) {
    const auto interval = is_terminal_ ? std::chrono::milliseconds(500) : std::chrono::seconds(15);
    const auto now = std::chrono::steady_clock::now();
    if (now - shown_at_ < interval) return;
    shown_at_ = now;
    has_shown_ = true;
    if (is_terminal_)
      fmt::print(stderr, "\r\033[K{}", text);
    else
      fmt::print(stderr, "{}\n", text);
  }

 private:
  const bool is_terminal_ = isatty(STDERR_FILENO) != 0;
  std::chrono::steady_clock::time_point shown_at_ = std::chrono::steady_clock::now();
  bool has_shown_ = false;
};

double seconds_of(Duration duration) { return static_cast<double>(duration.milliseconds()) / 1000; }

std::string progress_of(const SearchSummary& summary, const SeedRange& seeds, Language language) {
  const double rate = summary.wall_s > 0 ? static_cast<double>(summary.seeds) / summary.wall_s : 0;
  const auto left_s =
      rate > 0 ? static_cast<int64_t>(static_cast<double>(seeds.size() - summary.seeds) / rate) : 0;
  return Text{
      fmt::format(
          "{} of {} seeds, {:.1f} a second ({:.0f} simulated seconds a second), {} failed, {}:{:02} left",
          summary.seeds, seeds.size(), rate, seconds_of(summary.simulated) / std::max(summary.wall_s, 0.001),
          summary.failures.size(), left_s / 60, left_s % 60),
      fmt::format("시드 {}/{}, 초당 {:.1f}개 (시뮬레이션 시간 초당 {:.0f}초), 실패 {}개, 남은 시간 {}:{:02}",
                  summary.seeds, seeds.size(), rate,
                  seconds_of(summary.simulated) / std::max(summary.wall_s, 0.001), summary.failures.size(),
                  left_s / 60, left_s % 60)}
      .in(language);
}

std::string counts(const std::map<std::string, uint64_t>& numbers) {
  std::string text;
  for (const auto& [name, number] : numbers)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, number);
  return text.empty() ? "-" : text;
}

void print_summary(const SearchSummary& summary, const PlanOptions& options, Language language) {
  const double simulated = seconds_of(summary.simulated);
  fmt::print(
      "{}\n",
      Text{fmt::format("{} seeds, {:.1f} simulated hours in {:.0f} s ({:.0f} simulated seconds a second)",
                       summary.seeds, simulated / 3600, summary.wall_s,
                       simulated / std::max(summary.wall_s, 0.001)),
           fmt::format("시드 {}개, 시뮬레이션 {:.1f}시간, 실제 {:.0f}초 (초당 {:.0f}초)", summary.seeds,
                       simulated / 3600, summary.wall_s, simulated / std::max(summary.wall_s, 0.001))}
          .in(language));
  fmt::print("{} {}\n", Text{"events", "이벤트"}.in(language), summary.events);
  fmt::print("{}: {}\n", Text{"faults", "장애"}.in(language), counts(summary.faults));
  fmt::print("{}: {}\n", Text{"excuses", "면책"}.in(language), counts(summary.excuses));
  for (const RunResult& failure : summary.failures) {
    const Plan plan = make_plan(failure.seed, options);
    for (const FoundViolation& violation : failure.violations)
      fmt::print("{}\n    {}\n",
                 Text{fmt::format("seed {} at {:.3f} s: {}: {}", failure.seed,
                                  seconds_of(violation.at - Instant{}), violation.checker, violation.message),
                      fmt::format("시드 {}, {:.3f}초: {}: {}", failure.seed,
                                  seconds_of(violation.at - Instant{}), violation.checker, violation.message)}
                     .in(language),
                 replay_command(plan));
  }
  // One alone is looked at closely.
  if (summary.seeds == 1)
    for (const RunResult& failure : summary.failures)
      for (const std::string& line : failure.violations.front().led_to) fmt::print("    {}\n", line);
  fmt::print(
      "{}\n",
      Text{fmt::format("{} of {} seeds broke a promise", summary.failures.size(), summary.seeds),
           fmt::format("시드 {1}개 중 {0}개에서 약속이 깨졌습니다", summary.failures.size(), summary.seeds)}
          .in(language));
}

}  // namespace

int run_search(const SearchCommand& command, Language language) {
  const Result<SeedRange> seeds = parse_seeds(command.seeds);
  if (!seeds.ok()) return complain(text_of(seeds.status()), language, exit_status::usage);
  SearchOptions options;
  options.seeds = *seeds;
  options.plan = plan_options(command);
  options.jobs =
      command.jobs > 0 ? command.jobs : static_cast<int>(std::max(std::thread::hardware_concurrency(), 1u));
  ProgressLine line;
  const SearchSummary summary = search(
      options, [&](const SearchSummary& so_far) { line.show(progress_of(so_far, options.seeds, language)); });
  line.erase();
  if (command.as_json)
    fmt::print("{}\n", to_json(summary, options.plan));
  else
    print_summary(summary, options.plan, language);
  if (seeds->size() == 1 && !command.as_json) fmt::print("hash {}\n", summary.hash_of_last);
  return summary.failures.empty() ? exit_status::success : exit_status::failure;
}

int shrink_seed(const SearchCommand& command, uint64_t seed, Language language) {
  const Plan plan = make_plan(seed, plan_options(command));
  const std::vector<FoundViolation> violations = play_in_child(plan);
  if (violations.empty())
    return complain({fmt::format("seed {} breaks no promise, so there is nothing to shrink", seed),
                     fmt::format("시드 {}에서는 약속이 깨지지 않아 줄일 것이 없습니다", seed)},
                    language, exit_status::failure);
  ProgressLine line;
  const Shrunk shrunk = shrink(plan, violations.front(), play_in_child, [&](const Shrunk& so_far) {
    line.show(Text{fmt::format("{} steps left after {} runs", so_far.plan.steps.size(), so_far.runs),
                   fmt::format("{1}번 실행, 남은 단계 {0}개", so_far.plan.steps.size(), so_far.runs)}
                  .in(language));
  });
  line.erase();
  const Status written = write_text_file(command.shrink_to, scenario_of(shrunk.plan, shrunk.violation));
  if (!written.ok()) return complain(text_of(written), language, exit_status::failure);
  fmt::print("{}: {}\n", shrunk.violation.checker, shrunk.violation.message);
  fmt::print("{}\n",
             Text{fmt::format("{} steps of {}, after {} runs. Play it: brokerlab run {}",
                              shrunk.plan.steps.size(), plan.steps.size(), shrunk.runs, command.shrink_to),
                  fmt::format("{2}번 실행해 단계 {1}개를 {0}개로 줄였습니다. 재생: brokerlab run {3}",
                              shrunk.plan.steps.size(), plan.steps.size(), shrunk.runs, command.shrink_to)}
                 .in(language));
  return exit_status::success;
}

int print_plan(const SearchCommand& command, uint64_t seed, Language) {
  const Plan plan = make_plan(seed, plan_options(command));
  fmt::print("{}", to_string(plan.transcript({"What " + replay_command(plan) + " does"})));
  return exit_status::success;
}

int list_bugs(Language language) {
  for (const BugSpec& bug : all_bugs())
    fmt::print("{:<24} {:<32} {}\n", bug.name, bug.checker,
               Text{std::string(bug.english), std::string(bug.korean)}.in(language));
  return exit_status::success;
}

}  // namespace brokerlab
