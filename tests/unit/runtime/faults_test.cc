// The description of faults: their text, the table of those that are set, and the catalogue.
#include "sim/runtime/faults.h"

#include <doctest/doctest.h>

#include <set>

#include "sim/runtime/fault_catalogue.h"
#include "sim/runtime/fault_table.h"
#include "sim/shell/shell.h"
#include "tests/unit/shell/puppet.h"

using namespace brokerlab;

namespace {

constexpr NodeId a{1};
constexpr NodeId b{2};
constexpr NodeId c{3};

FaultTable::Placed placed(std::string_view text, NodeId from, NodeId to = no_node) {
  return {parse_fault(text).value(), from, to, {}};
}

const std::vector<std::string> three{"kafka1", "kafka2", "kafka3"};

std::string expanded(std::string_view text, const std::vector<std::string>& nodes = three) {
  const Result<std::vector<Fault>> faults = parse_faults(text, nodes);
  if (!faults) return faults.status().message;
  std::string joined;
  for (const Fault& fault : *faults) joined += (joined.empty() ? "" : ", ") + fault.to_string();
  return joined;
}

}  // namespace

TEST_CASE("faults: text and back") {
  for (const char* text : {"cut kafka1 kafka2",
                           "cut kafka1 to kafka2",
                           "cut kafka1",
                           "flap kafka1 to kafka2 2s",
                           "slow kafka1 kafka2 50ms",
                           "slow kafka1 to kafka2 50ms jitter 10ms",
                           "slow kafka1 300us",
                           "slow kafka1 1s jitter 2s",
                           "throttle kafka1 64KB/s",
                           "throttle kafka1 to kafka2 1MB/s",
                           "throttle kafka1 kafka2 1001B/s",
                           "half-open kafka1 to kafka2",
                           "reset kafka1 kafka2",
                           "slow-cpu kafka1 5ms",
                           "power-loss kafka1",
                           "clock-skew kafka1 -2s",
                           "clock-jump kafka1 +60s",
                           "clock-drift kafka1 -200ppm",
                           "slow-disk kafka1 50ms",
                           "io-error kafka1",
                           "fsync-failure kafka1",
                           "disk-full kafka1",
                           "torn-write kafka1",
                           "bit-flip kafka1",
                           "bit-flip kafka1 orders-0",
                           "bit-flip kafka1 records",
                           "wipe-disk kafka1"}) {
    const Result<Fault> fault = parse_fault(text);
    REQUIRE_MESSAGE(fault.ok(), text);
    CHECK(fault->to_string() == text);
  }
  CHECK(parse_fault("  cut   kafka1\tkafka2 ")->to_string() == "cut kafka1 kafka2");
  CHECK(parse_fault("slow kafka1 kafka2 1500us jitter 1000us")->to_string() ==
        "slow kafka1 kafka2 1500us jitter 1ms");
  CHECK(parse_fault("clock-skew kafka1 2s")->to_string() == "clock-skew kafka1 +2s");
  for (const char* text : {"",
                           "cut",
                           "burn kafka1",
                           "cut kafka1 to",
                           "cut to kafka1",
                           "cut kafka1 kafka1",
                           "cut kafka1 kafka2 kafka3",
                           "slow kafka1 kafka2",
                           "slow kafka1",
                           "slow 50ms",
                           "slow kafka1 kafka2 50",
                           "slow kafka1 kafka2 -1ms",
                           "slow kafka1 kafka2 50ms jitter",
                           "slow jitter 5ms",
                           "slow kafka1 kafka2 99999999999999999999s",
                           "flap kafka1 kafka2",
                           "flap kafka1 kafka2 1us",
                           "throttle kafka1 0KB/s",
                           "throttle kafka1 64",
                           "throttle kafka1 9999999999MB/s",
                           "reset kafka1 to kafka2",
                           "slow-cpu kafka1 kafka2 5ms",
                           "clock-skew kafka1 --2s",
                           "clock-skew kafka1 99999999s",
                           "clock-drift kafka1 5%",
                           "clock-drift kafka1 9999999ppm",
                           "wipe-disk kafka1 kafka2",
                           "bit-flip kafka1 orders-0 orders-1"}) {
    CHECK_MESSAGE(!parse_fault(text).ok(), text);
  }
}

