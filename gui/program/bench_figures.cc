#include "gui/program/bench_figures.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <optional>
#include <thread>

#include "sim/base/assert.h"
#include "sim/runtime/sandbox.h"
#include "sim/shell/lab_config.h"
#include "sim/shell/readiness.h"

namespace brokerlab {

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point began) {
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

Result<double> member(const Result<nlohmann::json>& measured, const char* name) {
  if (!measured.ok()) return measured.status();
  return measured->value(name, 0.0);
}

Status tool(std::vector<std::string> words) {
  words.insert(words.begin(), this_program());
  return output_of(words).status();
}

Status create_topic(const ServerProcess& server, const std::string& topic, int partitions,
                    int replication_factor) {
  return tool({"kafka-topics", "--bootstrap-server", server.bootstrap(), "--create", "--topic", topic,
               "--partitions", std::to_string(partitions), "--replication-factor",
               std::to_string(replication_factor)});
}

enum class Peer { lab, kafka, mock };

ServerProcess& server_of(Bench& bench, Peer peer) {
  BROKERLAB_ASSERT(peer != Peer::mock);
  return peer == Peer::lab ? bench.lab() : bench.kafka();
}

std::vector<std::string> librdkafka(Bench& bench, Peer peer, const std::string& mode,
                                    const std::string& topic) {
  std::vector<std::string> words = {mode, "--topic", topic};
  if (peer == Peer::mock)
    words.emplace_back("--mock");
  else
    words.insert(words.end(), {"--bootstrap", server_of(bench, peer).bootstrap()});
  return words;
}

/// What the contender before has deleted is gone then (log.segment.delete.delay.ms is a second).
constexpr auto deletion_time = std::chrono::seconds(2);

Contender produce(std::string name, Peer peer, int replication_factor, int size) {
  return {std::move(name),
          [=](Bench& bench) {
            std::this_thread::sleep_for(deletion_time);
            take_memory_from_host();
            auto words = librdkafka(bench, peer, "produce", bench.new_topic());
            words.insert(words.end(), {"--replication-factor", std::to_string(replication_factor), "--size",
                                       std::to_string(size), "--seconds",
                                       fmt::format("{}", bench.options().seconds), "--delete"});
            return member(measure_with("librdkafka_client", words), "records_per_s");
          },
          peer == Peer::kafka};
}

Figure produce_figure(std::string name, int size, double goal_against_kafka_rf3) {
  return {.name = std::move(name),
          .unit = "records/s",
          .how = fmt::format(
              "librdkafka, one producer, one partition, acks=all, linger 5 ms, batches of 10,000, {} B; free "
              "memory is touched before",
              size),
          .contenders = {produce("lab rf1", Peer::lab, 1, size), produce("lab rf3", Peer::lab, 3, size),
                         produce("mock", Peer::mock, 3, size), produce("kafka rf1", Peer::kafka, 1, size),
                         produce("kafka rf3", Peer::kafka, 3, size)},
          .goals = {{"lab rf1", "mock", true, 0.8},
                    {"lab rf3", "mock", true, 0.4},
                    {"lab rf1", "kafka rf1", true, 1.3},
                    {"lab rf3", "kafka rf3", true, goal_against_kafka_rf3}}};
}

Contender round_trips(std::string name, Peer peer) {
  return {std::move(name),
          [=](Bench& bench) {
            auto words = librdkafka(bench, peer, "round-trips", bench.new_topic());
            words.insert(words.end(), {"--records", "2000", "--delete"});
            return member(measure_with("librdkafka_client", words), "round_trip_p50_us");
          },
          peer == Peer::kafka};
}

constexpr int preloaded_mebibytes = 1024;
constexpr const char* preloaded_topic = "preloaded";

Status preload(Bench& bench, Peer peer) {
  auto words = librdkafka(bench, peer, "produce", preloaded_topic);
  words.insert(words.end(), {"--replication-factor", "1", "--size", "1024", "--records",
                             std::to_string(preloaded_mebibytes * 1024)});
  return measure_with("librdkafka_client", words).status();
}

Contender consume(std::string name, Peer peer) {
  return {std::move(name),
          [=](Bench& bench) {
            auto words = librdkafka(bench, peer, "consume", preloaded_topic);
            words.insert(words.end(), {"--records", std::to_string(preloaded_mebibytes * 1024)});
            return member(measure_with("librdkafka_client", words), "mib_per_s");
          },
          peer == Peer::kafka};
}

/// Microseconds of processor for each batch, of all brokers together.
Contender batch_time(int partitions, int replication_factor) {
  return {fmt::format("{} partitions", partitions), [=](Bench& bench) -> Result<double> {
            constexpr int batches = 10'000;
            const std::string topic = bench.new_topic();
            const Status created = create_topic(bench.lab(), topic, partitions, replication_factor);
            if (!created.ok()) return created;
            const auto produce = [&](int count) {
              return measure_with("raw_client", {"produce", "--bootstrap", bench.lab().bootstrap(), "--topic",
                                                 topic, "--batches", std::to_string(count)});
            };
            // One to each partition first: by then all of them have their logs.
            if (const auto ready = produce(partitions); !ready.ok()) return ready.status();
            const double before = bench.lab().processor_seconds();
            const auto measured = produce(batches);
            const double used_s = bench.lab().processor_seconds() - before;
            if (!measured.ok()) return measured.status();
            const Status deleted = tool({"kafka-topics", "--bootstrap-server", bench.lab().bootstrap(),
                                         "--delete", "--topic", topic});
            if (!deleted.ok()) return deleted;
            return used_s * 1e6 / batches;
          }};
}

constexpr auto settling_time = std::chrono::seconds(3);
constexpr int idle_partitions = 1000;
constexpr int idle_replicas = 3 * idle_partitions;

/// What the folder takes on the disk, holes not counted.
double allocated_kib(const std::filesystem::path& folder) {
  double blocks = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    struct stat info {};
    if (entry.is_regular_file() && ::stat(entry.path().c_str(), &info) == 0)
      blocks += static_cast<double>(info.st_blocks);
  }
  constexpr double kib_of_block = 0.5;
  return blocks * kib_of_block;
}

