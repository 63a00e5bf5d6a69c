// A live session is recorded, and played again to the same journal: threads, sockets and real disks once, one thread
// and memory the second time.
#include "sim/runtime/record.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/runtime/replay.h"
#include "sim/shell/description.h"
#include "sim/shell/readiness.h"
#include "sim/shell/recipes.h"
#include "sim/shell/shell.h"
#include "sim/wire/kafka/01_fetch.h"
#include "sim/wire/kafka/03_metadata.h"
#include "tests/tcp/broker_connection.h"
#include "tests/unit/runtime/echo_node.h"

using namespace brokerlab;
using namespace brokerlab::test;

namespace {

/// A folder of the test's own.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "record-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::vector<uint8_t> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<Recorder> recorder_in(const Folder& folder, std::vector<std::string> cluster = {}) {
  Result<std::shared_ptr<Recorder>> recorder = Recorder::create(folder.file("session"), std::move(cluster));
  REQUIRE_MESSAGE(recorder.ok(), recorder.status().message);
  return std::move(recorder).value();
}

std::unique_ptr<Lab> live_lab(ClusterSpec spec) {
  Result<std::unique_ptr<Lab>> lab = make_lab(std::move(spec));
  REQUIRE_MESSAGE(lab.ok(), lab.status().message);
  return std::move(lab).value();
}

NodeSpec caller_with_recipe(const std::string& name, const Address& to, int lines) {
  NodeSpec spec = caller_spec(name, {to, numbered_lines(lines), milliseconds(1)});
  spec.recipe = {name, std::to_string(to.port), std::to_string(lines)};
  return spec;
}

ReplayMakers echo_makers() {
  return {
      [](const std::vector<std::string>&) -> Result<ClusterSpec> { return echo_cluster(Driver::live); },
      [](const std::vector<std::string>& recipe) -> Result<NodeFactory> {
        const Address to{"127.0.0.1", static_cast<uint16_t>(std::stoi(recipe[1]))};
        return caller_spec(recipe[0], {to, numbered_lines(std::stoi(recipe[2])), milliseconds(1)}).factory;
      }};
}

/// Ends the session; the recording.
std::vector<uint8_t> finish(std::unique_ptr<Lab>& lab, Recorder& recorder) {
  lab->close();
  REQUIRE(recorder.finish().ok());
  return content_of(recorder.path());
}

std::string what_differs(const Replay& replay) {
  if (!replay.difference()) return "nothing";
  std::string text = replay.difference()->node + " at its step with " + replay.difference()->input;
  for (const std::string& event : replay.difference()->made) text += "\n  " + event;
  return text;
}

void check_plays_again(const std::vector<uint8_t>& file, const ReplayMakers& makers,
                       const Recorder& recorder) {
  Result<std::unique_ptr<Replay>> replay = Replay::open(file, makers);
  REQUIRE_MESSAGE(replay.ok(), replay.status().message);
  const Result<Replay::Outcome> outcome = (*replay)->play();
  REQUIRE_MESSAGE(outcome.ok(), outcome.status().message);
  CHECK_MESSAGE(*outcome == Replay::Outcome::same, what_differs(**replay));
  CHECK((*replay)->hash() == recorder.hash());
  CHECK((*replay)->events() == recorder.events());
}

/// A session of the echo node in which it is killed, paused and cut off.
std::vector<uint8_t> echo_session(const Folder& folder, std::shared_ptr<Recorder>& recorder) {
  ClusterSpec spec = echo_cluster(Driver::live);
  recorder = spec.recorder = recorder_in(folder);
  std::unique_ptr<Lab> lab = live_lab(std::move(spec));
  const auto call = [&](int lines) {
    return lab->add(caller_with_recipe(lab->free_name("caller"), echo_address(*lab), lines)).value();
  };
  const auto wait_for_end = [&](NodeId node) {
    REQUIRE(lab->run_until([&] { return has_ended(*lab, node); }, seconds(20)) == WaitResult::reached);
  };
  wait_for_end(call(50));
  const NodeId killed_under = call(10'000);
  REQUIRE(lab->run_until([&] { return records_of(*lab, killed_under) > 5; }, seconds(20)) ==
          WaitResult::reached);
  REQUIRE(lab->kill(echo1).ok());
  wait_for_end(killed_under);
  REQUIRE(lab->start(echo1).ok());
  const NodeId last = call(300);
  REQUIRE(lab->run_until([&] { return records_of(*lab, last) > 5; }, seconds(20)) == WaitResult::reached);
  REQUIRE(lab->pause(echo1).ok());
  REQUIRE(lab->resume(echo1).ok());
  REQUIRE(lab->set_fault(parse_fault("slow caller-1 echo1 2ms").value()).ok());
  wait_for_end(last);
  REQUIRE(lab->remove(last).ok());
  return finish(lab, *recorder);
}

}  // namespace

