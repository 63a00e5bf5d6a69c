// Brokers come and go: registration, heartbeats, fencing, controlled shutdown.
#include "sim/controller/kraft/cluster_control.h"

#include <doctest/doctest.h>

#include "tests/unit/controller/decided_cluster.h"

using namespace brokerlab;
using namespace brokerlab::test;
using kafka::ErrorCode;
using kafka::to_int16;

namespace {

constexpr Duration session_timeout = milliseconds(1500);  // broker.session.timeout.ms of the lab

}  // namespace

TEST_CASE("registration: a broker starts fenced, and its epoch is the offset of its record") {
  DecidedCluster lab;
  lab.apply({kafka::NoOpRecord{}, kafka::NoOpRecord{}});
  const auto response = lab.register_broker(1);
  CHECK(response.error_code == 0);
  CHECK(response.broker_epoch == 2);
  CHECK(lab.image.broker(1)->epoch == 2);
  CHECK(lab.image.broker(1)->fenced);
  CHECK(lab.image.broker(1)->listener("INTERNAL")->host == "kafka1");
}

TEST_CASE("registration: another cluster's broker is refused") {
  DecidedCluster lab;
  auto request = lab.registration(1);
  request.cluster_id = "AAAAAAAAAAAAAAAAAAAAAQ";
  const auto result = lab.cluster.register_broker(lab.image, request, 0, lab.now);
  CHECK(result.response.error_code == to_int16(ErrorCode::inconsistent_cluster_id));
  CHECK(result.records.empty());
}

TEST_CASE("registration: while a broker's session lives, another incarnation of its id is a duplicate") {
  DecidedCluster lab;
  lab.register_broker(1, 1);
  CHECK(lab.register_broker(1, 2).error_code == to_int16(ErrorCode::duplicate_broker_registration));
  // The same incarnation may register again and keeps its epoch.
  CHECK(lab.register_broker(1, 1).broker_epoch == 0);
  lab.now = lab.now + session_timeout;
  const auto again = lab.register_broker(1, 2);
  CHECK(again.error_code == 0);
  CHECK(again.broker_epoch == 2);
}

TEST_CASE(
    "registration: after a session that ended unnoticed, the earlier incarnation leaves its partitions "
    "first") {
  DecidedCluster lab;
  lab.start_brokers(3);
  lab.create(DecidedCluster::assigned("orders", {{1, 2, 3}}));
  lab.now = lab.now + session_timeout;
  lab.heartbeat(2);
  lab.heartbeat(3);
  const int64_t offset = lab.next_offset();
  const auto response = lab.register_broker(1, 2);
  CHECK(response.error_code == 0);
  CHECK(lab.partition("orders").leader == 2);
  CHECK(lab.partition("orders").isr == Ids{2, 3});
  CHECK(lab.image.broker(1)->fenced);
  CHECK(response.broker_epoch == offset + 1);  // behind the partition's change
  CHECK(lab.image.broker(1)->epoch == lab.image.offset());
}

TEST_CASE("registration: a broker without a log directory, or with another's, is refused") {
  DecidedCluster lab;
  lab.register_broker(1);
  auto request = lab.registration(2);
  request.log_dirs = {};
  CHECK(lab.cluster.register_broker(lab.image, request, 1, lab.now).response.error_code ==
        to_int16(ErrorCode::invalid_registration));
  request.log_dirs = {directory_of(1)};
  CHECK(lab.cluster.register_broker(lab.image, request, 1, lab.now).response.error_code ==
        to_int16(ErrorCode::invalid_registration));
}

TEST_CASE("heartbeat: a broker is unfenced once it has replayed its own registration") {
  DecidedCluster lab;
  lab.register_broker(1);
  auto request = lab.heartbeat_of(1);
  request.current_metadata_offset = lab.image.broker(1)->epoch - 1;
  auto response = lab.apply(lab.cluster.heartbeat(lab.image, request, lab.now));
  CHECK_FALSE(response.is_caught_up);
  CHECK(response.is_fenced);
  request.current_metadata_offset += 1;
  request.want_fence = true;  // as brokers say while they recover their logs
  response = lab.apply(lab.cluster.heartbeat(lab.image, request, lab.now));
  CHECK(response.is_caught_up);
  CHECK(response.is_fenced);
  request.want_fence = false;
  response = lab.apply(lab.cluster.heartbeat(lab.image, request, lab.now));
  CHECK_FALSE(response.is_fenced);
  CHECK_FALSE(lab.image.broker(1)->fenced);
}

