// Nodes that a cluster refuses: of another cluster, or with the node id of one that lives. As in Apache Kafka 4.3.1
// (golden/cli/failures: cluster-id-mismatch, cluster-id-other-format, duplicate-node-id) they do not end; they go on
// asking, and the others do not notice. One difference: while Kafka's second node 2 ran, the first left and joined its
// in-sync sets again and again, because the controller took both for one; here it does not.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/base/random.h"
#include "sim/brokers/kafka_node.h"
#include "sim/runtime/presets.h"
#include "sim/runtime/sandbox.h"

using namespace brokerlab;

namespace {

/// A cluster, what its nodes note, and the brokers that kafka1 knows.
struct Story : JournalSubscriber {
  explicit Story(ClusterSpec spec) : lab(std::move(spec)) { lab.journal().subscribe(this); }
  ~Story() override { lab.journal().unsubscribe(this); }
  void on_events(std::span<const Event> events) override {
    for (const Event& event : events)
      if (const auto* noted = std::get_if<event::Noted>(&event.payload)) notes.push_back(noted->text);
  }
  std::vector<BrokerRegistrationView> brokers() {
    const LabView view = lab.view();
    const NodeStatus* node = view.find("kafka1");
    if (node->snapshot == nullptr) return {};
    return std::get<KafkaView>(node->snapshot->view).brokers;
  }
  bool sees(size_t alive) {
    const std::vector<BrokerRegistrationView> known = brokers();
    return static_cast<size_t>(std::count_if(known.begin(), known.end(),
                                             [](const auto& broker) { return !broker.fenced; })) == alive;
  }
  bool becomes(size_t alive) {
    return lab.run_until([&] { return sees(alive); }, seconds(10)) == WaitResult::reached;
  }
  NodeState state_of(NodeId id) {
    const LabView view = lab.view();
    return std::find_if(view.nodes.begin(), view.nodes.end(), [&](const auto& node) { return node.id == id; })
        ->state;
  }
  size_t noted(std::string_view text) const {
    return static_cast<size_t>(std::count_if(notes.begin(), notes.end(), [&](const std::string& note) {
      return note.find(text) != std::string::npos;
    }));
  }

  Sandbox lab;
  std::vector<std::string> notes;
};

ClusterSpec in_sandbox(const KafkaClusterOptions& options) {
  ClusterSpec spec = kafka_cluster(options);
  spec.driver = Driver::sandbox;
  spec.seed = 4;
  spec.latency = {microseconds(500), microseconds(500)};
  return spec;
}

}  // namespace

TEST_CASE("refusals: a node of another cluster is told so by the voters, and stays outside without ending") {
  ClusterSpec spec = in_sandbox(KafkaClusterOptions());
  spec.nodes[2].factory = [usual = spec.nodes[2].factory](const Boot& boot, const ClusterSpec& cluster) {
    ClusterSpec other = cluster;
    other.cluster_id = "MkU3OEVBNTcwNTJENDM2Qk";
    return usual(boot, other);
  };
  Story story(std::move(spec));
  REQUIRE(story.becomes(2));
  const size_t before = story.noted("[RaftManager id=3] Unexpected error INCONSISTENT_CLUSTER_ID in ");
  CHECK(before > 0);
  story.lab.run_for(seconds(5));
  CHECK(story.noted("[RaftManager id=3] Unexpected error INCONSISTENT_CLUSTER_ID in ") > before);
  CHECK(story.noted("INCONSISTENT_CLUSTER_ID in VOTE response") > 0);
  CHECK(story.sees(2));
  CHECK(story.brokers().size() == 2);
  CHECK(story.state_of(NodeId{3}) == NodeState::running);
}

TEST_CASE("refusals: a second process with the node id of a broker that lives cannot register") {
  KafkaClusterOptions options;
  options.controllers = 1;
  NodeSpec intruder;
  intruder.name = "intruder";
  intruder.listeners = {{std::string(listener_external), Protocol::kafka, 9099, size_t{1} << 20}};
  intruder.factory = [](const Boot& boot, const ClusterSpec& cluster) {
    KafkaNodeConfig config;
    config.node_id = 2;
    config.cluster_id = Random(cluster.seed).fork(0).uuid().to_string();
    config.is_controller = false;
    config.advertised = {{std::string(listener_external), {"127.0.0.1", 9099}}};
    config.voters[first_controller_id] = {"controller1", cluster.port_of("controller1", listener_controller)};
    return make_kafka_node(boot, std::move(config));
  };
  Story story(in_sandbox(options));
  REQUIRE(story.becomes(3));
  const NodeId id = story.lab.add(std::move(intruder), {}).value();
  story.lab.run_for(seconds(3));
  CHECK(story.noted(
            "[BrokerLifecycleManager id=2] Unable to register broker 2 because the controller returned error "
            "DUPLICATE_BROKER_REGISTRATION") > 1);
  CHECK(story.state_of(id) == NodeState::running);
  CHECK(story.sees(3));
  for (const BrokerRegistrationView& broker : story.brokers()) CHECK(broker.port != 9099);
}
