// The Kafka preset: that its nodes form a cluster, and that a cluster is what the sandbox promises of any nodes.
#include "sim/runtime/presets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/brokers/kafka_node.h"
#include "sim/runtime/sandbox.h"

using namespace brokerlab;

namespace {

ClusterSpec sandboxed(uint64_t seed) {
  KafkaClusterOptions options;
  options.port_base = 19092;
  ClusterSpec spec = kafka_cluster(options);
  spec.driver = Driver::sandbox;
  spec.seed = seed;
  spec.latency = {microseconds(500), microseconds(500)};
  return spec;
}

const KafkaView* kafka_view(const NodeStatus& node) {
  return node.snapshot == nullptr ? nullptr : std::get_if<KafkaView>(&node.snapshot->view);
}

/// Whether every node that runs knows so many unfenced brokers.
bool all_see_unfenced(Lab& lab, int64_t brokers) {
  for (const NodeStatus& node : lab.view().nodes) {
    const KafkaView* view = kafka_view(node);
    if (node.state != NodeState::running) continue;
    if (view == nullptr) return false;
    const auto unfenced = std::count_if(view->brokers.begin(), view->brokers.end(),
                                        [](const BrokerRegistrationView& broker) { return !broker.fenced; });
    if (unfenced != brokers) return false;
  }
  return true;
}

NodeId quorum_leader(Lab& lab) {
  for (const NodeStatus& node : lab.view().nodes) {
    const KafkaView* view = kafka_view(node);
    if (node.state == NodeState::running && view != nullptr && view->quorum.role == "leader") return node.id;
  }
  return no_node;
}

}  // namespace