TEST_CASE("faults: partitions, bridges and isolated nodes are cuts") {
  CHECK(expanded("partition kafka1 | kafka2 kafka3") == "cut kafka1 kafka2, cut kafka1 kafka3");
  CHECK(expanded("partition kafka1 kafka2 to kafka3") == "cut kafka1 to kafka3, cut kafka2 to kafka3");
  CHECK(expanded("isolate kafka2") == "cut kafka2");
  CHECK(expanded("bridge kafka2") == "cut kafka1 kafka3");
  CHECK(expanded("bridge e", {"a", "b", "c", "d", "e"}) == "cut a c, cut a d, cut b c, cut b d");
  CHECK(expanded("cut kafka1") == "cut kafka1");
  CHECK(expanded("bridge kafka1", {"kafka1", "kafka2"}).find("no two others") != std::string::npos);
  for (const char* text : {"partition", "partition kafka1", "partition | kafka1", "partition kafka1 |",
                           "partition kafka1 | kafka1", "partition a | b | c", "isolate", "bridge a b"})
    CHECK_MESSAGE(!parse_faults(text, three).ok(), text);
}

TEST_CASE("faults: the table replaces, heals and says what it took away") {
  FaultTable table;
  table.set(placed("cut a b", a, b));
  table.set(placed("cut a b", a, b));
  table.set(placed("slow b a 5ms", b, a));
  table.set(placed("cut c", c));
  table.set(placed("slow-disk a 5ms", a));
  table.set(placed("slow-disk a 7ms", a));
  CHECK(table.faults().size() == 4);
  CHECK(table.of_node(a).disk_time == milliseconds(7));
  CHECK(table.of_node(b) == NodeFaults{});
  CHECK(table.of_links().size() == 3);
  SUBCASE("between two nodes") {
    CHECK(table.heal(b, a).size() == 2);
    CHECK(table.heal(b, a).empty());
  }
  SUBCASE("all of one node") { CHECK(table.heal(a, no_node).size() == 3); }
  SUBCASE("one kind of one node") {
    const std::vector<Fault> healed = table.heal(a, no_node, Fault::Kind::slow_disk);
    REQUIRE(healed.size() == 1);
    CHECK(healed[0].to_string() == "slow-disk a 7ms");
  }
  SUBCASE("one kind anywhere") { CHECK(table.heal(no_node, no_node, Fault::Kind::cut).size() == 2); }
  SUBCASE("all") {
    CHECK(table.heal(no_node, no_node).size() == 4);
    CHECK(table.faults().empty());
  }
}

TEST_CASE("faults: a clock is skewed, leaps and drifts") {
  FaultTable table;
  const Now now{Instant{} + seconds(100), 1'000'000};
  const auto wall = [&] { return table.of_node(a).clock.apply(now).wall_ms - now.wall_ms; };
  table.set(placed("clock-skew a -2s", a));
  CHECK(wall() == -2000);
  table.set(placed("clock-skew a -1s", a));
  CHECK(wall() == -1000);
  table.set(placed("clock-jump a +60s", a));
  table.set(placed("clock-jump a +60s", a));
  CHECK(table.faults().back().to_string() == "clock-jump a +120s");
  CHECK(wall() == 119'000);
  table.heal(a, no_node);
  FaultTable::Placed drift = placed("clock-drift a -1000ppm", a);
  drift.since = Instant{} + seconds(40);
  table.set(drift);
  CHECK(wall() == -60);
  CHECK(table.of_node(a).clock.apply(now).monotonic == now.monotonic);
}

TEST_CASE("faults: whatever the catalogue draws can be said, and healed as it says") {
  std::set<std::string_view> names;
  for (const FaultKind& kind : fault_catalogue()) {
    CHECK(names.insert(kind.name).second);
    CHECK(find_fault_kind(kind.name) == &kind);
    CHECK_FALSE(kind.english.empty());
    CHECK_FALSE(kind.korean.empty());
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      Random random(seed);
      const DrawnFault drawn = kind.draw(random, three);
      CAPTURE(drawn.command);
      Random again(seed);
      CHECK(kind.draw(again, three).command == drawn.command);
      CHECK_FALSE(drawn.nodes.empty());
      const std::unique_ptr<Sandbox> lab = puppet_lab();
      Shell shell(*lab, Language::english);
      const Finished set = shell.run(drawn.command);
      CHECK_MESSAGE(set.status == 0, set.error);
      (void)lab->run_for(seconds(1));
      for (const std::string& command : drawn.heal) {
        const Finished healed = shell.run(command);
        CHECK_MESSAGE(healed.status == 0, command << ": " << healed.error);
      }
      const LabView view = lab->view();
      CHECK(view.faults.empty());
      for (const NodeStatus& node : view.nodes)
        CHECK((node.state == NodeState::running || node.state == NodeState::starting));
    }
  }
  CHECK(find_fault_kind("burn") == nullptr);
}