TEST_CASE("heartbeat: of another epoch than the registered one, it is stale") {
  DecidedCluster lab;
  lab.start_brokers(1);
  auto request = lab.heartbeat_of(1);
  request.broker_epoch -= 1;
  CHECK(lab.cluster.heartbeat(lab.image, request, lab.now).response.error_code ==
        to_int16(ErrorCode::stale_broker_epoch));
  request.broker_id = 9;
  CHECK(lab.cluster.heartbeat(lab.image, request, lab.now).response.error_code ==
        to_int16(ErrorCode::stale_broker_epoch));
}

TEST_CASE("fencing: a session without heartbeats ends after broker.session.timeout.ms, no earlier") {
  DecidedCluster lab;
  lab.start_brokers(2);
  CHECK(lab.cluster.next_expiry(lab.image) == lab.now + session_timeout);
  lab.now = lab.now + session_timeout - milliseconds(1);
  CHECK_FALSE(lab.cluster.find_expired(lab.image, lab.now));
  lab.heartbeat(2);
  lab.now = lab.now + milliseconds(1);
  CHECK(lab.cluster.find_expired(lab.image, lab.now) == 1);
  lab.fence(1);
  CHECK_FALSE(lab.cluster.find_expired(lab.image, lab.now));
  CHECK(lab.image.broker(1)->fenced);
}

TEST_CASE(
    "fencing: leader-sigkill as recorded: new leaders in replica order, the dead one out of every ISR") {
  // golden/cli/failures/leader-sigkill.txt: node 1 leads orders-0, node 2 orders-1, node 3 orders-2.
  DecidedCluster lab;
  lab.start_brokers(3);
  lab.create(DecidedCluster::assigned("orders", {{1, 2, 3}, {2, 3, 1}, {3, 1, 2}}));
  lab.fence(1);
  CHECK(lab.partition("orders", 0).leader == 2);
  CHECK(lab.partition("orders", 0).leader_epoch == 1);
  CHECK(lab.partition("orders", 0).isr == Ids{2, 3});
  CHECK(lab.partition("orders", 1).leader == 2);
  CHECK(lab.partition("orders", 1).leader_epoch == 0);  // only the ISR changed
  CHECK(lab.partition("orders", 1).partition_epoch == 1);
  CHECK(lab.partition("orders", 1).isr == Ids{2, 3});  // in the order it had: 2, 3, 1
  CHECK(lab.partition("orders", 2).leader == 3);
  CHECK(lab.partition("orders", 2).isr == Ids{3, 2});
}

TEST_CASE("fencing: the last member stays in the ISR, and leads again when it comes back") {
  DecidedCluster lab;
  lab.start_brokers(3);
  lab.create(DecidedCluster::assigned("orders", {{1, 2, 3}}));
  lab.fence(2);
  lab.fence(3);
  lab.fence(1);
  CHECK(lab.partition("orders").leader == no_leader);
  CHECK(lab.partition("orders").leader_epoch == 1);
  CHECK(lab.partition("orders").isr == Ids{1});
  lab.heartbeat(2);  // alive, but not in sync: it must not lead
  CHECK(lab.partition("orders").leader == no_leader);
  lab.heartbeat(1);
  CHECK(lab.partition("orders").leader == 1);
  CHECK(lab.partition("orders").leader_epoch == 2);
}

TEST_CASE("fencing: with unclean election on, any living replica leads and the ISR is it alone") {
  DecidedCluster lab;
  lab.start_brokers(3);
  auto topic = DecidedCluster::assigned("clicks", {{1, 2, 3}});
  topic.configs.push_back({.name = "unclean.leader.election.enable", .value = "true"});
  lab.create(topic);
  lab.fence(2);
  lab.fence(3);
  lab.heartbeat(3);
  lab.fence(1);
  const PartitionRegistration& partition = lab.partition("clicks");
  CHECK(partition.leader == 3);
  CHECK(partition.isr == Ids{3});
  CHECK(partition.leader_recovery_state == LeaderRecoveryState::recovering);
}

