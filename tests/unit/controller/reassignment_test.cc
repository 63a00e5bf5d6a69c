// Partitions that move to other replicas (KIP-455, KIP-860), and leaderships that go back to preferred replicas.
#include "sim/controller/kraft/reassignment.h"

#include <doctest/doctest.h>

#include "sim/controller/kraft/config_control.h"
#include "sim/controller/kraft/leader_election.h"
#include "tests/unit/controller/decided_cluster.h"

using namespace brokerlab;
using brokerlab::test::DecidedCluster;
using brokerlab::test::directory_of;
using brokerlab::test::Ids;
using kafka::ErrorCode;

namespace {

DecidedCluster with_orders(const Ids& replicas = {1, 2}) {
  DecidedCluster lab;
  lab.turn_elr_on();
  lab.start_brokers(4);
  REQUIRE(lab.create(DecidedCluster::assigned("orders", {replicas})).error_code == 0);
  return lab;
}

struct Answer {
  ErrorCode error;
  std::optional<std::string> message;
};
/// Null replicas take the move back.
Answer reassign(DecidedCluster& lab, std::optional<Ids> replicas, const std::string& topic = "orders",
                int32_t partition = 0, bool may_change_factor = true) {
  kafka::AlterPartitionReassignmentsRequest request;
  request.allow_replication_factor_change = may_change_factor;
  auto& asked = request.topics.emplace_back();
  asked.name = topic;
  asked.partitions.push_back(
      {.partition_index = partition, .replicas = std::move(replicas), .unknown_tags = {}});
  const auto response = lab.apply(alter_partition_reassignments(lab.image, lab.settings, request));
  CHECK(response.error_code == 0);
  const auto& answer = response.responses.at(0).partitions.at(0);
  return {kafka::error_from(answer.error_code), answer.error_message};
}

}  // namespace

TEST_CASE("reassignment: new replicas are added, and the old ones go when the new ones are in sync") {
  DecidedCluster lab = with_orders();
  CHECK(reassign(lab, Ids{3, 1}).error == ErrorCode::none);
  const PartitionRegistration& orders = lab.partition("orders");
  CHECK(orders.replicas == Ids{3, 1, 2});
  CHECK(orders.adding_replicas == Ids{3});
  CHECK(orders.removing_replicas == Ids{2});
  CHECK(orders.isr == Ids{1, 2});
  CHECK(orders.leader == 1);
  CHECK(orders.leader_epoch == 0);
  CHECK(orders.directories == std::vector<Uuid>{directory_of(3), directory_of(1), directory_of(2)});

  const auto answer = lab.alter(lab.isr_change("orders", {1, 2, 3}));
  CHECK(answer.error_code == 0);
  CHECK(orders.replicas == Ids{3, 1});
  CHECK(orders.isr == Ids{1, 3});
  CHECK(orders.adding_replicas.empty());
  CHECK(orders.removing_replicas.empty());
  CHECK(orders.leader == 1);  // it is still a replica
  CHECK(orders.directories == std::vector<Uuid>{directory_of(3), directory_of(1)});
  // Who was taken away must not go on in the same epoch.
  CHECK(orders.leader_epoch == 1);
  CHECK(answer.leader_epoch == 1);
  CHECK(answer.isr == Ids{1, 3});
  CHECK(answer.partition_epoch == orders.partition_epoch);
}

TEST_CASE(
    "reassignment: NEW_LEADER_ELECTED tells a leader that its own request took the leadership from it") {
  DecidedCluster lab = with_orders();
  CHECK(reassign(lab, Ids{3, 4}).error == ErrorCode::none);
  CHECK(lab.alter(lab.isr_change("orders", {1, 2, 3})).error_code == 0);  // not all yet
  CHECK(lab.partition("orders").leader == 1);
  const auto answer = lab.alter(lab.isr_change("orders", {1, 2, 3, 4}));
  CHECK(kafka::error_from(answer.error_code) == ErrorCode::new_leader_elected);
  CHECK(lab.partition("orders").leader == 3);
  CHECK(lab.partition("orders").replicas == Ids{3, 4});
  CHECK(lab.partition("orders").isr == Ids{3, 4});
}

TEST_CASE("reassignment: another order, or fewer replicas, is complete at once") {
  DecidedCluster lab = with_orders({1, 2, 3});
  CHECK(reassign(lab, Ids{3, 1, 2}).error == ErrorCode::none);
  CHECK(lab.partition("orders").replicas == Ids{3, 1, 2});
  CHECK(lab.partition("orders").leader == 1);
  CHECK(lab.partition("orders").leader_epoch == 0);
  CHECK(reassign(lab, Ids{3, 2}).error == ErrorCode::none);
  CHECK(lab.partition("orders").replicas == Ids{3, 2});
  CHECK(lab.partition("orders").isr == Ids{2, 3});
  CHECK(lab.partition("orders").leader == 3);
  CHECK(lab.partition("orders").adding_replicas.empty());
}

TEST_CASE("reassignment: taken back, what it was adding goes, and what it was removing stays") {
  DecidedCluster lab = with_orders();
  REQUIRE(reassign(lab, Ids{3, 4}).error == ErrorCode::none);
  CHECK(lab.alter(lab.isr_change("orders", {1, 2, 3})).error_code == 0);
  CHECK(reassign(lab, std::nullopt).error == ErrorCode::none);
  CHECK(lab.partition("orders").replicas == Ids{1, 2});
  CHECK(lab.partition("orders").isr == Ids{1, 2});
  CHECK(lab.partition("orders").adding_replicas.empty());
  CHECK(lab.partition("orders").removing_replicas.empty());
  const Answer again = reassign(lab, std::nullopt);
  CHECK(again.error == ErrorCode::no_reassignment_in_progress);
  CHECK(again.message == "No partition reassignment is in progress.");
}

