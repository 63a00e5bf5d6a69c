// Writes the inputs that the fuzz targets start from, out of the recordings of Apache Kafka (tests/golden), the
// scenarios and lessons, and conversations of our clients with a broker of the sandbox:
//
//   make_fuzz_seeds GOLDEN_FOLDER SOURCE_FOLDER OUTPUT_FOLDER       OUTPUT_FOLDER/TARGET/0, 1, 2 ...
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/base/assert.h"
#include "sim/runtime/node_runner.h"
#include "sim/runtime/presets.h"
#include "sim/runtime/record.h"
#include "sim/runtime/sandbox.h"
#include "sim/shell/transcript.h"
#include "sim/wire/kafka/api_table.h"
#include "sim/wire/kafka/frame.h"
#include "sim/wire/kafka/record_batch.h"
#include "tests/fuzz/clients.h"
#include "tests/fuzz/disk_files.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/inert_node.h"

namespace fs = std::filesystem;
using namespace brokerlab;
using namespace brokerlab::fuzz;
using Json = nlohmann::json;

namespace {

using Bytestring = std::vector<uint8_t>;

/// Of a recorded file, so that inputs stay small: the fuzzer works on what is near their front.
constexpr size_t longest_file = 2048;

struct Folders {
  fs::path golden;
  fs::path source;
  fs::path output;
};

class Seeds {
 public:
  explicit Seeds(const fs::path& folder) : folder_(folder) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void add(const Bytestring& seed) {
    std::ofstream file(folder_ / std::to_string(count_++), std::ios::binary);
    file.write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
    BROKERLAB_ASSERT_THAT(file.good(), folder_.string() + " cannot be written");
  }