TEST_CASE("controlled shutdown: as recorded, the registration changes first, then leaderships and ISRs") {
  // golden/logs/clean-__cluster_metadata-0.txt, offsets 62 to 66 and 71: broker 1 stops; topic orders has the
  // assignment [2,3,1], [3,1,2], [1,2,3], compacted [2,3,1].
  DecidedCluster lab;
  lab.start_brokers(3);
  lab.create(DecidedCluster::assigned("orders", {{2, 3, 1}, {3, 1, 2}, {1, 2, 3}}));
  auto request = lab.heartbeat_of(1);
  request.want_shut_down = true;
  const auto result = lab.cluster.heartbeat(lab.image, request, lab.now);
  REQUIRE(result.records.size() == 4);
  const std::string topic_id = lab.image.topic("orders")->id.to_string();
  CHECK(kafka::to_json(result.records[0], 1) == R"({"brokerId":1,"brokerEpoch":0,"inControlledShutdown":1})");
  const auto change = [&](const char* partition, const char* rest) {
    return R"({"partitionId":)" + std::string(partition) + R"(,"topicId":")" + topic_id + R"(",)" + rest +
           "}";
  };
  CHECK(kafka::to_json(result.records[1], 2) == change("0", R"("isr":[2,3])"));
  CHECK(kafka::to_json(result.records[2], 2) == change("1", R"("isr":[3,2])"));
  CHECK(kafka::to_json(result.records[3], 2) == change("2", R"("isr":[2,3],"leader":2)"));
  CHECK_FALSE(result.response.should_shut_down);
  CHECK_FALSE(result.response.is_fenced);
}

TEST_CASE("controlled shutdown: it may stop once every living broker has replayed that it leads nothing") {
  DecidedCluster lab;
  lab.start_brokers(3);
  lab.create(DecidedCluster::assigned("orders", {{1, 2, 3}}));
  auto stopping = lab.heartbeat_of(1);
  stopping.want_shut_down = true;
  CHECK_FALSE(lab.apply(lab.cluster.heartbeat(lab.image, stopping, lab.now)).should_shut_down);
  CHECK(lab.partition("orders").leader == 2);
  CHECK_FALSE(lab.apply(lab.cluster.heartbeat(lab.image, stopping, lab.now)).should_shut_down);
  lab.heartbeat(2);
  CHECK_FALSE(lab.apply(lab.cluster.heartbeat(lab.image, stopping, lab.now)).should_shut_down);
  lab.heartbeat(3);
  const auto response = lab.apply(lab.cluster.heartbeat(lab.image, stopping, lab.now));
  CHECK(response.should_shut_down);
  CHECK(response.is_fenced);
  CHECK(lab.image.broker(1)->fenced);
  // Its session is over: it may come back at once.
  CHECK(lab.register_broker(1, 2).error_code == 0);
}

TEST_CASE("controlled shutdown: a broker that leads nothing stops at once") {
  DecidedCluster lab;
  lab.start_brokers(3);
  lab.create(DecidedCluster::assigned("orders", {{1, 2, 3}}));
  auto stopping = lab.heartbeat_of(3);
  stopping.want_shut_down = true;
  CHECK(lab.apply(lab.cluster.heartbeat(lab.image, stopping, lab.now)).should_shut_down);
  CHECK(lab.partition("orders").isr == Ids{1, 2});
  CHECK(lab.partition("orders").leader == 1);
  CHECK(lab.partition("orders").leader_epoch == 0);
}

TEST_CASE("a new active controller gives every living broker a whole session") {
  DecidedCluster lab;
  lab.start_brokers(2);
  lab.fence(2);
  lab.now = lab.now + session_timeout * 10;
  lab.cluster.activate(lab.image, lab.now);
  CHECK_FALSE(lab.cluster.find_expired(lab.image, lab.now));
  CHECK(lab.cluster.next_expiry(lab.image) == lab.now + session_timeout);
}
