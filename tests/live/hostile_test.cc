// Clients from outside that behave badly, over real sockets: a broker goes on serving the others, and holds no
// more memory for them than their bytes.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/runtime/live.h"
#include "sim/runtime/presets.h"
#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/18_api_versions.h"
#include "sim/wire/kafka/frame.h"
#include "tests/live/outside_client.h"

using namespace brokerlab;
using brokerlab::test::OutsideClient;

namespace {

std::string api_versions(int32_t correlation) {
  return std::string(
      joined(kafka::request_frame(kafka::ApiVersionsRequest{}, 0, correlation, "hostile")).text());
}

bool is_answered(OutsideClient& client, int32_t correlation) {
  if (!client.send(api_versions(correlation))) return false;
  const std::string answer = client.receive_answer();
  return answer.size() > 4 && static_cast<uint8_t>(answer[3]) == correlation;
}

/// One broker over real sockets, with a setting of the story.
class OneBroker {
 public:
  explicit OneBroker(std::string_view setting = {}, std::string_view value = {}) {
    KafkaClusterOptions options;
    options.brokers = 1;
    options.port_base = 0;
    REQUIRE(options.settings.set("default.replication.factor", "1").ok());
    if (!setting.empty()) REQUIRE(options.settings.set(setting, value).ok());
    ClusterSpec spec = kafka_cluster(options);
    Result<std::unique_ptr<Lab>> made = make_lab(std::move(spec));
    REQUIRE_MESSAGE(made.ok(), made.status().message);
    lab_ = std::move(made).value();
    const auto is_running = [&] {
      const LabView view = lab_->view();
      const NodeStatus* status = view.find("kafka1");
      if (status == nullptr || status->snapshot == nullptr) return false;
      const auto* kafka = std::get_if<KafkaView>(&status->snapshot->view);
      return kafka != nullptr && kafka->state == "running";
    };
    REQUIRE(lab_->run_until(is_running, seconds(30)) == WaitResult::reached);
  }
  uint16_t port() const { return lab_->spec().port_of("kafka1", "EXTERNAL"); }
  Lab& lab() { return *lab_; }

 private:
  std::unique_ptr<Lab> lab_;
};

/// What this process has asked for, in bytes, touched or not; 0 where the system does not say.
uint64_t memory_bytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t size = 0, resident = 0, shared = 0, text = 0, library = 0, data = 0;
  statm >> size >> resident >> shared >> text >> library >> data;
  return data * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// Lets this process have so many files open; false when the system does not.
bool allow_open_files(rlim_t count) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  if (limit.rlim_cur >= count) return true;
  limit.rlim_cur = std::min(count, limit.rlim_max);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= count;
}

}  // namespace

TEST_CASE("hostile: recorded bytes that are no frames end as with the real broker, also one by one") {
  OneBroker broker;
  std::ifstream lines(BROKERLAB_GOLDEN_DIR "/wire/raw-requests.jsonl");
  const std::set<std::string> played = {
      "frame of size 0", "frame of size -1", "frame of 200 MB announced (over socket.request.max.bytes)",
      "HTTP GET",        "TLS hello",        "one byte at a time"};
  size_t rows = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto row = nlohmann::json::parse(line);
    const std::string name = row["case"];
    if (!played.contains(name)) continue;
    CAPTURE(name);
    ++rows;
    const std::vector<uint8_t> sent = from_hex(row["sent_hex"].get<std::string>());
    OutsideClient client(broker.port());
    const bool is_slow = name == "one byte at a time";
    for (size_t at = 0; at < sent.size(); at += is_slow ? 1 : sent.size())
      REQUIRE(client.send({reinterpret_cast<const char*>(&sent[at]), is_slow ? 1 : sent.size()}));
    if (row["outcome"][0] == "response") {
      CHECK(client.receive_answer().size() > 4);
      CHECK(is_answered(client, 2));
    } else {
      CHECK(client.is_closed_by_peer());
    }
  }
  CHECK(rows == played.size());
}

TEST_CASE("hostile: what is no frame is dropped at its first bytes: HTTP, TLS, impossible lengths") {
  OneBroker broker;
  OutsideClient good(broker.port());
  CHECK(is_answered(good, 1));
  using namespace std::string_literals;
  for (const std::string& bytes :
       {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"s, "POST /topics HTTP/1.1\r\n"s,
        "\x16\x03\x01\x02\x00\x01"s, "\xFF\xFF\xFF\xFF"s, "\x00\x00\x00\x00"s, "\x0B\xEB\xC2\x00"s}) {
    CAPTURE(bytes);
    OutsideClient bad(broker.port());
    REQUIRE(bad.send(bytes));
    CHECK(bad.is_closed_by_peer());
  }
  CHECK(is_answered(good, 2));
}

TEST_CASE("hostile: a thousand slow and idle connections do not stop service, nor take memory") {
  constexpr size_t connections = 1'000;
  if (!allow_open_files(2 * connections + 200)) {
    MESSAGE("skipped: this system does not allow enough open files");
    return;
  }
  OneBroker broker;
  OutsideClient good(broker.port());
  CHECK(is_answered(good, 1));
  const uint64_t before = memory_bytes();
  const std::string question = api_versions(7);
  std::vector<OutsideClient> others;
  for (size_t i = 0; i < connections; ++i) {
    others.emplace_back(broker.port());
    REQUIRE(others.back().is_connected());
    if (i % 4 == 1) CHECK(others.back().send(question.substr(0, 3)));
    if (i % 4 == 2) CHECK(others.back().send({"\x05\xF5\xE1\x00", 4}));  // 100 MB that will never come
    if (i % 4 == 3) CHECK(others.back().send(question));                 // and nobody reads the answer
    if (i % 100 == 0) CHECK(is_answered(good, 2));
  }
  CHECK(is_answered(good, 3));
  // A byte from each of them, and a question of the good client, in turn.
  for (int byte = 0; byte < 20; ++byte) {
    for (size_t i = 1; i < connections; i += 4) {
      if (3 + static_cast<size_t>(byte) >= question.size()) break;
      CHECK(others[i].send(question.substr(3 + static_cast<size_t>(byte), 1)));
      CHECK(others[i + 1].send("x"));
    }
    const auto start = std::chrono::steady_clock::now();
    CHECK(is_answered(good, 4));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
  }
  // Those that were only slow are answered in the end.
  for (size_t i = 1; i < connections; i += 4) CHECK(others[i].receive_answer().size() > 4);
  // 64 KiB of each would be 64 MiB.
  if (before != 0) CHECK(memory_bytes() - before < uint64_t{40} << 20);
}

