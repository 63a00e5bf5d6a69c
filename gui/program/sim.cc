// `brokerlab sim`: one run in the sandbox, as fast as the processor allows, and the hash of its journal.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <optional>

#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "sim/base/random.h"
#include "sim/runtime/presets.h"
#include "sim/runtime/sandbox.h"
#include "sim/shell/readiness.h"
#include "sim/shell/shell.h"

namespace brokerlab {

namespace {

struct SimOptions {
  uint64_t seed = 1;
  std::string duration = "30s";
  std::string load = "default";
};

/// Lets the lab run and says on a terminal how far it has come, when that takes longer than a moment.
class ProgressRun {
 public:
  ProgressRun(Lab& lab, Instant end) : lab_(lab), end_(end) {}
  ~ProgressRun() {
    if (has_shown_) fmt::print(stderr, "\r\033[K");  // erases the line
  }

  void run_for(Duration duration) {
    const Instant until = std::min(lab_.now().monotonic + duration, end_);
    while (lab_.now().monotonic < until) {
      (void)lab_.run_for(std::min(seconds(1), until - lab_.now().monotonic));
      show();
    }
  }
  bool has_ended() const { return lab_.now().monotonic >= end_; }

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
      const std::string node =
          fmt::format("kafka{}", 1 + random_.below(static_cast<uint64_t>(brokers_of(lab_.spec()))));
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

int simulate(const SimOptions& options, Language language) {
  const Result<Duration> duration = parse_duration(options.duration, language);
  if (!duration.ok()) return complain(duration.status().message, exit_status::usage);
  const auto began = std::chrono::steady_clock::now();
  LabConfig config;
  config.seed = options.seed;
  Sandbox lab(config.cluster(Driver::sandbox, 9092));
  const Instant end = Instant{} + *duration;
  std::optional<ProgressRun> progress(std::in_place, lab, end);
  Status status;
  if (options.load == "default") {
    status = wait_until_ready(lab);
    DefaultLoad load(lab, options.seed);
    if (status.ok()) status = load.start();
    if (status.ok()) status = load.run_to_the_end(*progress);
  }
  if (!status.ok()) return complain(status.message, exit_status::failure);
  progress->run_for(*duration);
  progress.reset();

  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const double lab_seconds = static_cast<double>((lab.now().monotonic - Instant{}).milliseconds()) / 1000;
  fmt::print("simulated {:.3f} s in {:.3f} s ({:.0f} s a second)\n", lab_seconds, took.count(),
             lab_seconds / took.count());
  fmt::print("events {}\n", lab.events());
  fmt::print("events per second {:.0f}\n", static_cast<double>(lab.events()) / took.count());
  fmt::print("hash {}\n", lab.hash());
  return exit_status::success;
}

}  // namespace

RunSubcommand add_sim(CLI::App& program, Language language) {
  auto options = std::make_shared<SimOptions>();
  CLI::App* command = program.add_subcommand(
      "sim", Text{"Run the sandbox as fast as it goes and print the hash of its journal",
                  "샌드박스를 최대 속도로 실행하고 저널의 해시를 출력합니다"}
                 .in(language));
  command
      ->add_option("--seed", options->seed,
                   Text{"Seed of all that is left to chance (1)", "난수 시드 (1)"}.in(language))
      ->type_name("N");
  command
      ->add_option("--for", options->duration,
                   Text{"How long, in lab time (30s)", "실행할 시간, 랩 시간 기준 (30s)"}.in(language))
      ->type_name("TIME");
  command
      ->add_option(
          "--load", options->load,
          Text{"default: producers, a reader and a broker that fails every 10 s; none: an idle cluster",
               "default: 프로듀서 둘과 컨슈머 하나, 10초마다 브로커 장애. none: 부하 없음"}
              .in(language))
      ->type_name("default|none")
      ->check(one_of({"default", "none"}, language));
  return [options, language] { return simulate(*options, language); };
}

}  // namespace brokerlab
