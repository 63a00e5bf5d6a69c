// `brokerlab sim --seed N`: one run in the sandbox, as fast as the processor allows, and the hash of its journal.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <optional>

#include "gui/program/options.h"
#include "gui/program/sim.h"
#include "sim/base/random.h"
#include "sim/observe/causes.h"
#include "sim/observe/invariants.h"
#include "sim/runtime/sandbox.h"
#include "sim/shell/readiness.h"
#include "sim/shell/shell.h"

namespace brokerlab {

namespace {

/// Lets the lab run until its end or the first violation, and says on a terminal how far it has come, when that takes
/// longer than a moment.
class ProgressRun {
 public:
  ProgressRun(Lab& lab, const Invariants& invariants, Instant end)
      : lab_(lab), invariants_(invariants), end_(end) {}
  ~ProgressRun() {
    if (has_shown_) fmt::print(stderr, "\r\033[K");  // erases the line
  }

  void run_for(Duration duration) {
    const Instant until = std::min(lab_.now().monotonic + duration, end_);
    while (lab_.now().monotonic < until && !has_ended()) {
      if (lab_.run_for(std::min(seconds(1), until - lab_.now().monotonic)) == WaitResult::paused) return;
      show();
    }
  }
  /// The journal's ring still has what led to a violation then.
  bool has_ended() const { return lab_.now().monotonic >= end_ || invariants_.violation_count() > 0; }

 private:
  using Clock = std::chrono::steady_clock;
  void show() {
    constexpr auto interval = std::chrono::milliseconds(500);
    if (!is_terminal_ || Clock::now() - shown_at_ < interval) return;
    shown_at_ = Clock::now();
    has_shown_ = true;
    fmt::print(stderr, "\r{} / {} s", (lab_.now().monotonic - Instant{}).milliseconds() / 1000,
               (end_ - Instant{}).milliseconds() / 1000);
  }

  Lab& lab_;
  const Invariants& invariants_;
  Instant end_;
  const bool is_terminal_ = isatty(STDERR_FILENO) != 0;
  Clock::time_point shown_at_ = Clock::now();
  bool has_shown_ = false;
};

/// The default load: 9 partitions, two producers of 200 records a second together (one with acks=1), one reader,
/// and every 10 s one broker is stopped or killed, and started again 4 s later.
class DefaultLoad {
 public:
  static constexpr Duration fault_interval = seconds(10);
  static constexpr Duration down_time = seconds(4);

  DefaultLoad(Lab& lab, uint64_t seed) : lab_(lab), shell_(lab, Language::english), random_(seed) {}

  Status start() {
    const char* const commands[] = {
        "kafka-topics --bootstrap-server $BOOTSTRAP --create --topic load --partitions 9",
        "producer start load-all --topic load --acks all --rate 100",
        "producer start load-one --topic load --acks 1 --rate 100",
        "consumer start load-reader --topic load",
    };
    for (const char* command : commands) {
      const Status status = run(command);
      if (!status.ok()) return status;
    }
    return {};
  }

  Status run_to_the_end(ProgressRun& progress) {
    for (;;) {
      progress.run_for(fault_interval);
      if (progress.has_ended()) break;
      const std::string node = fmt::format("kafka{}", 1 + random_.below(lab_.spec().nodes.size()));
      const Status down = run(fmt::format("docker {} {}", random_.chance(1, 2) ? "stop" : "kill", node));
      if (!down.ok()) return down;
      progress.run_for(down_time);
      const Status up = run("docker start " + node);
      if (!up.ok()) return up;
    }
    return {};
  }

 private:
  Status run(const std::string& command) {
    const Finished finished = shell_.run(command);
    if (finished.status == exit_status::success) return {};
    return Status::error(StatusCode::invalid, fmt::format("{}: exit {}: {}", command, finished.status,
                                                          finished.output + finished.error));
  }

  Lab& lab_;
  Shell shell_;
  Random random_;
};

void print_violation(Lab& lab, const LoadOptions& options, const Violation& violation) {
  constexpr size_t events_shown = 12;
  fmt::print("violation {}: {}\n  seed {} at {:.6f} s\n", violation.invariant, violation.text, options.seed,
             static_cast<double>((violation.at - Instant{}).nanoseconds) / 1e9);
  std::map<NodeId, std::string> names;
  for (const NodeStatus& node : lab.view().nodes) names[node.id] = node.name;
  uint64_t position = 0;
  const std::vector<Event> events = lab.ring().since(position);
  for (const Event& event : what_led_to(events, violation.event, events_shown)) {
    const auto name = names.find(event.ref.node);
    fmt::print("  {:.6f} {} {} {}\n", static_cast<double>((event.at - Instant{}).nanoseconds) / 1e9,
               name == names.end() ? "-" : name->second, kind_of(event.payload), describe(event.payload));
  }
  fmt::print("  again: brokerlab sim --seed {} --for {} --load {}\n", options.seed, options.duration,
             options.load);
}

}  // namespace

int run_load(const LoadOptions& options, Language language) {
  const Result<Duration> duration = parse_duration(options.duration, language);
  if (!duration.ok()) return complain(duration.status().message, exit_status::usage);
  const auto began = std::chrono::steady_clock::now();
  LabConfig config;
  config.seed = options.seed;
  Invariants invariants;  // outlives the lab, which tells it of its end
  Sandbox lab(config.cluster(Driver::sandbox, 9092));
  uint64_t position = 0;
  invariants.on_events(lab.ring().since(position));  // what the nodes' first steps brought
  lab.journal().subscribe(&invariants);
  const Result<std::optional<Instant>> until = options.describe.instant(language);
  if (!until.ok()) return complain(until.status().message, exit_status::usage);
  if (*until) lab.pause_at(**until);
  const Instant end = until->value_or(Instant{} + *duration);
  std::optional<ProgressRun> progress(std::in_place, lab, invariants, end);
  Status status;
  if (options.load == "default") {
    status = wait_until_ready(lab);
    DefaultLoad load(lab, options.seed);
    if (status.ok()) status = load.start();
    if (status.ok()) status = load.run_to_the_end(*progress);
  }
  // A command that was under way there could not go on.
  if (!status.ok() && !(*until && lab.now().monotonic >= **until))
    return complain(status.message, exit_status::failure);
  progress->run_for(end - Instant{});
  progress.reset();
  invariants.finish(false);

  options.describe.print(lab.view(), language);
  if (options.describe.as_json) return exit_status::success;
  if (options.describe.describes) fmt::print("\n");

  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const double lab_seconds = static_cast<double>((lab.now().monotonic - Instant{}).milliseconds()) / 1000;
  fmt::print("simulated {:.3f} s in {:.3f} s ({:.0f} s a second)\n", lab_seconds, took.count(),
             lab_seconds / took.count());
  fmt::print("events {}\n", lab.events());
  fmt::print("events per second {:.0f}\n", static_cast<double>(lab.events()) / took.count());
  fmt::print("hash {}\n", lab.hash());
  for (const auto& [reason, records] : invariants.excuses()) fmt::print("excused {}: {}\n", reason, records);
  fmt::print("violations {}\n", invariants.violation_count());
  for (const Violation& violation : invariants.violations()) print_violation(lab, options, violation);
  return invariants.violation_count() == 0 ? exit_status::success : exit_status::failure;
}

}  // namespace brokerlab