TEST_CASE("live: a large request is answered however its bytes come, and what follows it too") {
  OneBroker broker;
  kafka::ProduceRequest produce;
  produce.acks = 1;
  produce.topic_data.emplace_back().name = "nowhere";
  produce.topic_data.back().partition_data.emplace_back().records =
      Slices{Bytes::copy_of(std::string(3'000'000, 'x'))};
  const std::string large(joined(kafka::request_frame(produce, 9, 7, "large")).text());
  OutsideClient client(broker.port());
  for (const size_t piece : {size_t{1'000}, size_t{10'000}, size_t{300'000}, large.size()}) {
    for (size_t at = 0; at < large.size(); at += piece)
      REQUIRE(client.send(std::string_view(large).substr(at, piece)));
    const std::string answer = client.receive_answer();
    REQUIRE(answer.size() > 4);
    CHECK(answer[3] == 7);
    CHECK(is_answered(client, 8));  // small again
  }
  REQUIRE(client.send(large + api_versions(9)));
  CHECK(client.receive_answer()[3] == 7);
  CHECK(client.receive_answer()[3] == 9);
  {
    OutsideClient gone(broker.port());  // in the middle of a frame
    REQUIRE(gone.send(std::string_view(large).substr(0, 1'000'000)));
  }
  CHECK(is_answered(client, 10));
}

TEST_CASE("hostile: over max.connections a client waits until another has gone") {
  constexpr size_t most = 4;
  OneBroker broker("max.connections", std::to_string(most));
  std::vector<OutsideClient> clients;
  for (size_t i = 0; i < most; ++i) {
    clients.emplace_back(broker.port());
    CHECK(is_answered(clients.back(), 1));
  }
  OutsideClient waiting(broker.port());
  REQUIRE(waiting.is_connected());  // the system takes it, the broker does not yet
  REQUIRE(waiting.send(api_versions(1)));
  CHECK_FALSE(waiting.hears(std::chrono::milliseconds(300)));
  { const OutsideClient leaves = std::move(clients[0]); }
  CHECK(waiting.hears(std::chrono::seconds(20)));
  CHECK(is_answered(clients[1], 2));
}

TEST_CASE("hostile: over max.connections.per.ip a client is closed at once") {
  OneBroker broker("max.connections.per.ip", "3");
  std::vector<OutsideClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(broker.port());
    CHECK(is_answered(clients.back(), 1));
  }
  OutsideClient refused(broker.port());
  CHECK(refused.is_closed_by_peer());
  for (OutsideClient& client : clients) CHECK(is_answered(client, 2));
  { const OutsideClient leaves = std::move(clients[0]); }
  const auto is_served = [&] {
    OutsideClient again(broker.port());
    return is_answered(again, 3);
  };
  CHECK(broker.lab().run_until(is_served, seconds(20)) == WaitResult::reached);
}

TEST_CASE("hostile: a connection on which nothing moves is closed after connections.max.idle.ms") {
  OneBroker broker("connections.max.idle.ms", "1000");
  OutsideClient idle(broker.port());
  CHECK(is_answered(idle, 1));
  OutsideClient busy(broker.port());
  const auto start = std::chrono::steady_clock::now();
  while (!idle.hears(std::chrono::milliseconds(100))) {
    REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
    CHECK(is_answered(busy, 2));
  }
  CHECK(idle.is_closed_by_peer());
  CHECK(std::chrono::steady_clock::now() - start > std::chrono::milliseconds(900));
  CHECK(is_answered(busy, 3));
}

TEST_CASE("hostile: over queued.max.request.bytes no new request is read until one is done") {
  constexpr size_t frame_bytes = 1'000'000;
  OneBroker broker("queued.max.request.bytes", "1500000");
  // The beginnings of two large requests are within the limit together with what they announce, or just above it.
  const std::string large = std::string("\x00\x0F\x42\x40", 4) + std::string(frame_bytes, '\x7F');
  std::vector<OutsideClient> begun;
  for (int i = 0; i < 2; ++i) {
    begun.emplace_back(broker.port());
    REQUIRE(begun.back().send(std::string_view(large).substr(0, 5'000)));
  }
  std::optional<OutsideClient> other;
  const auto is_held_back = [&] {  // once both beginnings have been read
    other.emplace(broker.port());
    return other->send(api_versions(1)) && !other->hears(std::chrono::milliseconds(300));
  };
  REQUIRE(broker.lab().run_until(is_held_back, seconds(20)) == WaitResult::reached);
  // What has begun is read to its end: it is no request, so its connection goes, and its memory with it.
  REQUIRE(begun[0].send(std::string_view(large).substr(5'000)));
  CHECK(begun[0].is_closed_by_peer());
  CHECK(other->hears(std::chrono::seconds(20)));
}
