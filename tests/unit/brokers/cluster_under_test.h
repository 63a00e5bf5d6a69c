// Three combined Kafka nodes in the sandbox, a client that asks them whatever a test wants, and what the
// journal tells.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/runtime/presets.h"
#include "sim/runtime/sandbox.h"
#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/01_fetch.h"
#include "sim/wire/kafka/19_create_topics.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/frame.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab::test {

inline Bytes flat(const Slices& slices) {
  std::string all;
  for (const Slice& slice : slices) all += std::get<Bytes>(slice).text();
  return Bytes::copy_of(std::string_view(all));
}

/// A client that sends bytes as it is told and prints what comes back: one line for each frame, in
/// hexadecimal, or "closed". Commands: `send HOST PORT HEX...` (each one a frame, over the connection to that
/// address).
class Caller final : public Node {
 public:
  explicit Caller(const Boot& boot) : ids_(boot.incarnation) {}

  void step(const Now&, const Input& input, Effects& effects) override {
    if (const auto* command = std::get_if<input::Command>(&input)) {
      if (command->verb != "send") return effects.end(0);
      const Address to{command->arguments.at(0), static_cast<uint16_t>(std::stoi(command->arguments.at(1)))};
      auto connection = connections_.find(to);
      if (connection == connections_.end()) {
        connection = connections_.emplace(to, ids_.next()).first;
        effects.open(connection->second, to, Protocol::kafka);
      }
      for (size_t i = 2; i < command->arguments.size(); ++i)
        effects.send(connection->second, {Bytes::adopt(from_hex(command->arguments[i]))}, {});
    } else if (const auto* frames = std::get_if<input::Frames>(&input)) {
      for (const Bytes& frame : frames->frames) effects.print(1, to_hex(frame.span()) + "\n");
    } else if (const auto* closed = std::get_if<input::ConnectionClosed>(&input)) {
      std::erase_if(connections_, [&](const auto& entry) { return entry.second == closed->connection; });
      effects.print(1, "closed\n");
    }
  }
  std::unique_ptr<Node> clone() const override { return std::make_unique<Caller>(*this); }
  NodeView describe(const Now&) const override { return {}; }

 private:
  OutgoingConnectionIds ids_;
  std::map<Address, ConnectionId> connections_;
};

class ClusterUnderTest : public JournalSubscriber {
 public:
  static constexpr int port_base = 9092;

  explicit ClusterUnderTest(uint64_t seed = 1, Settings settings = Settings{}) {
    KafkaClusterOptions options;
    options.port_base = port_base;
    options.settings = std::move(settings);
    ClusterSpec spec = kafka_cluster(options);
    spec.driver = Driver::sandbox;
    spec.seed = seed;
    spec.latency = {milliseconds(1), microseconds(200)};
    lab_ = std::make_unique<Sandbox>(std::move(spec));
    lab_->journal().subscribe(this);
    NodeSpec client;
    client.name = "client";
    client.factory = [](const Boot& boot, const ClusterSpec&) { return std::make_unique<Caller>(boot); };
    client_ = lab_->add(std::move(client), {}).value();
  }
  ~ClusterUnderTest() override { lab_->journal().unsubscribe(this); }

  Sandbox& lab() { return *lab_; }
  std::vector<Event> events;
  void on_events(std::span<const Event> batch) override {
    events.insert(events.end(), batch.begin(), batch.end());
  }

  // ---- what is --------------------------------------------------------------------------------------------

  std::optional<KafkaView> view_of(int broker) {
    const LabView view = lab_->view();
    const NodeStatus* status = view.find("kafka" + std::to_string(broker));
    if (status->state != NodeState::running || status->snapshot == nullptr) return std::nullopt;
    const auto* kafka = std::get_if<KafkaView>(&status->snapshot->view);
    return kafka == nullptr ? std::nullopt : std::optional(*kafka);
  }
  bool are_running(std::vector<int> brokers) {
    for (const int broker : brokers) {
      const auto view = view_of(broker);
      if (!view || view->state != "running") return false;
    }
    return true;
  }
  int quorum_leader() {
    for (int broker = 1; broker <= 3; ++broker)
      if (const auto view = view_of(broker); view && view->quorum.role == "leader") return broker;
    return -1;
  }
  /// What that broker holds of the partition.
  ReplicaView replica(int broker, const std::string& topic, int32_t partition) {
    const auto view = view_of(broker);
    REQUIRE(view);
    for (const ReplicaView& replica : view->replicas)
      if (replica.topic == topic && replica.partition == partition) return replica;
    return {};
  }
  void run_for(Duration duration) { lab_->run_for(duration); }
  bool run_until(const std::function<bool()>& done, Duration limit = seconds(30)) {
    return lab_->run_until(done, limit) == WaitResult::reached;
  }
  void wait_until_running() {
    REQUIRE(run_until([&] { return are_running({1, 2, 3}); }));
  }