TEST_CASE(
    "recording: kills, pauses, restarts on the same disk and faults are played again to the same journal") {
  const Folder folder;
  std::shared_ptr<Recorder> recorder;
  const std::vector<uint8_t> file = echo_session(folder, recorder);
  check_plays_again(file, echo_makers(), *recorder);
}

TEST_CASE("recording: a file that exists is not written over") {
  const Folder folder;
  const auto recorder = recorder_in(folder);
  const Result<std::shared_ptr<Recorder>> second = Recorder::create(recorder->path(), {});
  REQUIRE_FALSE(second.ok());
  CHECK(second.status().code == StatusCode::already_exists);
  CHECK_FALSE(Recorder::create(folder.file("no/such/folder"), {}).ok());
}

TEST_CASE("recording: one that was cut off is played up to its last whole block; a damaged one is refused") {
  const Folder folder;
  std::shared_ptr<Recorder> recorder;
  std::vector<uint8_t> file = echo_session(folder, recorder);
  for (const size_t size : {file.size() - 1, file.size() * 2 / 3, file.size() / 2}) {
    const std::vector<uint8_t> part(file.begin(), file.begin() + static_cast<ptrdiff_t>(size));
    Result<std::unique_ptr<Replay>> replay = Replay::open(part, echo_makers());
    REQUIRE(replay.ok());
    const Result<Replay::Outcome> outcome = (*replay)->play();
    REQUIRE_MESSAGE(outcome.ok(), outcome.status().message);
    CHECK(*outcome == Replay::Outcome::cut_off);
    const bool may_miss_the_end_alone = size == file.size() - 1;  // if that came into a block of its own
    CHECK((*replay)->events() < recorder->events() + (may_miss_the_end_alone ? 1 : 0));
  }
  Result<recording::BlockReader> blocks = recording::BlockReader::open(file);
  REQUIRE(blocks->next() == recording::BlockReader::Next::block);
  REQUIRE(blocks->next() == recording::BlockReader::Next::block);
  file[blocks->position() + recording::block_header_bytes] ^= 1;
  Result<std::unique_ptr<Replay>> replay = Replay::open(file, echo_makers());
  REQUIRE(replay.ok());
  const Result<Replay::Outcome> outcome = (*replay)->play();
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.status().message.find("damaged in the block at byte ") != std::string::npos);
  CHECK_FALSE(Replay::open(std::vector<uint8_t>{'n', 'o'}, echo_makers()).ok());
}

TEST_CASE("recording: a node that does otherwise than it did is found where it first differs") {
  const Folder folder;
  std::shared_ptr<Recorder> recorder;
  const std::vector<uint8_t> file = echo_session(folder, recorder);
  ReplayMakers makers = echo_makers();
  makers.factory = [](const std::vector<std::string>& recipe) -> Result<NodeFactory> {
    const Address to{"127.0.0.1", static_cast<uint16_t>(std::stoi(recipe[1]))};
    std::vector<std::string> lines = numbered_lines(std::stoi(recipe[2]));
    lines[3] = "another line, and longer";
    return caller_spec(recipe[0], {to, lines, milliseconds(1)}).factory;
  };
  Result<std::unique_ptr<Replay>> replay = Replay::open(file, makers);
  REQUIRE(replay.ok());
  const Result<Replay::Outcome> outcome = (*replay)->play();
  REQUIRE(outcome.ok());
  REQUIRE(*outcome == Replay::Outcome::different);
  CHECK((*replay)->difference()->node == "caller-1");
  REQUIRE_FALSE((*replay)->difference()->made.empty());
  CHECK(what_differs(**replay).find("message_sent") != std::string::npos);
}