TEST_CASE("preset: ports are those of the guides, or free ones") {
  const ClusterSpec usual = kafka_cluster(KafkaClusterOptions());
  REQUIRE(usual.nodes.size() == 3);
  CHECK(usual.port_of("kafka1", listener_external) == 9092);
  CHECK(usual.port_of("kafka2", listener_internal) == 29093);
  CHECK(usual.port_of("kafka3", listener_controller) == 39094);
  CHECK(bootstrap_servers(usual) == "127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094");
  KafkaClusterOptions options;
  options.brokers = 1;
  options.port_base = highest_port_base;
  CHECK(kafka_cluster(options).port_of("kafka1", listener_controller) == 65'000);
  options.port_base = 0;
  CHECK(kafka_cluster(options).port_of("kafka1", listener_external) == 0);
}

TEST_CASE("preset: three nodes elect a controller and register; a killed one is fenced and comes back") {
  Sandbox lab(sandboxed(1));
  CHECK(lab.run_until([&] { return all_see_unfenced(lab, 3); }, seconds(5)) == WaitResult::reached);
  const NodeId leader = quorum_leader(lab);
  REQUIRE(leader != no_node);
  REQUIRE(lab.kill(leader, {}).ok());
  const auto replaced = [&] { return quorum_leader(lab) != no_node && all_see_unfenced(lab, 2); };
  CHECK(lab.run_until(replaced, seconds(10)) == WaitResult::reached);
  CHECK(quorum_leader(lab) != leader);
  REQUIRE(lab.start(leader, {}).ok());
  CHECK(lab.run_until([&] { return all_see_unfenced(lab, 3); }, seconds(10)) == WaitResult::reached);
}

TEST_CASE("preset: one seed one journal, and a clone of a running cluster goes on to the same") {
  const auto drive = [](Sandbox& lab) {
    REQUIRE(lab.kill(NodeId{2}, {}).ok());
    lab.run_for(seconds(3));
    REQUIRE(lab.start(NodeId{2}, {}).ok());
    REQUIRE(lab.set_fault(parse_fault("cut kafka1 to kafka3").value(), {}).ok());
    lab.run_for(seconds(3));
    REQUIRE(lab.heal("", "", {}).ok());
    lab.run_for(seconds(3));
  };
  Sandbox original(sandboxed(7));
  original.run_for(milliseconds(1'234));
  const std::unique_ptr<Sandbox> clone = original.clone();
  drive(original);
  drive(*clone);
  CHECK(clone->hash() == original.hash());
  Sandbox again(sandboxed(7));
  again.run_for(milliseconds(1'234));
  drive(again);
  CHECK(again.hash() == original.hash());
}

// ---- Separate roles ---------------------------------------------------------------------------------------

namespace {

ClusterSpec separate_roles(int brokers, int controllers, uint64_t seed) {
  KafkaClusterOptions options;
  options.brokers = brokers;
  options.controllers = controllers;
  ClusterSpec spec = kafka_cluster(options);
  spec.driver = Driver::sandbox;
  spec.seed = seed;
  spec.latency = {microseconds(500), microseconds(500)};
  return spec;
}

std::string name_of(Lab& lab, NodeId id) {
  for (const NodeStatus& node : lab.view().nodes)
    if (node.id == id) return node.name;
  return "none";
}

}  // namespace

TEST_CASE("preset: controllers of their own come behind the brokers, with the quorum's listener alone") {
  const ClusterSpec spec = separate_roles(2, 3, 1);
  std::vector<std::string> names;
  for (const NodeSpec& node : spec.nodes) names.push_back(node.name);
  CHECK(names == std::vector<std::string>{"kafka1", "kafka2", "controller1", "controller2", "controller3"});
  CHECK(brokers_of(spec) == 2);
  CHECK(brokers_of(kafka_cluster(KafkaClusterOptions())) == 3);
  CHECK(spec.nodes[0].listeners.size() == 2);
  REQUIRE(spec.nodes[2].listeners.size() == 1);
  CHECK(spec.port_of("controller2", listener_controller) == 39093);
  CHECK(spec.nodes[2].listeners[0].server == SocketServer::controller);
  CHECK(bootstrap_servers(spec) == "127.0.0.1:9092,127.0.0.1:9093");
}

TEST_CASE("preset: with separate roles controllers lead the quorum, and brokers observe it") {
  Sandbox lab(separate_roles(3, 3, 1));
  REQUIRE(lab.run_until([&] { return all_see_unfenced(lab, 3); }, seconds(5)) == WaitResult::reached);
  CHECK(name_of(lab, quorum_leader(lab)).starts_with("controller"));
  for (const NodeStatus& node : lab.view().nodes) {
    const KafkaView* view = kafka_view(node);
    REQUIRE(view != nullptr);
    const bool is_controller = node.name.starts_with("controller");
    CHECK(view->quorum.role.empty() != is_controller);
    CHECK((view->node_id >= first_controller_id) == is_controller);
    if (view->quorum.role == "leader") CHECK(view->quorum.voters.size() == 3);
  }

  // The active controller is killed: another takes over. A broker stops and comes back: controlled shutdown.
  const NodeId leader = quorum_leader(lab);
  REQUIRE(lab.kill(leader, {}).ok());
  REQUIRE(lab.run_until([&] { return quorum_leader(lab) != no_node; }, seconds(10)) == WaitResult::reached);
  const NodeId broker = lab.find("kafka2").value();
  REQUIRE(lab.stop(broker, {}).ok());
  const auto state_of = [&](NodeId id) {
    for (const NodeStatus& node : lab.view().nodes)
      if (node.id == id) return node.state;
    return NodeState::killed;
  };
  REQUIRE(lab.run_until([&] { return state_of(broker) == NodeState::stopped; }, seconds(10)) ==
          WaitResult::reached);
  REQUIRE(lab.run_until([&] { return all_see_unfenced(lab, 2); }, seconds(10)) == WaitResult::reached);
  REQUIRE(lab.start(broker, {}).ok());
  REQUIRE(lab.start(leader, {}).ok());
  CHECK(lab.run_until([&] { return all_see_unfenced(lab, 3); }, seconds(10)) == WaitResult::reached);

  // A controller that leads stops with SIGTERM: it tells its successors and ends.
  const NodeId next = quorum_leader(lab);
  REQUIRE(lab.stop(next, {}).ok());
  REQUIRE(lab.run_until([&] { return state_of(next) == NodeState::stopped; }, seconds(10)) ==
          WaitResult::reached);
  CHECK(lab.run_until([&] { return quorum_leader(lab) != no_node; }, seconds(10)) == WaitResult::reached);
}

TEST_CASE("preset: one controller is a quorum by itself") {
  Sandbox lab(separate_roles(1, 1, 3));
  CHECK(lab.run_until([&] { return all_see_unfenced(lab, 1); }, seconds(5)) == WaitResult::reached);
  CHECK(name_of(lab, quorum_leader(lab)) == "controller1");
}
