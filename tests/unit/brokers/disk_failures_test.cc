// What a broker does when its only log directory fails, against the recording of Apache Kafka 4.3.1
// (golden/cli/failures/disk-full.txt), and what power losses, torn writes and wiped disks leave of a cluster.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/brokers/cluster_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;

namespace {

constexpr NodeId kafka3{3};
constexpr int16_t storage_error = 56;

struct Fixture : ClusterUnderTest {
  Fixture() {
    wait_until_running();
    create_topic("big", {{3, 1, 2}});
    run_for(seconds(1));
    REQUIRE(produce(3, "big", 0, 5, -1).error_code == 0);
  }
  void set(std::string_view fault) { REQUIRE(lab().set_fault(parse_fault(fault).value(), {}).ok()); }
  NodeStatus status(NodeId node) { return lab().view().nodes[node.value - 1]; }
  std::vector<std::string> noted_by(NodeId node) const {
    std::vector<std::string> lines;
    for (const Event& event : events) {
      const auto* noted = std::get_if<event::Noted>(&event.payload);
      if (noted != nullptr && event.ref.node == node) lines.push_back(noted->text);
    }
    return lines;
  }
  PartitionView partition(int seen_by) {
    const std::optional<KafkaView> view = view_of(seen_by);
    REQUIRE(view);
    for (const PartitionView& partition : view->partitions)
      if (partition.topic == "big") return partition;
    return {};
  }
};

bool has_line(const std::vector<std::string>& lines, std::string_view line) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& known) { return known.find(line) != std::string::npos; });
}

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "disk full: the leader refuses with KAFKA_STORAGE_ERROR, ends with 1, others lead") {
  set("disk-full kafka3");
  CHECK(produce(3, "big", 0, 1, -1).error_code == storage_error);
  CHECK(status(kafka3).state == NodeState::stopped);
  CHECK(status(kafka3).exit_status == 1);
  const std::vector<std::string> lines = noted_by(kafka3);
  CHECK(has_line(lines, "ERROR Error while appending records to big-0"));
  CHECK(has_line(lines, "No space left on device"));
  CHECK(has_line(lines, "ERROR Shutdown broker because all log dirs"));
  // As recorded: leader 1, epoch 1, ISR 1,2.
  REQUIRE(run_until([&] { return partition(1).leader == 1 && partition(1).isr.size() == 2; }));
  CHECK(partition(1).leader_epoch == 1);
  CHECK(partition(1).isr == std::vector<int32_t>{1, 2});
  CHECK(produce(1, "big", 0, 1, -1).error_code == 0);

  SUBCASE("it does not start again while the disk is full") {
    REQUIRE(lab().start(kafka3, {}));
    REQUIRE(run_until([&] { return status(kafka3).state == NodeState::stopped; }));
    CHECK(status(kafka3).exit_status == 1);
  }
  SUBCASE("with space again it comes back and catches up") {
    REQUIRE(lab().heal("kafka3", "", {}, {}).ok());
    REQUIRE(lab().start(kafka3, {}));
    REQUIRE(run_until([&] { return partition(1).isr.size() == 3; }));
    CHECK(replica(3, "big", 0).log_end_offset == 6);
  }
}

TEST_CASE_FIXTURE(Fixture, "a disk that fails ends a node with 1, whichever way it fails") {
  SUBCASE("I/O error") { set("io-error kafka3"); }
  SUBCASE("fsync failure") { set("fsync-failure kafka3"); }
  // The metadata log flushes what it appends, so that a broken disk shows without any record.
  REQUIRE(run_until([&] { return status(kafka3).state == NodeState::stopped; }));
  CHECK(status(kafka3).exit_status == 1);
  CHECK(has_line(noted_by(kafka3), "Input/output error"));
  REQUIRE(run_until([&] { return partition(1).leader == 1; }));
  CHECK(produce(1, "big", 0, 1, -1).error_code == 0);
  REQUIRE(lab().heal("kafka3", "", {}, {}).ok());
  REQUIRE(lab().start(kafka3, {}));
  REQUIRE(run_until([&] { return partition(1).isr.size() == 3; }));
}

TEST_CASE_FIXTURE(Fixture, "a power loss of one replica loses nothing that was acknowledged") {
  set("power-loss kafka3");
  CHECK(status(kafka3).state == NodeState::killed);
  bool lost_records = false;
  for (const Event& event : events) {
    const auto* damaged = std::get_if<event::DiskDamaged>(&event.payload);
    if (damaged != nullptr && damaged->path == "big-0/00000000000000000000.log") {
      CHECK(event.ref.node == kafka3);
      CHECK(damaged->fault == "power-loss kafka3");
      CHECK(damaged->from_bytes == 0);
      lost_records = true;
    }
  }
  CHECK(lost_records);  // an acknowledgement does not wait for the disk
  REQUIRE(run_until([&] { return partition(1).leader == 1; }));
  REQUIRE(lab().start(kafka3, {}));
  REQUIRE(run_until([&] { return partition(1).isr.size() == 3; }));
  CHECK(replica(3, "big", 0).log_end_offset == 5);
}

TEST_CASE_FIXTURE(Fixture, "a torn write is cut off at the next start, and fetched again") {
  set("torn-write kafka3");
  REQUIRE(produce(3, "big", 0, 3, -1).error_code == 0);
  REQUIRE(lab().kill(kafka3, {}));
  REQUIRE(run_until([&] { return partition(1).leader == 1; }));
  REQUIRE(lab().start(kafka3, {}));
  REQUIRE(run_until([&] { return partition(1).isr.size() == 3; }));
  CHECK(replica(3, "big", 0).log_end_offset == 8);
}

TEST_CASE_FIXTURE(Fixture,
                  "slow disks, slow processors and wrong clocks slow a cluster down and lose nothing") {
  for (const char* fault :
       {"slow-disk kafka1 40ms", "slow-cpu kafka2 5ms", "clock-skew kafka3 -3s", "clock-jump kafka2 +60s",
        "clock-drift kafka1 1000ppm", "throttle kafka1 kafka3 50KB/s", "slow kafka2 kafka3 20ms jitter 30ms"})
    set(fault);
  for (int i = 0; i < 10; ++i) CHECK(produce(partition(2).leader, "big", 0, 5, -1).error_code == 0);
  REQUIRE(lab().heal("", "", {}, {}).ok());
  REQUIRE(run_until([&] { return partition(1).isr.size() == 3; }));
  CHECK(replica(2, "big", 0).log_end_offset == 55);
}
