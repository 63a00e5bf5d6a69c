// The Kafka preset: that its nodes form a cluster, and that a cluster is what the sandbox promises of any nodes.
#include "sim/runtime/presets.h"

#include <doctest/doctest.h>

#include <algorithm>

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