TEST_CASE(
    "reassignment: it is not taken back when only new replicas are in sync, unless that may be unclean") {
  DecidedCluster lab = with_orders({1});
  REQUIRE(reassign(lab, Ids{3, 4}).error == ErrorCode::none);
  CHECK(lab.alter(lab.isr_change("orders", {1, 3})).error_code == 0);
  lab.fence(1);
  REQUIRE(lab.partition("orders").leader == 3);
  REQUIRE(lab.partition("orders").isr == Ids{3});
  const Answer refused = reassign(lab, std::nullopt);
  CHECK(refused.error == ErrorCode::invalid_replica_assignment);
  CHECK(refused.message ==
        "Unable to revert partition assignment for orders:0 because it would require an unclean leader "
        "election.");
}

TEST_CASE("reassignment: taken back, what it was adding is not eligible either") {
  DecidedCluster lab;
  lab.turn_elr_on("2");
  lab.start_brokers(4);
  REQUIRE(lab.create(DecidedCluster::assigned("orders", {{1, 2}})).error_code == 0);
  lab.fence(2);
  REQUIRE(reassign(lab, Ids{3, 4}).error == ErrorCode::none);
  REQUIRE(lab.alter(lab.isr_change("orders", {1, 3})).error_code == 0);
  REQUIRE(reassign(lab, std::nullopt).error == ErrorCode::none);
  CHECK(lab.partition("orders").isr == Ids{1});
  CHECK(lab.partition("orders").elr.empty());  // 3 drops its log
}

TEST_CASE("reassignment: a second one takes the place of the first") {
  DecidedCluster lab = with_orders();
  REQUIRE(reassign(lab, Ids{3, 1}).error == ErrorCode::none);
  CHECK(reassign(lab, Ids{4, 1}).error == ErrorCode::none);
  CHECK(lab.partition("orders").replicas == Ids{4, 1, 2, 3});
  CHECK(lab.partition("orders").removing_replicas == Ids{2, 3});
  CHECK(lab.partition("orders").adding_replicas == Ids{4});
  CHECK(lab.alter(lab.isr_change("orders", {1, 2, 4})).error_code == 0);
  CHECK(lab.partition("orders").replicas == Ids{4, 1});
}

TEST_CASE("reassignment: refused in Kafka's words") {
  DecidedCluster lab = with_orders();
  CHECK(reassign(lab, Ids{1}, "nosuch").message == "Unable to find a topic named nosuch.");
  CHECK(reassign(lab, Ids{1}, "orders", 9).message == "Unable to find partition orders:9.");
  CHECK(reassign(lab, Ids{1, 9}).message ==
        "The manual partition assignment includes broker 9, but no such broker is registered.");
  CHECK(reassign(lab, Ids{1, 1}).error == ErrorCode::invalid_replica_assignment);
  CHECK(reassign(lab, Ids{}).message == "The manual partition assignment includes an empty replica list.");
  const Answer grows = reassign(lab, Ids{1, 2, 3}, "orders", 0, /*may_change_factor=*/false);
  CHECK(grows.error == ErrorCode::invalid_replication_factor);
  CHECK(grows.message == "The replication factor is changed from 2 to 3");
  CHECK(lab.partition("orders").replicas == Ids{1, 2});
}

TEST_CASE("preferred leaders: leaderships go back by themselves, where the preferred replica is in sync") {
  DecidedCluster lab = with_orders();
  lab.fence(1);
  REQUIRE(lab.partition("orders").leader == 2);
  CHECK(elect_preferred_leaders(lab.image, lab.settings).empty());
  lab.restart(1, true);
  lab.unfence(1);
  CHECK(elect_preferred_leaders(lab.image, lab.settings).empty());
  CHECK(lab.alter(lab.isr_change("orders", {1, 2})).error_code == 0);
  lab.apply(elect_preferred_leaders(lab.image, lab.settings));
  CHECK(lab.partition("orders").leader == 1);
  CHECK(lab.partition("orders").leader_epoch == 2);
  CHECK(elect_preferred_leaders(lab.image, lab.settings).empty());
}

TEST_CASE("alter configs, the older request: what it does not name is taken away") {
  DecidedCluster lab = with_orders();
  const auto alter = [&](std::vector<std::pair<std::string, std::string>> configs) {
    kafka::AlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = ConfigResource::topic;
    resource.resource_name = "orders";
    for (const auto& [name, value] : configs)
      resource.configs.push_back({.name = name, .value = value, .unknown_tags = {}});
    return kafka::error_from(
        lab.apply(alter_configs(lab.image, lab.settings, request)).responses.at(0).error_code);
  };
  const ConfigResource orders{ConfigResource::topic, "orders"};
  CHECK(alter({{"retention.ms", "1000"}, {"compression.type", "zstd"}}) == ErrorCode::none);
  CHECK(lab.image.config(orders).size() == 2);
  CHECK(alter({{"retention.ms", "2000"}}) == ErrorCode::none);
  CHECK(lab.image.config(orders) == std::map<std::string, std::string>{{"retention.ms", "2000"}});
  CHECK(alter({{"retention.ms", "soon"}}) == ErrorCode::invalid_config);
  CHECK(alter({}) == ErrorCode::none);
  CHECK(lab.image.config(orders).empty());
}
