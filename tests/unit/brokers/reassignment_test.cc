// Partitions that move to other brokers: replicas are made, filled and dropped (KIP-455), and what clients are told.
#include <doctest/doctest.h>

#include "sim/wire/kafka/35_describe_log_dirs.h"
#include "sim/wire/kafka/45_alter_partition_reassignments.h"
#include "sim/wire/kafka/46_list_partition_reassignments.h"
#include "tests/unit/brokers/cluster_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;
using Ids = std::vector<int32_t>;

namespace {

NodeId node(int broker) { return NodeId{static_cast<uint32_t>(broker)}; }

kafka::ErrorCode reassign(ClusterUnderTest& cluster, std::optional<Ids> replicas) {
  kafka::AlterPartitionReassignmentsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  topic.partitions.push_back({.partition_index = 0, .replicas = std::move(replicas), .unknown_tags = {}});
  const auto response = cluster.ask(1, request, 1);
  REQUIRE(response.error_code == 0);
  return kafka::error_from(response.responses.at(0).partitions.at(0).error_code);
}

const PartitionView* orders(const KafkaView& view) {
  for (const PartitionView& partition : view.partitions)
    if (partition.topic == "orders") return &partition;
  return nullptr;
}

/// Whether every broker knows these replicas, and all of them in sync.
bool is_moved_to(ClusterUnderTest& cluster, const Ids& replicas) {
  for (int id = 1; id <= 3; ++id) {
    const auto view = cluster.view_of(id);
    const PartitionView* partition = view ? orders(*view) : nullptr;
    if (partition == nullptr || partition->replicas != replicas || partition->isr.size() != replicas.size())
      return false;
  }
  return true;
}

std::vector<std::string> partitions_on_disk(ClusterUnderTest& cluster, int broker) {
  const auto response = cluster.ask(
      broker,
      [] {
        kafka::DescribeLogDirsRequest request;
        request.topics.reset();
        return request;
      }(),
      4);
  REQUIRE(response.results.size() == 1);
  std::vector<std::string> names;
  for (const auto& topic : response.results[0].topics)
    for (const auto& partition : topic.partitions)
      names.push_back(topic.name + "-" + std::to_string(partition.partition_index));
  return names;
}

}  // namespace

TEST_CASE(
    "A partition moves to another broker: its replica is made and filled there, and dropped where it was") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2}});
  CHECK(cluster.produce(1, "orders", 0, 10, -1).base_offset == 0);
  CHECK(partitions_on_disk(cluster, 2) == std::vector<std::string>{"orders-0"});
  CHECK(partitions_on_disk(cluster, 3).empty());
  REQUIRE(reassign(cluster, Ids{3, 1}) == kafka::ErrorCode::none);
  REQUIRE(cluster.run_until([&] { return is_moved_to(cluster, {3, 1}); }));
  cluster.run_for(milliseconds(500));
  CHECK(cluster.replica(3, "orders", 0).log_end_offset == 10);
  CHECK(cluster.replica(1, "orders", 0).role == "leader");
  CHECK(partitions_on_disk(cluster, 2).empty());
  CHECK(partitions_on_disk(cluster, 3) == std::vector<std::string>{"orders-0"});
  CHECK(cluster.produce(1, "orders", 0, 1, -1).base_offset == 10);
}

TEST_CASE("A leader that is moved away hands over, and records go on behind those that it wrote") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2}});
  CHECK(cluster.produce(1, "orders", 0, 10, -1).base_offset == 0);
  REQUIRE(reassign(cluster, Ids{3, 2}) == kafka::ErrorCode::none);
  REQUIRE(cluster.run_until([&] { return is_moved_to(cluster, {3, 2}); }));
  cluster.run_for(milliseconds(500));
  CHECK(cluster.replica(3, "orders", 0).role == "leader");
  CHECK(cluster.produce(3, "orders", 0, 1, -1).base_offset == 10);
  CHECK(kafka::error_from(cluster.produce(1, "orders", 0, 1, -1).error_code) ==
        kafka::ErrorCode::not_leader_or_follower);
  CHECK(partitions_on_disk(cluster, 1).empty());
}

TEST_CASE("A move to a broker that does not answer stays under way, is listed, and can be taken back") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2}});
  REQUIRE(cluster.lab().pause(node(3), {}));
  REQUIRE(reassign(cluster, Ids{1, 3}) == kafka::ErrorCode::none);
  cluster.run_for(seconds(4));
  kafka::ListPartitionReassignmentsRequest all;
  all.topics.reset();
  const auto listed = cluster.ask(1, all, 0);
  REQUIRE(listed.topics.size() == 1);
  CHECK(listed.topics[0].partitions.at(0).replicas == Ids{1, 3, 2});
  CHECK(listed.topics[0].partitions.at(0).adding_replicas == Ids{3});
  CHECK(listed.topics[0].partitions.at(0).removing_replicas == Ids{2});
  CHECK(reassign(cluster, std::nullopt) == kafka::ErrorCode::none);
  CHECK(reassign(cluster, std::nullopt) == kafka::ErrorCode::no_reassignment_in_progress);
  REQUIRE(cluster.lab().resume(node(3), {}));
  REQUIRE(cluster.run_until([&] { return is_moved_to(cluster, {1, 2}); }));
  CHECK(cluster.ask(1, all, 0).topics.empty());
  cluster.run_for(milliseconds(500));
  CHECK(partitions_on_disk(cluster, 3).empty());
}