  // ---- what a client does ---------------------------------------------------------------------------------

  /// Sends frames to a broker and waits for as many lines: answers without their length prefix, or "closed".
  std::vector<std::string> send(int broker, const std::vector<std::string>& frames, size_t lines,
                                Duration limit = seconds(30)) {
    input::Command command{"send", {"127.0.0.1", std::to_string(port_base + broker - 1)}};
    command.arguments.insert(command.arguments.end(), frames.begin(), frames.end());
    lab_->take_output(client_);
    REQUIRE(lab_->command(client_, std::move(command), {}));
    std::string text;
    const auto count = [&] {
      for (const OutputChunk& chunk : lab_->take_output(client_)) text += chunk.text;
      return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
    };
    lab_->run_until([&] { return count() >= lines; }, limit);
    std::vector<std::string> answers;
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find('\n', at);
      answers.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return answers;
  }
  template <class M>
  typename M::Response ask(int broker, const M& request, int16_t version, Duration limit = seconds(60)) {
    const int32_t correlation = next_correlation_++;
    const auto answers = send(
        broker, {to_hex(flat(kafka::request_frame(request, version, correlation, "test")).span())}, 1, limit);
    REQUIRE(answers.size() == 1);
    REQUIRE(answers[0] != "closed");
    Bytes body;
    const auto id =
        kafka::decode_response_header(Bytes::adopt(from_hex(answers[0])), M::api_key, version, body);
    REQUIRE(id);
    CHECK(*id == correlation);
    const auto response = kafka::decode<typename M::Response>(body, version);
    REQUIRE(response);
    return *response;
  }

  /// Creates a topic with these replicas for each partition, and waits until every broker has it.
  void create_topic(const std::string& name, const std::vector<std::vector<int32_t>>& replicas,
                    const std::map<std::string, std::string>& configs = {}) {
    kafka::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = -1;
    topic.replication_factor = -1;
    for (size_t i = 0; i < replicas.size(); ++i) {
      auto& assignment = topic.assignments.emplace_back();
      assignment.partition_index = static_cast<int32_t>(i);
      assignment.broker_ids = replicas[i];
    }
    for (const auto& [key, value] : configs) {
      auto& config = topic.configs.emplace_back();
      config.name = key;
      config.value = value;
    }
    const auto response = ask(1, request, 7);
    REQUIRE(response.topics.size() == 1);
    REQUIRE(response.topics[0].error_code == 0);
    run_for(milliseconds(200));
  }
  /// Sends one batch of `count` records.
  kafka::ProduceResponse::PartitionProduceResponse produce(int broker, const std::string& topic,
                                                           int32_t partition, int count, int16_t acks,
                                                           Duration timeout = seconds(30),
                                                           std::optional<int64_t> timestamp_ms = {}) {
    kafka::RecordBatchBuilder builder({});
    for (int i = 0; i < count; ++i) {
      const std::string value = "value " + std::to_string(i);
      builder.append(timestamp_ms.value_or(lab_->now().wall_ms), std::nullopt,
                     std::span(reinterpret_cast<const uint8_t*>(value.data()), value.size()));
    }
    kafka::ProduceRequest request;
    request.acks = acks;
    request.timeout_ms = static_cast<int32_t>(timeout.milliseconds());
    auto& data = request.topic_data.emplace_back();
    data.name = topic;
    data.partition_data.emplace_back().index = partition;
    data.partition_data.back().records = Slices{builder.build()};
    return ask(broker, request, 9).responses.at(0).partition_responses.at(0);
  }

 private:
  std::unique_ptr<Sandbox> lab_;
  NodeId client_;
  int32_t next_correlation_ = 1;
};

}  // namespace brokerlab::test
