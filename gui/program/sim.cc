// `brokerlab sim`: one run in the sandbox, as fast as the processor allows, and the hash of its journal.
#include <fmt/format.h>

#include <chrono>
#include <limits>

#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "sim/base/random.h"
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

  Status run_until(Instant end) {
    while (lab_.now().monotonic < end) {
      const Instant next_fault = lab_.now().monotonic + fault_interval;
      (void)lab_.run_for(std::min(next_fault, end) - lab_.now().monotonic);
      if (lab_.now().monotonic >= end) break;
      const std::string node = fmt::format("kafka{}", 1 + random_.below(lab_.spec().nodes.size()));
      const Status down = run(fmt::format("docker {} {}", random_.chance(1, 2) ? "stop" : "kill", node));
      if (!down.ok()) return down;
      (void)lab_.run_for(std::min(down_time, std::max(end - lab_.now().monotonic, Duration{})));
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

int simulate(const SimOptions& options) {
  const Result<Duration> duration = parse_duration(options.duration);
  if (!duration.ok()) return complain(duration.status().message, exit_status::usage);
  const auto began = std::chrono::steady_clock::now();
  LabConfig config;
  config.seed = options.seed;
  Sandbox lab(config.cluster(Driver::sandbox, 9092));
  const Instant end = Instant{} + *duration;
  Status status;
  if (options.load == "default") {
    status = wait_until_ready(lab);
    DefaultLoad load(lab, options.seed);
    if (status.ok()) status = load.start();
    if (status.ok()) status = load.run_until(end);
  }
  if (!status.ok()) return complain(status.message, exit_status::failure);
  if (lab.now().monotonic < end) (void)lab.run_for(end - lab.now().monotonic);

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
                  "샌드박스를 최대 속도로 돌리고 저널의 해시를 보여 줍니다"}
                 .in(language));
  command->add_option(
      "--seed", options->seed,
      Text{"Seed of all that is left to chance (1)", "우연에 맡기는 모든 것의 시드 (1)"}.in(language));
  command->add_option("--for", options->duration, Text{"Lab time (30s)", "실험실 시간 (30s)"}.in(language))
      ->type_name("TIME");
  command
      ->add_option(
          "--load", options->load,
          Text{"default: producers, a reader and a broker that fails every 10 s; none: an idle cluster",
               "default: 프로듀서들과 컨슈머, 10초마다 실패하는 브로커. none: 한가한 클러스터"}
              .in(language))
      ->check(CLI::IsMember({"default", "none"}));
  return [options] { return simulate(*options); };
}

}  // namespace brokerlab
