// `brokerlab bench`: figures, one JSON line each: name, value, unit, how it was measured.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <thread>

#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "sim/runtime/sandbox.h"
#include "sim/shell/readiness.h"
#include "sim/shell/shell.h"

namespace brokerlab {

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point began) {
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

/// `brokerlab up` in a process of its own, as a person starts it; ended with SIGTERM.
class LabProcess {
 public:
  LabProcess() {
    std::array<int, 2> pipe_ends{};
    if (pipe(pipe_ends.data()) != 0) return;
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
    child_ = fork();
    if (child_ == 0) {
      dup2(pipe_ends[1], STDOUT_FILENO);
      close(pipe_ends[0]);
      execl(program.c_str(), program.c_str(), "up", "--port-base", "0", static_cast<char*>(nullptr));
      _exit(exit_status::no_such_command);
    }
    close(pipe_ends[1]);
    std::string line;
    for (char c = 0; read(pipe_ends[0], &c, 1) == 1 && c != '\n';) line += c;
    close(pipe_ends[0]);
    bootstrap_ = word_of(line, "bootstrap=");
    socket_ = word_of(line, "socket=");
  }
  ~LabProcess() {
    if (child_ <= 0) return;
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
  }
  LabProcess(const LabProcess&) = delete;
  LabProcess& operator=(const LabProcess&) = delete;

  bool is_ready() const { return !bootstrap_.empty(); }
  const std::string& bootstrap() const { return bootstrap_; }
  const std::string& socket() const { return socket_; }

  /// Resident memory as the kernel counts it.
  double resident_mib() const {
    std::ifstream status(fmt::format("/proc/{}/status", child_));
    constexpr std::string_view label = "VmRSS:";
    for (std::string line; std::getline(status, line);)
      if (line.starts_with(label)) return std::stod(line.substr(label.size())) / 1024;
    return 0;
  }
  /// Processor time of all its threads so far.
  double processor_seconds() const {
    std::ifstream stat(fmt::format("/proc/{}/stat", child_));
    std::ostringstream text;
    text << stat.rdbuf();
    const std::string line = text.str();
    // The fields after the name, which stands in brackets and may hold blanks; utime and stime are the 14th and 15th.
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    constexpr int fields_before_utime = 11;
    std::string skipped;
    for (int i = 0; i < fields_before_utime; ++i) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }

 private:
  static std::string word_of(const std::string& line, std::string_view label) {
    const size_t begin = line.find(label);
    if (begin == std::string::npos) return {};
    return line.substr(begin + label.size(), line.find(' ', begin) - begin - label.size());
  }

  pid_t child_ = -1;
  std::string bootstrap_;
  std::string socket_;
};

struct Measured {
  double value = 0;
  std::string unit;
  std::string how;
};

Result<Measured> lab_failed() {
  return Status::error(StatusCode::unavailable, "brokerlab up did not get ready");
}

std::filesystem::path this_program() { return std::filesystem::read_symlink("/proc/self/exe"); }

Result<Measured> start_to_first_ack() {
  constexpr int runs = 5;
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto began = Clock::now();
    const LabProcess lab;
    if (!lab.is_ready()) return lab_failed();
    const std::string program = this_program().string();
    const std::string commands = fmt::format(
        "{0} kafka-topics --bootstrap-server {1} --create --topic first --partitions 1 --replication-factor "
        "3 && "
        "{0} shell --socket {2} -c 'producer start first-producer --topic first --acks all --rate 100' && "
        "{0} shell --socket {2} -c 'expect within=5s event produced error_code=0'",
        program, lab.bootstrap(), lab.socket());
    if (std::system(("(" + commands + ") >/dev/null").c_str()) != 0)
      return Status::error(StatusCode::unavailable, "the first record was not acknowledged");
    times.push_back(milliseconds_since(began));
  }
  std::sort(times.begin(), times.end());
  return Measured{
      times[runs / 2], "ms",
      "median of 5: start of `brokerlab up --port-base 0` until a topic with 3 replicas was created, a "
      "producer was started and its first acks=all record acknowledged, each by a process of its own"};
}

constexpr auto settling_time = std::chrono::seconds(3);

Result<Measured> idle_memory() {
  const LabProcess lab;
  if (!lab.is_ready()) return lab_failed();
  std::this_thread::sleep_for(settling_time);
  return Measured{lab.resident_mib(), "MiB", "VmRSS of `brokerlab up` with 3 nodes, 3 s after it was ready"};
}

