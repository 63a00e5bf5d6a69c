// Eligible leader replicas (KIP-966): who may lead when the in-sync set is empty. The states are those that Apache
// Kafka 4.3.1 showed in golden/cli/failures/: two-of-three-stopped, unclean-election-by-hand,
// all-killed-then-restarted, unclean-election-enabled, no-elr-last-replica.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "sim/controller/kraft/config_control.h"
#include "sim/controller/kraft/leader_election.h"
#include "tests/unit/controller/decided_cluster.h"

using namespace brokerlab;
using brokerlab::test::DecidedCluster;
using brokerlab::test::Ids;
using kafka::ErrorCode;
using kafka::to_int16;

namespace {

/// "Leader: 1 epoch 0 Isr: 1 Elr: 2 LastKnownElr: ", as the recordings print a partition.
std::string state(const DecidedCluster& lab, const std::string& topic) {
  const PartitionRegistration& p = lab.partition(topic);
  return fmt::format("Leader: {} epoch {} Isr: {} Elr: {} LastKnownElr: {}",
                     p.leader < 0 ? "none" : std::to_string(p.leader), p.leader_epoch, fmt::join(p.isr, ","),
                     fmt::join(p.elr, ","), fmt::join(p.last_known_elr, ","));
}

/// critical-data needs two replicas in sync, relaxed one.
DecidedCluster with_two_topics(bool has_elr = true) {
  DecidedCluster lab;
  if (has_elr) lab.turn_elr_on();
  lab.start_brokers(3);
  auto critical = DecidedCluster::assigned("critical-data", {{1, 2, 3}});
  critical.configs.push_back({.name = "min.insync.replicas", .value = "2"});
  REQUIRE(lab.create(critical).error_code == 0);
  REQUIRE(lab.create(DecidedCluster::assigned("relaxed", {{1, 2, 3}})).error_code == 0);
  return lab;
}

ErrorCode elect(DecidedCluster& lab, const std::string& topic, int8_t type) {
  kafka::ElectLeadersRequest request;
  request.election_type = type;
  request.topic_partitions.emplace();
  request.topic_partitions->push_back({.topic = topic, .partitions = {0}});
  const auto response = lab.apply(elect_leaders(lab.image, lab.settings, request));
  return kafka::error_from(response.replica_election_results.at(0).partition_result.at(0).error_code);
}

kafka::IncrementalAlterConfigsResponse::AlterConfigsResourceResponse alter(DecidedCluster& lab, int8_t type,
                                                                           const std::string& resource,
                                                                           const std::string& name,
                                                                           std::optional<std::string> value) {
  kafka::IncrementalAlterConfigsRequest request;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = type;
  asked.resource_name = resource;
  const int8_t operation = value ? 0 : 1;
  asked.configs.push_back({.name = name, .config_operation = operation, .value = std::move(value)});
  return lab.apply(alter_configs(lab.image, lab.settings, request)).responses.at(0);
}

}  // namespace

TEST_CASE("ELR: who leaves an in-sync set that is below min.insync.replicas stays eligible") {
  DecidedCluster lab = with_two_topics();
  lab.fence(3);
  CHECK(state(lab, "critical-data") == "Leader: 1 epoch 0 Isr: 1,2 Elr:  LastKnownElr: ");
  lab.fence(2);
  CHECK(state(lab, "critical-data") == "Leader: 1 epoch 0 Isr: 1 Elr: 2 LastKnownElr: ");
  CHECK(state(lab, "relaxed") == "Leader: 1 epoch 0 Isr: 1 Elr:  LastKnownElr: ");
}

TEST_CASE("ELR: the last member leaves the in-sync set too, and is remembered as the last leader") {
  DecidedCluster lab = with_two_topics();
  for (const int32_t id : {3, 2, 1}) lab.fence(id);
  CHECK(state(lab, "critical-data") == "Leader: none epoch 1 Isr:  Elr: 1,2 LastKnownElr: 1");
  CHECK(state(lab, "relaxed") == "Leader: none epoch 1 Isr:  Elr: 1 LastKnownElr: 1");
}

TEST_CASE("ELR: an eligible replica that had stopped cleanly leads at its return") {
  DecidedCluster lab = with_two_topics();
  for (const int32_t id : {3, 2, 1}) lab.fence(id);
  lab.restart(3, /*was_clean=*/true);
  lab.unfence(3);  // not eligible: it had left before the set became too small
  CHECK(state(lab, "critical-data") == "Leader: none epoch 1 Isr:  Elr: 1,2 LastKnownElr: 1");
  lab.restart(1, /*was_clean=*/false);
  lab.unfence(1);
  CHECK(state(lab, "critical-data") == "Leader: none epoch 1 Isr:  Elr: 2 LastKnownElr: 1");
  lab.restart(2, /*was_clean=*/true);
  lab.unfence(2);
  CHECK(state(lab, "critical-data") == "Leader: 2 epoch 2 Isr: 2 Elr:  LastKnownElr: ");
  CHECK(lab.partition("critical-data").leader_recovery_state == LeaderRecoveryState::recovered);
}

