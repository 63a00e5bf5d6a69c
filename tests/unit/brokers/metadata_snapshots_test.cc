// Snapshots of the metadata in a whole cluster: a node that was away for so long that the quorum's log has no more what
// it needs gets the newest snapshot, and what it leads, follows and keeps is what that says.
#include <doctest/doctest.h>

#include <algorithm>

#include "sim/wire/kafka/20_delete_topics.h"
#include "tests/unit/brokers/cluster_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;

namespace {

/// A snapshot every few seconds, of which only the last stays, with the log behind it.
Settings small_metadata_log() {
  Settings settings;
  REQUIRE(settings.set("metadata.log.max.record.bytes.between.snapshots", "2000").ok());
  REQUIRE(settings.set("internal.metadata.log.segment.bytes", "1000").ok());
  REQUIRE(settings.set("metadata.max.retention.bytes", "1").ok());
  return settings;
}

void delete_topic(ClusterUnderTest& cluster, int broker, const std::string& name) {
  kafka::DeleteTopicsRequest request;
  request.topic_names = {name};
  request.timeout_ms = 10'000;
  const auto response = cluster.ask(broker, request, 5);
  REQUIRE(response.responses.size() == 1);
  REQUIRE(response.responses[0].error_code == 0);
}

/// Whether kafkaN has written such a line.
bool has_noted(const ClusterUnderTest& cluster, int broker, std::string_view text) {
  return std::any_of(cluster.events.begin(), cluster.events.end(), [&](const Event& event) {
    const auto* noted = std::get_if<event::Noted>(&event.payload);
    return noted != nullptr && event.ref.node == NodeId{static_cast<uint32_t>(broker)} &&
           noted->text.find(text) != std::string::npos;
  });
}

std::vector<std::string> topics_of(ClusterUnderTest& cluster, int broker) {
  std::vector<std::string> names;
  const auto view = cluster.view_of(broker);
  if (!view) return names;
  for (const ReplicaView& replica : view->replicas) names.push_back(replica.topic);
  return names;
}

/// As kafka1 knows it.
size_t isr_size(ClusterUnderTest& cluster, const std::string& topic) {
  const auto view = cluster.view_of(1);
  if (!view) return 0;
  for (const PartitionView& partition : view->partitions)
    if (partition.topic == topic) return partition.isr.size();
  return 0;
}

Fault cut_off(const std::string& node) {
  Fault fault;
  fault.from = node;
  return fault;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("metadata snapshots: each node makes its own, and starts with it again") {
  ClusterUnderTest cluster(1, small_metadata_log());
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.run_for(seconds(70));
  for (int broker = 1; broker <= 3; ++broker) {
    CAPTURE(broker);
    CHECK(has_noted(cluster, broker, "Creating new KRaft snapshot file"));
    CHECK(has_noted(cluster, broker, "because we have replayed at least 2000 bytes."));
    CHECK(has_noted(cluster, broker, "for deletion because the log size"));
  }
  for (const char* name : {"kafka1", "kafka2", "kafka3"})
    REQUIRE(cluster.lab().kill(cluster.lab().find(name).value(), {}).ok());
  cluster.run_for(seconds(1));
  for (const char* name : {"kafka1", "kafka2", "kafka3"})
    REQUIRE(cluster.lab().start(cluster.lab().find(name).value(), {}).ok());
  cluster.wait_until_running();
  cluster.run_for(seconds(2));
  int leader = -1;
  REQUIRE(cluster.run_until([&] {
    const auto view = cluster.view_of(1);
    for (const PartitionView& partition : view->partitions)
      if (partition.topic == "orders" && partition.isr.size() == 3) leader = partition.leader;
    return leader > 0;
  }));
  CHECK(cluster.produce(leader, "orders", 0, 3, -1).error_code == 0);
}

TEST_CASE("metadata snapshots: who was cut off for long gets one, and drops what was deleted meanwhile") {
  ClusterUnderTest cluster(2, small_metadata_log());
  cluster.wait_until_running();
  cluster.create_topic("doomed", {{1, 2, 3}});
  cluster.create_topic("kept", {{3, 1, 2}});
  REQUIRE(cluster.produce(3, "kept", 0, 5, -1).error_code == 0);
  REQUIRE(topics_of(cluster, 3) == Names{"doomed", "kept"});

  REQUIRE(cluster.lab().set_fault(cut_off("kafka3"), {}).ok());
  REQUIRE(cluster.run_until([&] {
    const auto view = cluster.view_of(1);
    return view && std::any_of(view->brokers.begin(), view->brokers.end(),
                               [](const auto& broker) { return broker.broker == 3 && broker.fenced; });
  }));
  delete_topic(cluster, 1, "doomed");
  cluster.create_topic("fresh", {{1, 2, 3}});
  REQUIRE(cluster.produce(1, "kept", 0, 5, -1).error_code == 0);  // led by another by now
  cluster.run_for(seconds(130));                                  // the log is cleaned once a minute
  CHECK(topics_of(cluster, 3) == Names{"doomed", "kept"});

  REQUIRE(cluster.lab().heal("kafka3", "", {}, std::nullopt).ok());
  REQUIRE(cluster.run_until([&] { return topics_of(cluster, 3) == Names{"fresh", "kept"}; }));
  CHECK(has_noted(cluster, 3, "Fetching snapshot OffsetAndEpoch[offset="));
  CHECK(has_noted(cluster, 3, "Fully truncated the log at ("));
  REQUIRE(cluster.run_until([&] { return isr_size(cluster, "kept") == 3; }));
  CHECK(cluster.replica(3, "kept", 0).log_end_offset == 10);
}

TEST_CASE("metadata snapshots: a node that was down for so long gets one too, in the middle of its start") {
  ClusterUnderTest cluster(3, small_metadata_log());
  cluster.wait_until_running();
  cluster.create_topic("kept", {{1, 2, 3}});
  const NodeId third = cluster.lab().find("kafka3").value();
  REQUIRE(cluster.lab().kill(third, {}).ok());
  cluster.run_for(seconds(15));
  cluster.create_topic("fresh", {{1, 2, 3}});
  cluster.run_for(seconds(125));
  REQUIRE(cluster.lab().start(third, {}).ok());
  REQUIRE(cluster.run_until([&] { return topics_of(cluster, 3) == Names{"fresh", "kept"}; }));
  CHECK(has_noted(cluster, 3, "Fully truncated the log at ("));
  REQUIRE(cluster.run_until([&] { return cluster.are_running({3}); }));
}