 private:
  fs::path folder_;
  int count_ = 0;
};

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  BROKERLAB_ASSERT_THAT(file.good(), path.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Json> lines_of(const fs::path& path) {
  std::ifstream file(path);
  BROKERLAB_ASSERT_THAT(file.good(), path.string() + " cannot be read");
  std::vector<Json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(Json::parse(line));
  return lines;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void put(Bytestring& to, std::string_view text) { to.insert(to.end(), text.begin(), text.end()); }
void put(Bytestring& to, const Bytestring& bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }
void put_int16(Bytestring& to, int16_t value) {
  to.push_back(static_cast<uint8_t>(value >> 8));
  to.push_back(static_cast<uint8_t>(value));
}

/// Calls `use(vector)` for the filled vector of each version of each message.
template <class Use>
void for_each_filled(const Folders& folders, std::string_view kind, const Use& use) {
  for (const fs::path& path : files_in(folders.golden / "messages")) {
    if (!std::isdigit(static_cast<unsigned char>(path.filename().string().front()))) continue;
    for (const Json& vector : lines_of(path))
      if (vector["kind"] == kind && vector["case"] == "filled") use(vector);
  }
}

// ---- requests and responses -------------------------------------------------------------------------------

void make_request_frames(const Folders& folders) {
  Seeds seeds(folders.output / "request_frames");
  uint8_t listener = 0;
  for_each_filled(folders, "request", [&](const Json& vector) {
    Bytestring frame;
    put_int16(frame, vector["api"]);
    put_int16(frame, vector["version"]);
    put(frame, Bytestring{0, 0, 0, 7, 0, 2, 'm', 'e'});  // correlation id, client id
    if (vector["header_version"] == 2) frame.push_back(0);
    put(frame, from_hex(vector["hex"].get<std::string>()));
    Bytestring seed{listener++};
    put_piece(seed, frame);
    seeds.add(seed);
  });
  for (const Json& row : lines_of(folders.golden / "wire" / "raw-requests.jsonl")) {
    Bytestring sent = from_hex(row["sent_hex"].get<std::string>());
    constexpr size_t prefix = 4;
    if (sent.size() < prefix) continue;
    Bytestring seed{0};
    put_piece(seed, std::span(sent).subspan(prefix));
    seeds.add(seed);
  }
}

/// Plays a client, and keeps what a server answers to it, in the order of its questions.
class TapedClient final : public Node {
 public:
  struct Tape {
    std::vector<std::pair<ConnectionId, std::optional<Bytestring>>> answers;
    std::map<ConnectionId, std::deque<std::pair<size_t, int16_t>>> waiting;  ///< place, header version
  };
  TapedClient(std::unique_ptr<Node> client, std::shared_ptr<Tape> tape)
      : client_(std::move(client)), tape_(std::move(tape)) {}

  void step(const Now& now, const Input& input, Effects& effects) override {
    if (const auto* frames = std::get_if<input::Frames>(&input))
      for (const Bytes& frame : frames->frames) keep(frames->connection, frame);
    client_->step(now, input, effects);
    for (const Effects::Send& send : effects.sends) {
      Bytes body;
      const auto header = kafka::decode_request_header(joined(send.slices).subview(4), body);
      const kafka::Api& api = *kafka::find_api(header->api_key);
      tape_->waiting[send.connection].push_back(
          {tape_->answers.size(), kafka::response_header_version(api, header->api_version)});
      tape_->answers.push_back({send.connection, std::nullopt});
    }
  }
  std::unique_ptr<Node> clone() const override {
    return std::make_unique<TapedClient>(client_->clone(), tape_);
  }
  NodeView describe(const Now& now) const override { return client_->describe(now); }

 private:
  void keep(ConnectionId connection, const Bytes& frame) {
    auto& waiting = tape_->waiting[connection];
    BROKERLAB_ASSERT(!waiting.empty());
    const auto [place, header_version] = waiting.front();
    waiting.pop_front();
    const Bytes body = frame.subview(header_version == 0 ? 4 : 5);
    tape_->answers[place].second.emplace(body.begin(), body.end());
  }

  std::unique_ptr<Node> client_;
  std::shared_ptr<Tape> tape_;
};

std::vector<Bytestring> conversation(uint8_t which) {
  KafkaClusterOptions options;
  options.brokers = 1;
  options.port_base = bootstrap_port;
  BROKERLAB_ASSERT(options.settings.set("default.replication.factor", "1").ok());
  ClusterSpec spec = kafka_cluster(options);
  spec.driver = Driver::sandbox;
  Sandbox lab(std::move(spec));
  (void)lab.run_for(seconds(3));
  const auto add = [&](uint8_t client) {
    const auto tape = std::make_shared<TapedClient::Tape>();
    NodeSpec node;
    node.name = lab.free_name("client");
    node.factory = [client, tape](const Boot& boot, const ClusterSpec&) {
      return std::make_unique<TapedClient>(make_client(client, boot), tape);
    };
    const NodeId id = lab.add(std::move(node), {}).value();
    (void)lab.standard_input(id, {Bytes::copy_of(std::string_view("key:value\n")), false});
    (void)lab.standard_input(id, {{}, true});
    (void)lab.run_for(seconds(3));
    return tape;
  };
  add(0);  // there are records to consume and topics to describe
  std::vector<Bytestring> answers;
  for (const auto& [connection, answer] : add(which)->answers)
    if (answer && answer->size() <= UINT16_MAX && answers.size() < 20) answers.push_back(*answer);
  BROKERLAB_ASSERT(!answers.empty());
  return answers;
}

void make_responses(const Folders& folders) {
  Seeds seeds(folders.output / "responses");
  for (uint8_t client = 0; client < client_count; ++client) {
    Bytestring seed{client};
    for (const Bytestring& answer : conversation(client)) put_piece(seed, answer);
    seeds.add(seed);
  }
  for_each_filled(folders, "response", [&](const Json& vector) {
    Bytestring piece;
    put_int16(piece, vector["api"]);
    put_int16(piece, vector["version"]);
    put(piece, from_hex(vector["hex"].get<std::string>()));
    Bytestring seed{0};
    put_piece(seed, piece);
    seeds.add(seed);
  });
}

// ---- records, logs, metadata ------------------------------------------------------------------------------

void make_record_batches(const Folders& folders) {
  Seeds seeds(folders.output / "record_batches");
  for (const Json& row : lines_of(folders.golden / "record-batches.jsonl")) {
    const Bytestring bytes = from_hex(row["hex"].get<std::string>());
    if (bytes.size() > longest_file) continue;
    for (const uint8_t options : {0, 1, 17}) {
      Bytestring seed{options};
      put(seed, bytes);
      seeds.add(seed);
    }
  }
}

void make_log_recovery(const Folders& folders) {
  Seeds seeds(folders.output / "log_recovery");
  for (const char* stop : {"clean", "unclean", "recovered", "dynamic-quorum"}) {
    for (const auto& folder : fs::directory_iterator(folders.golden / "logs" / stop)) {
      if (!folder.is_directory()) continue;
      for (const uint8_t options : {0, 1, 3}) {
        Bytestring seed{options};
        for (size_t name = 0; name < log_files.size(); ++name) {
          const fs::path file = folder.path() / log_files[name];
          if (!fs::is_regular_file(file)) continue;
          const std::string content = content_of(file).substr(0, longest_file);
          seed.push_back(static_cast<uint8_t>(name));
          put_piece(seed, std::span(reinterpret_cast<const uint8_t*>(content.data()), content.size()));
        }
        seeds.add(seed);
      }
    }
  }
}

void make_metadata_records(const Folders& folders) {
  Seeds seeds(folders.output / "metadata_records");
  for (const Json& vector : lines_of(folders.golden / "messages" / "metadata-records.jsonl")) {
    Bytestring seed;
    put_piece(seed, from_hex(vector["hex"].get<std::string>()));
    seeds.add(seed);
  }
  // How a cluster began: its records in their order.
  const std::string log =
      content_of(folders.golden / "logs" / "clean" / "__cluster_metadata-0" / "00000000000000000000.log");
  kafka::BatchReader batches(Bytes::copy_of(log));
  Bytestring seed;
  while (const auto batch = batches.next()) {
    if (batch->header.is_control()) continue;
    kafka::RecordReader reader(*batch);
    for (kafka::Record record; reader.next(record) && seed.size() < 2 * longest_file;)
      put_piece(seed, record.value->span());
  }
  seeds.add(seed);
}

/// Two nodes and a tool that are given one input of each kind.
void make_recordings(const Folders& folders) {
  const fs::path path = folders.output / "recordings" / "session";
  fs::create_directories(path.parent_path());
  fs::remove(path);
  const std::shared_ptr<Recorder> recorder = Recorder::create(path.string(), {"brokers", "2"}).value();
  const ClusterSpec cluster = inert_cluster();
  recorder->begin(cluster);
  Journal journal;
  SimulatedDisk disk;
  std::vector<NodeRunner> runners;
  for (uint32_t n = 1; n <= 2; ++n) {
    runners.emplace_back(NodeId{n}, cluster.nodes[n - 1], &journal);
    runners.back().record_to(recorder->add_member({n}, cluster.nodes[n - 1], false, {}));
  }
  const NodeSpec tool{"kafka-topics-1", {}, make_inert_node, {}, {"tool", "kafka-topics", "/", "--list"}};
  runners.emplace_back(NodeId{3}, tool, &journal);
  runners.back().record_to(recorder->add_member({3}, tool, true, {}));
  recorder->tool_read({3}, "client.properties", std::string("acks=all"));
  const Instant at = Instant{} + milliseconds(5);
  for (NodeRunner& runner : runners) {
    runner.create(at, cluster, {});
    const EventRef opened = runner.emit(at, event::ConnectionOpened{{7}, no_node, "LINE"}, runner.started());
    const EventRef delivered = runner.emit(at, event::MessageDelivered{{{7}, no_node, 0, 5}}, {});
    const Input inputs[] = {input::Start{},
                            input::ConnectionOpened{{7}, "LINE", {"127.0.0.1", 4711}, true},
                            input::Frames{{7}, {Bytes::copy_of(std::string_view("hello"))}, {delivered}},
                            input::TimerFired{{3, 4}},
                            input::DiskDone{{9}, Status::error(StatusCode::io_error, "no")},
                            input::StandardInput{Bytes::copy_of(std::string_view("text")), true},
                            input::Command{"stop", {"now"}},
                            input::ConnectionClosed{{7}, "reset by peer"}};
    for (const Input& input : inputs) {
      Effects effects = runner.step({at, 1'767'225'600'000}, input, opened, &disk);
      runner.keep(effects);
    }
    runner.emit(at, event::NodeStopped{"exited", 0}, opened);
    runner.destroy();
    runner.publish();
  }
  recorder->remove_member({3});
  if (!recorder->finish().ok()) std::abort();
}

void make_small_files(const Folders& folders) {
  Seeds seeds(folders.output / "small_files");
  const std::map<std::string, uint8_t> numbers = {
      {"replication-offset-checkpoint", 0}, {"recovery-point-offset-checkpoint", 0},
      {"log-start-offset-checkpoint", 0},   {"meta.properties", 1},
      {".kafka_cleanshutdown", 2},          {"partition.metadata", 3},
      {"leader-epoch-checkpoint", 4},       {"quorum-state", 5}};
  for (const auto& entry : fs::recursive_directory_iterator(folders.golden / "logs")) {
    const auto number = numbers.find(entry.path().filename().string());
    if (number == numbers.end()) continue;
    Bytestring seed{number->second};
    put(seed, content_of(entry.path()));
    seeds.add(seed);
  }
}

// ---- text -------------------------------------------------------------------------------------------------

void make_texts(const Folders& folders) {
  Seeds scenarios(folders.output / "scenario_files");
  Seeds commands(folders.output / "command_language");
  const auto add_text = [](Seeds& seeds, std::string_view text) {
    Bytestring seed;
    put(seed, text);
    seeds.add(seed);
  };
  for (const fs::path& path : files_in(folders.source / "tests" / "scenarios")) {
    const std::string text = content_of(path);
    add_text(scenarios, text);
    const Result<Transcript> transcript = parse_transcript(text);
    BROKERLAB_ASSERT_THAT(transcript.ok(), path.string());
    for (const TranscriptBlock& block : transcript->blocks) add_text(commands, "d" + block.command + "\n");
  }
  for (const char* line : {"docker ps -a",
                           "docker stop kafka2",
                           "docker kill kafka1 && echo",
                           "docker pause kafka3",
                           "fault cut kafka1 to kafka2",
                           "fault slow kafka1 kafka2 50ms jitter 10ms",
                           "fault heal",
                           "clock pause",
                           "clock speed 0.5x",
                           "help",
                           "help fault",
                           "changes | grep \"-\"",
                           "wait 500ms",
                           "expect within=1s orders-1.leader == kafka2",
                           "expect event partition partition=orders-1",
                           "expect orders-0.isr has 2",
                           "printf 'a\\nb\\n' | kafka-console-producer --topic orders",
                           "seq 3 | kafka-console-producer --topic 'my topic'",
                           "producer start p --topic orders --rate 10",
                           "consumer start c --topic orders",
                           "echo ${BROKER1} \"$BOOTSTRAP\" \\\\ 'x' # end"})
    add_text(commands, std::string("d") + line + "\n");
  Seeds lessons(folders.output / "lesson_files");
  for (const auto& entry : fs::directory_iterator(folders.source / "lessons")) {
    for (const char* language : {"en.md", "ko.md"})
      if (fs::exists(entry.path() / language)) add_text(lessons, content_of(entry.path() / language));
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::fprintf(stderr, "usage: make_fuzz_seeds GOLDEN_FOLDER SOURCE_FOLDER OUTPUT_FOLDER\n");
    return 2;
  }
  const Folders folders{arguments[1], arguments[2], arguments[3]};
  make_request_frames(folders);
  make_responses(folders);
  make_record_batches(folders);
  make_log_recovery(folders);
  make_metadata_records(folders);
  make_small_files(folders);
  make_texts(folders);
  make_recordings(folders);
  return 0;
}