Result<Measured> idle_processor() {
  const LabProcess lab;
  if (!lab.is_ready()) return lab_failed();
  std::this_thread::sleep_for(settling_time);
  const double before = lab.processor_seconds();
  const auto began = Clock::now();
  std::this_thread::sleep_for(std::chrono::seconds(10));
  const double used = lab.processor_seconds() - before;
  return Measured{
      100 * used / (milliseconds_since(began) / 1000), "% of a core",
      "user and system time of `brokerlab up` with 3 nodes over 10 s, from 3 s after it was ready"};
}

Result<Measured> sandbox_speed() {
  LabConfig config;
  Sandbox lab(config.cluster(Driver::sandbox, 9092));
  const Status ready = wait_until_ready(lab);
  if (!ready.ok()) return ready;
  const Instant from = lab.now().monotonic;
  const auto began = Clock::now();
  (void)lab.run_for(seconds(1000));
  const double simulated = static_cast<double>((lab.now().monotonic - from).milliseconds()) / 1000;
  return Measured{simulated / (milliseconds_since(began) / 1000), "simulated s a second",
                  "an idle sandbox of 3 nodes over 1000 simulated seconds, in this process"};
}

/// Records a second through librdkafka (tests/bench), from a process of its own to `brokerlab up`.
Result<Measured> produce(int size, int replication_factor) {
  const std::filesystem::path client = this_program().parent_path() / "tests" / "librdkafka_produce";
  if (!std::filesystem::exists(client))
    return Status::error(StatusCode::not_found, fmt::format("{} is not built", client.string()));
  const LabProcess lab;
  if (!lab.is_ready()) return lab_failed();
  const std::string command = fmt::format("{} --bootstrap {} --replication-factor {} --size {} --seconds 3",
                                          client.string(), lab.bootstrap(), replication_factor, size);
  const double before = lab.processor_seconds();
  std::string line;
  FILE* output = popen(command.c_str(), "r");
  for (int c = 0; output != nullptr && (c = std::fgetc(output)) != EOF;) line += static_cast<char>(c);
  if (output == nullptr || pclose(output) != 0)
    return Status::error(StatusCode::unavailable, "librdkafka_produce failed");
  const nlohmann::json came = nlohmann::json::parse(line, nullptr, false);
  if (came.is_discarded()) return Status::error(StatusCode::invalid, line);
  return Measured{
      came.value("records_per_s", 0.0), "records/s",
      fmt::format("librdkafka, one producer, one partition, acks=all, linger 5 ms, {} B, {} replicas, 3 s: "
                  "{} MiB/s, the client used {} s of processor, the lab {:.2f} s",
                  size, replication_factor, came.value("mib_per_s", 0.0), came.value("client_cpu_s", 0.0),
                  lab.processor_seconds() - before)};
}

struct Figure {
  std::string_view name;
  Result<Measured> (*measure)();
};
constexpr Figure figures[] = {
    {"start_to_first_ack_ms", start_to_first_ack},
    {"idle_memory_mib", idle_memory},
    {"idle_cpu_percent", idle_processor},
    {"sandbox_idle_speed", sandbox_speed},
    {"produce_100b_rf1", [] { return produce(100, 1); }},
    {"produce_100b_rf3", [] { return produce(100, 3); }},
    {"produce_1kib_rf1", [] { return produce(1024, 1); }},
    {"produce_1kib_rf3", [] { return produce(1024, 3); }},
};

int bench(const std::string& name, Language language) {
  int status = exit_status::success;
  bool is_known = false;
  for (const Figure& figure : figures) {
    if (!name.empty() && figure.name != name) continue;
    is_known = true;
    if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "{} ...\n", figure.name);  // some take 13 s
    const Result<Measured> measured = figure.measure();
    if (!measured.ok()) {
      const Text why = text_of(measured.status());
      status = complain(fmt::format("{}: {}", figure.name, why.in(language)), exit_status::failure);
      continue;
    }
    nlohmann::ordered_json line;
    line["name"] = figure.name;
    line["value"] = measured->value;
    line["unit"] = measured->unit;
    line["how"] = measured->how;
    fmt::print("{}\n", line.dump());
    std::fflush(stdout);
  }
  if (is_known) return status;
  std::string names;
  for (const Figure& figure : figures) names += (names.empty() ? "" : ", ") + std::string(figure.name);
  return complain({fmt::format("no figure {}. There are {}", name, names),
                   fmt::format("{} 항목이 없습니다. 있는 것: {}", name, names)},
                  language, exit_status::usage);
}

}  // namespace

RunSubcommand add_bench(CLI::App& program, Language language) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand(
      "bench",
      Text{"Measure figures, one JSON line each", "성능을 측정해 항목마다 JSON 한 줄로 출력합니다"}.in(
          language));
  command->add_option("NAME", *name, Text{"Only this figure", "이 항목만 측정합니다"}.in(language))
      ->type_name("");
  return [name, language] { return bench(*name, language); };
}

}  // namespace brokerlab
