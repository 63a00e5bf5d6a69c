// A controller on its Raft client, and the test in the place of brokers and of the other voters.
#pragma once

#include <optional>
#include <string>

#include "sim/controller/kraft/quorum_controller.h"
#include "sim/controller/metadata/loader.h"
#include "tests/unit/controller/replica_under_test.h"

namespace brokerlab::test {

class ControllerUnderTest : public ReplicaUnderTest {
 public:
  explicit ControllerUnderTest(int32_t voters = 1, Settings settings = Settings{})
      : ReplicaUnderTest(voters),
        controller_({.node_id = 1, .cluster_id = cluster, .settings = settings}, Random(5)) {
    look();
    finish_flushes();
  }

  const MetadataImage& committed() const { return loader_.image(); }
  bool is_active() const { return controller_.is_active(); }
  /// The records of the whole log, as Kafka prints them, committed ones only.
  std::vector<std::string> records() {
    std::vector<std::string> printed;
    const auto batches = raft().committed_from(disk(), 0);
    REQUIRE(batches.ok());
    for (const MetadataBatch& batch : *batches) {
      for (const kafka::MetadataRecord& record : batch.records) {
        printed.push_back(std::string(name_of(record)) + " " +
                          kafka::to_json(record, kafka::newest_version(record)));
      }
    }
    return printed;
  }

  /// Asks as broker `id`, on a connection of its own.
  template <class M>
  std::optional<typename M::Response> ask_as(int32_t broker, const M& request, int16_t version) {
    return ask(broker + brokers_from, request, version);
  }
  template <class Response>
  std::optional<Response> answer_to(int32_t broker, int16_t api_key, int16_t version) {
    return answer<Response>(broker + brokers_from, api_key, version);
  }

  static kafka::BrokerRegistrationRequest registration(int32_t id, uint64_t incarnation = 1) {
    kafka::BrokerRegistrationRequest request;
    request.broker_id = id;
    request.cluster_id = cluster;
    request.incarnation_id = Uuid{static_cast<uint64_t>(id), incarnation};
    request.listeners.push_back({.name = "PLAINTEXT", .host = "127.0.0.1", .port = 21093});
    request.features.push_back(
        {.name = "metadata.version", .min_supported_version = 7, .max_supported_version = 30});
    request.rack = std::nullopt;
    request.log_dirs = {Uuid{77, static_cast<uint64_t>(id)}};
    return request;
  }
  /// Registers and unfences. The answers come once they are committed, which is at once with one voter.
  void start_broker(int32_t id, uint64_t incarnation = 1) {
    const auto registered = ask_as(id, registration(id, incarnation), 4);
    REQUIRE(registered);
    REQUIRE(registered->error_code == 0);
    epochs_[id] = registered->broker_epoch;
    heartbeat(id);
    REQUIRE_FALSE(committed().broker(id)->fenced);
  }
  kafka::BrokerHeartbeatRequest heartbeat_of(int32_t id) const {
    kafka::BrokerHeartbeatRequest request;
    request.broker_id = id;
    request.broker_epoch = epochs_.at(id);
    request.current_metadata_offset = committed().offset();
    return request;
  }
  void heartbeat(int32_t id) { REQUIRE(ask_as(id, heartbeat_of(id), 2)); }

 protected:
  void handle_request(NodeStep& step, const Request& request) override {
    if (RaftClient::handles(request.context.header.api_key)) {
      raft().handle_request(step, request);
    } else {
      REQUIRE(QuorumController::handles(request.context.header.api_key));
      controller_.handle_request(step, raft(), request);
    }
  }
  bool owns(const Input& input) const override { return controller_.owns(input); }
  void handle_input(NodeStep& step, const Input& input) override {
    controller_.handle_input(step, raft(), input);
  }
  void settle(NodeStep& step) override {
    const auto batches = raft().committed_from(step.effects.disk(), loader_.next_offset());
    REQUIRE(batches.ok());
    REQUIRE(loader_.load(*batches).ok());
    controller_.advance(step, raft(), loader_.image());
  }

 private:
  static constexpr int32_t brokers_from = 20;

  MetadataLoader loader_;
  QuorumController controller_;
  std::map<int32_t, int64_t> epochs_;
};

}  // namespace brokerlab::test