TEST_CASE("ELR: a broker that comes back from an unclean shutdown leaves the ISR and the ELR first") {
  DecidedCluster lab = with_two_topics();
  lab.fence(3);
  lab.now = lab.now + lab.settings.duration("broker.session.timeout.ms");
  lab.restart(2, /*was_clean=*/false);  // before anybody noticed that it was gone
  CHECK(state(lab, "critical-data") == "Leader: 1 epoch 0 Isr: 1 Elr:  LastKnownElr: ");
  CHECK(state(lab, "relaxed") == "Leader: 1 epoch 0 Isr: 1 Elr:  LastKnownElr: ");
  CHECK(lab.image.broker(2)->fenced);
}

TEST_CASE("ELR: with ISR and ELR empty the last known leader is elected, as soon as it is alive") {
  DecidedCluster lab = with_two_topics();
  for (const int32_t id : {3, 2, 1}) lab.fence(id);
  lab.restart(3, false);
  lab.unfence(3);
  lab.restart(1, false);
  CHECK(state(lab, "critical-data") == "Leader: none epoch 1 Isr:  Elr: 2 LastKnownElr: 1");
  CHECK(state(lab, "relaxed") == "Leader: none epoch 1 Isr:  Elr:  LastKnownElr: 1");
  lab.unfence(1);
  CHECK(state(lab, "relaxed") == "Leader: 1 epoch 2 Isr: 1 Elr:  LastKnownElr: ");
  CHECK(lab.partition("relaxed").leader_recovery_state == LeaderRecoveryState::recovering);
  // With min.insync.replicas=2 there is somebody left who may have more: both have to come back.
  CHECK(state(lab, "critical-data") == "Leader: none epoch 1 Isr:  Elr: 2 LastKnownElr: 1");
  lab.restart(2, false);  // its ELR is empty now, and the last leader lives
  CHECK(state(lab, "critical-data") == "Leader: 1 epoch 2 Isr: 1 Elr:  LastKnownElr: ");
}

TEST_CASE("ELR: who takes over from the ELR leaves the others in it until enough are in sync") {
  DecidedCluster lab;
  lab.turn_elr_on("3");
  lab.start_brokers(3);
  REQUIRE(lab.create(DecidedCluster::assigned("orders", {{1, 2, 3}})).error_code == 0);
  for (const int32_t id : {1, 2, 3}) lab.fence(id);
  CHECK(state(lab, "orders") == "Leader: none epoch 3 Isr:  Elr: 1,2,3 LastKnownElr: 3");
  lab.restart(2, true);
  lab.unfence(2);
  CHECK(state(lab, "orders") == "Leader: 2 epoch 4 Isr: 2 Elr: 1,3 LastKnownElr: ");
  lab.restart(3, true);
  lab.unfence(3);
  CHECK(lab.alter(lab.isr_change("orders", {2, 3})).error_code == 0);
  CHECK(state(lab, "orders") == "Leader: 2 epoch 4 Isr: 2,3 Elr: 1 LastKnownElr: ");
  lab.restart(1, true);
  lab.unfence(1);
  CHECK(lab.alter(lab.isr_change("orders", {1, 2, 3})).error_code == 0);
  CHECK(state(lab, "orders") == "Leader: 2 epoch 4 Isr: 1,2,3 Elr:  LastKnownElr: ");
}

TEST_CASE("ELR: min.insync.replicas counts up to the replication factor") {
  DecidedCluster lab;
  lab.turn_elr_on("3");
  lab.start_brokers(2);
  REQUIRE(lab.create(DecidedCluster::assigned("orders", {{1, 2}})).error_code == 0);
  lab.fence(2);
  CHECK(state(lab, "orders") == "Leader: 1 epoch 0 Isr: 1 Elr: 2 LastKnownElr: ");
}

TEST_CASE(
    "ELR: by hand, an unclean election takes anybody alive and empties the ELR; a preferred one does not") {
  DecidedCluster lab = with_two_topics();
  for (const int32_t id : {3, 2, 1}) lab.fence(id);
  lab.restart(3, true);
  lab.unfence(3);
  CHECK(elect(lab, "relaxed", 0) == ErrorCode::preferred_leader_not_available);
  CHECK(elect(lab, "relaxed", 1) == ErrorCode::none);
  CHECK(state(lab, "relaxed") == "Leader: 3 epoch 2 Isr: 3 Elr:  LastKnownElr: ");
  CHECK(state(lab, "critical-data") == "Leader: none epoch 1 Isr:  Elr: 1,2 LastKnownElr: 1");
}