namespace {

LabConfig three_brokers() {
  LabConfig config;
  config.seed = 11;
  return config;
}

void run(Shell& shell, const std::string& line) {
  const Finished finished = shell.run(line);
  REQUIRE_MESSAGE(finished.status == 0, line << ": " << finished.output << finished.error);
}

/// A client from outside asks for metadata and fetches everything, some times.
void ask_from_outside(const ClusterSpec& spec) {
  for (const NodeSpec& node : spec.nodes) {
    BrokerConnection connection("127.0.0.1", spec.port_of(node.name, node.listeners[0].name));
    for (int i = 0; i < 20; ++i) (void)connection.ask(kafka::MetadataRequest{}, 12);
  }
}

}  // namespace

TEST_CASE(
    "recording: brokers, tools, producers and clients from outside are played again to the same journal") {
  const Folder folder;
  for (int round = 0; round < 2; ++round) {
    // The second round begins with what the first one left.
    const LabConfig config = three_brokers();
    ClusterSpec spec = config.cluster(Driver::live, 0);
    spec.data_folder = folder.file("data");
    std::filesystem::remove(folder.file("session"));
    const auto recorder = spec.recorder = recorder_in(folder, texts_of(config));
    std::unique_ptr<Lab> lab = live_lab(std::move(spec));
    REQUIRE(wait_until_ready(*lab).ok());
    Instant middle;
    {
      Shell shell(*lab, Language::english);
      if (round == 0)
        run(shell, "kafka-topics --bootstrap-server $BOOTSTRAP --create --topic orders --partitions 3");
      run(shell, "producer start shop --topic orders --rate 2000 --size 3000");
      run(shell, "consumer start reader --topic orders --from-beginning");
      ask_from_outside(lab->spec());
      run(shell, "wait 300ms");
      run(shell, "docker kill kafka2");
      middle = lab->now().monotonic;
      run(shell, "docker pause kafka3");
      run(shell, "docker unpause kafka3");
      run(shell, "docker start kafka2");
      run(shell, "fault cut kafka1 kafka3");
      run(shell, "wait 200ms");
      run(shell, "fault heal kafka1 kafka3");
      run(shell, "docker stop kafka1");
      run(shell, "docker start kafka1");
      run(shell, "kafka-topics --bootstrap-server $BOOTSTRAP --describe");
      ask_from_outside(lab->spec());
      run(shell, "producer stop shop");
    }
    const std::vector<uint8_t> file = finish(lab, *recorder);
    check_plays_again(file, replay_makers(), *recorder);

    Result<std::unique_ptr<Replay>> replay = Replay::open(file, replay_makers());
    REQUIRE(replay.ok());
    REQUIRE((*replay)->play(middle).value() == Replay::Outcome::reached);
    const LabView view = (*replay)->view();
    CHECK(view.find("kafka2")->state == NodeState::killed);
    CHECK(view.find("shop")->state == NodeState::running);
    CHECK(describe_cluster(view, Language::english).find("orders-2  leader ") != std::string::npos);
  }
}

TEST_CASE("recording: what faults did to the disks is done to them again") {
  const Folder folder;
  const LabConfig config = three_brokers();
  ClusterSpec spec = config.cluster(Driver::live, 0);
  const auto recorder = spec.recorder = recorder_in(folder, texts_of(config));
  std::unique_ptr<Lab> lab = live_lab(std::move(spec));
  REQUIRE(wait_until_ready(*lab).ok());
  {
    Shell shell(*lab, Language::english);
    run(shell,
        "kafka-topics --bootstrap-server $BOOTSTRAP --create --topic orders --replica-assignment 1:2:3");
    run(shell, "producer start shop --topic orders --rate 500");
    run(shell, "expect within=20s shop.records >= 100");
    run(shell, "fault power-loss kafka2");
    run(shell, "docker start kafka2");
    run(shell, "expect within=20s cluster.problem == none");
    run(shell, "fault torn-write kafka3");
    run(shell, "docker kill kafka3");
    run(shell, "docker start kafka3");
    run(shell, "expect within=20s cluster.problem == none");
    run(shell, "fault wipe-disk kafka2");
    run(shell, "docker start kafka2");
    run(shell, "expect within=20s cluster.problem == none");
    run(shell, "producer stop shop");
    run(shell, "fault bit-flip kafka1 orders-0");
    run(shell, "consumer start reader --topic orders --from-beginning");
    run(shell, "wait 500ms");
  }
  check_plays_again(finish(lab, *recorder), replay_makers(), *recorder);
}