/// Logs that are there, with the metadata's.
int logs_in(const std::filesystem::path& folder) {
  int logs = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().filename() == "partition.metadata") ++logs;
  return logs;
}

struct IdleReplica {
  double memory_kib = 0;
  double disk_kib = 0;
};

Result<IdleReplica> measure_idle_replicas(Bench& bench) {
  std::string folder = (std::filesystem::temp_directory_path() / "brokerlab-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr)
    return Status::error(StatusCode::io_error, "no temporary folder can be made");
  IdleReplica grown;
  Status created;
  {
    const LabProcess lab({"--data", folder});
    std::this_thread::sleep_for(settling_time);
    const double memory_before_mib = lab.resident_mib();
    const double disk_before_kib = allocated_kib(folder);
    const int logs_before = logs_in(folder);
    created = create_topic(lab, bench.new_topic(), idle_partitions, 3);
    const auto limit = Clock::now() + std::chrono::minutes(1);
    while (created.ok() && logs_in(folder) < logs_before + idle_replicas && Clock::now() < limit)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    std::this_thread::sleep_for(settling_time);
    grown.memory_kib = (lab.resident_mib() - memory_before_mib) * 1024 / idle_replicas;
    grown.disk_kib = (allocated_kib(folder) - disk_before_kib) / idle_replicas;
  }
  std::filesystem::remove_all(folder);
  if (!created.ok()) return created;
  return grown;
}

/// Both are measured with one topic: making and removing thousands of folders again slows the file system down.
Figure idle_replica_figure() {
  const auto measured = std::make_shared<std::optional<Result<IdleReplica>>>();
  const auto member = [measured](double IdleReplica::*wanted) {
    return [measured, wanted](Bench& bench) -> Result<double> {
      if (!*measured) measured->emplace(measure_idle_replicas(bench));
      const Result<IdleReplica>& replica = **measured;
      if (!replica.ok()) return replica.status();
      return (*replica).*wanted;
    };
  };
  return {
      .name = "idle_replica_kib",
      .unit = "KiB",
      .how =
          "growth of VmRSS, and of the blocks on the disk, by a topic of 1,000 partitions with 3 replicas, 3 "
          "s "
          "after, for each replica",
      .contenders = {{"memory", member(&IdleReplica::memory_kib)}, {"disk", member(&IdleReplica::disk_kib)}},
      .needs_lab = false,
      .is_repeated = false};
}

Result<double> start_to_first_ack(Bench&) {
  const auto began = Clock::now();
  const LabProcess lab;
  const std::string socket = lab.word("socket=");
  for (const Status& done :
       {create_topic(lab, "first", 1, 3),
        tool({"shell", "--socket", socket, "-c",
              "producer start first-producer --topic first --acks all --rate 100"}),
        tool({"shell", "--socket", socket, "-c", "expect within=5s event produced error_code=0"})})
    if (!done.ok()) return done;
  return milliseconds_since(began);
}

/// Seconds of processor that a lab takes for a load that does not fill it, with `arguments` of `brokerlab up`.
Result<double> processor_for_load(Bench& bench, const std::vector<std::string>& arguments) {
  const LabProcess lab(arguments);
  const auto measured =
      measure_with("librdkafka_client",
                   {"produce", "--bootstrap", lab.bootstrap(), "--topic", bench.new_topic(),
                    "--replication-factor", "3", "--size", "1000", "--rate", "50000", "--seconds", "10"});
  if (!measured.ok()) return measured.status();
  return lab.processor_seconds();
}
Result<double> processor_with_recording(Bench& bench) {
  std::string folder = (std::filesystem::temp_directory_path() / "brokerlab-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr)
    return Status::error(StatusCode::io_error, "no temporary folder can be made");
  const Result<double> used = processor_for_load(bench, {"--record", folder + "/session"});
  std::filesystem::remove_all(folder);
  return used;
}

Result<double> idle_memory(Bench& bench) {
  std::this_thread::sleep_for(settling_time);
  return bench.lab().resident_mib();
}

Result<double> idle_processor(Bench& bench) {
  std::this_thread::sleep_for(settling_time);
  const double before = bench.lab().processor_seconds();
  const auto began = Clock::now();
  std::this_thread::sleep_for(std::chrono::seconds(10));
  return 100 * (bench.lab().processor_seconds() - before) / (milliseconds_since(began) / 1000);
}

Result<double> sandbox_speed(Bench&) {
  LabConfig config;
  Sandbox lab(config.cluster(Driver::sandbox, 9092));
  const Status ready = wait_until_ready(lab);
  if (!ready.ok()) return ready;
  const Instant from = lab.now().monotonic;
  const auto began = Clock::now();
  (void)lab.run_for(seconds(1000));
  const double simulated = static_cast<double>((lab.now().monotonic - from).milliseconds()) / 1000;
  return simulated / (milliseconds_since(began) / 1000);
}

}  // namespace

std::vector<Figure> all_figures() {
  return {
      {.name = "start_to_first_ack_ms",
       .unit = "ms",
       .how = "start of `brokerlab up` until a topic with 3 replicas was created, a producer was started and "
              "its first "
              "acks=all record acknowledged, each by a process of its own",
       .contenders = {{"lab", start_to_first_ack}},
       .needs_lab = false},
      {.name = "idle_memory_mib",
       .unit = "MiB",
       .how = "VmRSS of `brokerlab up` with 3 nodes, 3 s after it was ready",
       .contenders = {{"lab", idle_memory}},
       .is_repeated = false},
      {.name = "idle_cpu_percent",
       .unit = "% of a core",
       .how = "user and system time of `brokerlab up` with 3 nodes over 10 s, from 3 s after it was ready",
       .contenders = {{"lab", idle_processor}},
       .is_repeated = false},
      {.name = "sandbox_idle_speed",
       .unit = "simulated s a second",
       .how = "an idle sandbox of 3 nodes over 1000 simulated seconds, in this process",
       .contenders = {{"lab", sandbox_speed}},
       .needs_lab = false},
      idle_replica_figure(),
      produce_figure("produce_100b_per_s", 100, 2.0),
      produce_figure("produce_1kib_per_s", 1024, 3.0),
      {.name = "round_trip_us",
       .unit = "us",
       .how = "librdkafka, acks=all, linger 0, one record of 100 B after the other, 2,000: the median; 3 "
              "replicas, the "
              "mock has none",
       .contenders = {round_trips("lab rf3", Peer::lab), round_trips("mock", Peer::mock),
                      round_trips("kafka rf3", Peer::kafka)},
       .goals = {{"lab rf3", "mock", false, 3}, {"lab rf3", "kafka rf3", false, 0.25}}},
      {.name = "fetch_mib_per_s",
       .unit = "MiB/s",
       .how = "a preloaded log of 1 GiB, fetched 1 MiB at a time, frames read and dropped; the loopback "
              "stream has the same "
              "pieces",
       .contenders = {{"lab",
                       [](Bench& bench) {
                         return member(
                             measure_with("raw_client", {"fetch", "--bootstrap", bench.lab().bootstrap(),
                                                         "--topic", preloaded_topic}),
                             "mib_per_s");
                       }},
                      {"loopback",
                       [](Bench&) {
                         return member(measure_with("raw_client", {"loopback", "--mebibytes",
                                                                   std::to_string(preloaded_mebibytes)}),
                                       "mib_per_s");
                       }}},
       .goals = {{"lab", "loopback", true, 0.4}},
       .prepare = [](Bench& bench) { return preload(bench, Peer::lab); }},
      {.name = "consume_mib_per_s",
       .unit = "MiB/s",
       .how = "librdkafka, one consumer, a preloaded log of 1 GiB in records of 1 KiB",
       .contenders = {consume("lab", Peer::lab), consume("kafka", Peer::kafka)},
       .goals = {{"lab", "kafka", true, 1}},
       .prepare =
           [](Bench& bench) {
             const Status lab = preload(bench, Peer::lab);
             return lab.ok() && bench.has_kafka() ? preload(bench, Peer::kafka) : lab;
           }},
      {.name = "recording_cpu_s",
       .unit = "s of processor",
       .how = "the whole lab, while librdkafka produces 50 MB/s in records of 1,000 B for 10 s; 3 replicas, "
              "acks=all",
       .contenders = {{"plain", [](Bench& bench) { return processor_for_load(bench, {}); }},
                      {"recorded", processor_with_recording}},
       .goals = {{"recorded", "plain", false, 1.1}},
       .needs_lab = false},
      {.name = "batch_time_rf1_us",
       .unit = "us of processor",
       .how = "all brokers together, for each of 10,000 batches of 16 KiB, one after the other, to each "
              "partition in turn",
       .contenders = {batch_time(1, 1), batch_time(1000, 1)},
       .goals = {{"1000 partitions", "1 partitions", false, 1.5}}},
      {.name = "batch_time_rf3_us",
       .unit = "us of processor",
       .how = "the same with 3 replicas, acks=all",
       .contenders = {batch_time(1, 3), batch_time(1000, 3)},
       .goals = {{"1000 partitions", "1 partitions", false, 1.5}}},
  };
}

}  // namespace brokerlab