TEST_CASE("ELR: an unclean election by itself, where it is enabled, when the last in sync is fenced") {
  DecidedCluster lab;
  lab.turn_elr_on();
  lab.start_brokers(3);
  auto dirty = DecidedCluster::assigned("dirty", {{1, 2, 3}});
  dirty.configs.push_back({.name = "unclean.leader.election.enable", .value = "true"});
  REQUIRE(lab.create(dirty).error_code == 0);
  lab.fence(2);
  lab.fence(3);
  lab.restart(3, false);
  lab.unfence(3);
  CHECK(state(lab, "dirty") == "Leader: 1 epoch 0 Isr: 1 Elr:  LastKnownElr: ");
  lab.fence(1);
  CHECK(state(lab, "dirty") == "Leader: 3 epoch 1 Isr: 3 Elr:  LastKnownElr: ");
}

TEST_CASE("ELR: unclean election that is enabled later elects when the controller looks again") {
  DecidedCluster lab = with_two_topics();
  for (const int32_t id : {3, 2, 1}) lab.fence(id);
  lab.restart(3, true);
  lab.unfence(3);
  CHECK(elect_unclean_leaders(lab.image, lab.settings).empty());
  REQUIRE(alter(lab, ConfigResource::topic, "relaxed", "unclean.leader.election.enable", "true").error_code ==
          0);
  CHECK(state(lab, "relaxed") == "Leader: none epoch 1 Isr:  Elr: 1 LastKnownElr: 1");
  lab.apply(elect_unclean_leaders(lab.image, lab.settings));
  CHECK(state(lab, "relaxed") == "Leader: 3 epoch 2 Isr: 3 Elr:  LastKnownElr: ");
}

TEST_CASE("ELR: another min.insync.replicas empties the ELRs that counted by the old one") {
  DecidedCluster lab = with_two_topics();
  lab.fence(3);
  lab.fence(2);
  REQUIRE(state(lab, "critical-data") == "Leader: 1 epoch 0 Isr: 1 Elr: 2 LastKnownElr: ");
  const int32_t epoch = lab.partition("critical-data").partition_epoch;
  CHECK(alter(lab, ConfigResource::topic, "relaxed", "min.insync.replicas", "2").error_code == 0);
  CHECK(lab.partition("critical-data").elr == Ids{2});
  CHECK(alter(lab, ConfigResource::topic, "critical-data", "min.insync.replicas", "2").error_code == 0);
  CHECK(lab.partition("critical-data").elr == Ids{2});  // no change
  CHECK(alter(lab, ConfigResource::topic, "critical-data", "min.insync.replicas", "3").error_code == 0);
  CHECK(state(lab, "critical-data") == "Leader: 1 epoch 0 Isr: 1 Elr:  LastKnownElr: ");
  CHECK(lab.partition("critical-data").partition_epoch == epoch + 1);
}

TEST_CASE("ELR: min.insync.replicas is the cluster's or a topic's, of no single broker") {
  DecidedCluster lab = with_two_topics();
  const auto refused = alter(lab, ConfigResource::broker, "1", "min.insync.replicas", "2");
  CHECK(refused.error_code == to_int16(ErrorCode::invalid_config));
  CHECK(refused.error_message == "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
  CHECK(alter(lab, ConfigResource::broker, "", "min.insync.replicas", std::nullopt).error_message ==
        "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
  CHECK(alter(lab, ConfigResource::broker, "", "min.insync.replicas", "2").error_code == 0);
}

TEST_CASE(
    "without ELR the last member stays in the in-sync set when it dies, and leads again when it is back") {
  DecidedCluster lab = with_two_topics(/*has_elr=*/false);
  lab.fence(3);
  lab.fence(2);
  CHECK(state(lab, "critical-data") == "Leader: 1 epoch 0 Isr: 1 Elr:  LastKnownElr: ");
  lab.fence(1);
  CHECK(state(lab, "critical-data") == "Leader: none epoch 1 Isr: 1 Elr:  LastKnownElr: ");
  lab.restart(3, true);
  lab.unfence(3);
  CHECK(state(lab, "critical-data") == "Leader: none epoch 1 Isr: 1 Elr:  LastKnownElr: ");
  lab.restart(1, false);
  lab.unfence(1);
  CHECK(state(lab, "critical-data") == "Leader: 1 epoch 2 Isr: 1 Elr:  LastKnownElr: ");
}
