// The failures that were recorded from Apache Kafka 4.3.1 (golden/cli/failures), played on three nodes in the
// sandbox: leader, epoch and in-sync set of every partition must change in the recorded order.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>

#include "tests/unit/brokers/cluster_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;

namespace {

/// "leader 2 epoch +1 isr 2,3": what a partition's states after the first are compared by.
using History = std::map<std::string, std::vector<std::string>>;

std::string state_text(int leader, int epoch, const std::string& isr) {
  return "leader " + std::to_string(leader) + " epoch +" + std::to_string(epoch) + " isr " + isr;
}

struct Recorded {
  History history;
  /// Partitions whose ISR was not in the order of creation any more when the recording began: theirs is
  /// compared as a set.
  std::set<std::string> reordered;
  int quorum_leader = -1;  ///< before the fault
};

Recorded read_recording(const std::string& name) {
  std::ifstream lines(BROKERLAB_GOLDEN_DIR "/cli/failures/" + name + ".txt");
  REQUIRE(lines.is_open());
  const std::regex state(
      R"(t +([+-][0-9.]+)s  state: (\S+-[0-9]+) Leader: ([0-9]+) epoch ([0-9]+) Replicas: (\S+) Isr: (\S+) .*)");
  const std::regex quorum(R"(t +([+-][0-9.]+)s  state: quorum leader ([0-9]+) .*)");
  Recorded recorded;
  std::map<std::string, int> first_epoch;
  bool has_begun = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("***") != std::string::npos) has_begun = true;
    if (has_begun && line.find("kafka-leader-election") != std::string::npos) break;
    std::smatch match;
    if (std::regex_match(line, match, quorum) && !has_begun) recorded.quorum_leader = std::stoi(match[2]);
    if (!std::regex_match(line, match, state)) continue;
    const int epoch = std::stoi(match[4]);
    if (!has_begun) {
      first_epoch[match[2]] = epoch;
      if (match[5] != match[6]) recorded.reordered.insert(match[2]);
    } else {
      recorded.history[match[2]].push_back(
          state_text(std::stoi(match[3]), epoch - first_epoch.at(match[2]), match[6]));
    }
  }
  return recorded;
}

std::string join(const std::vector<int32_t>& ids) {
  std::string text;
  for (const int32_t id : ids) text += (text.empty() ? "" : ",") + std::to_string(id);
  return text;
}

/// The recording's sampler looked every 100 ms: it can have missed what did not last.
History history_of(const std::vector<Event>& events, Instant since,
                   const std::set<std::string>& reordered = {}) {
  constexpr Duration sampled_every = milliseconds(60);
  History history;
  std::map<std::string, int> first_epoch;
  std::map<std::string, Instant> at;
  for (const Event& event : events) {
    const auto* changed = std::get_if<event::PartitionChanged>(&event.payload);
    if (changed == nullptr || !changed->decided) continue;
    const std::string name = changed->partition.to_string();
    if (event.at < since) {
      first_epoch[name] = changed->leader_epoch;
      continue;
    }
    auto& states = history[name];
    if (!states.empty() && event.at - at[name] < sampled_every) states.pop_back();
    std::vector<int32_t> isr = changed->isr;
    if (reordered.contains(name)) std::sort(isr.begin(), isr.end());
    states.push_back(state_text(changed->leader, changed->leader_epoch - first_epoch.at(name), join(isr)));
    at[name] = event.at;
  }
  return history;
}

/// A cluster with the recording's topics, whose quorum is led by the recording's node.
std::unique_ptr<ClusterUnderTest> recorded_cluster(int quorum_leader) {
  for (uint64_t seed = 1; seed < 50; ++seed) {
    auto cluster = std::make_unique<ClusterUnderTest>(seed);
    cluster->wait_until_running();
    if (cluster->quorum_leader() != quorum_leader) continue;
    cluster->create_topic("f", {{1, 2, 3}});
    cluster->create_topic("min2", {{1, 2, 3}}, {{"min.insync.replicas", "2"}});
    cluster->create_topic("orders", {{1, 2, 3}, {2, 3, 1}, {3, 1, 2}});
    cluster->run_for(seconds(1));
    return cluster;
  }
  FAIL("no seed lets node " << quorum_leader << " lead");
  return nullptr;
}

void compare(const Recorded& recorded, const History& played) {
  for (const auto& [partition, states] : recorded.history) {
    CAPTURE(partition);
    REQUIRE(played.contains(partition));
    std::string wanted, got;
    for (const std::string& state : states) wanted += state + "; ";
    for (const std::string& state : played.at(partition)) got += state + "; ";
    CHECK(got == wanted);
  }
  CHECK(played.size() == recorded.history.size());
}

NodeId node(int broker) { return NodeId{static_cast<uint32_t>(broker)}; }

}  // namespace

TEST_CASE("Leader stops (SIGTERM): leadership and ISR move at once, and the ISR grows back after the start") {
  const Recorded recorded = read_recording("leader-sigterm");
  const auto cluster = recorded_cluster(recorded.quorum_leader);
  const Instant fault = cluster->lab().now().monotonic;
  REQUIRE(cluster->lab().stop(node(1), {}));
  REQUIRE(cluster->run_until([&] { return cluster->lab().view().nodes[0].state == NodeState::stopped; }));
  CHECK(cluster->lab().view().nodes[0].exit_status == 0);
  cluster->run_for(seconds(2));
  REQUIRE(cluster->lab().start(node(1), {}));
  cluster->run_for(seconds(5));
  compare(recorded, history_of(cluster->events, fault, recorded.reordered));
}

TEST_CASE("Leader killed (SIGKILL): nothing changes before the session timeout, then a follower leads") {
  const Recorded recorded = read_recording("leader-sigkill");
  const auto cluster = recorded_cluster(recorded.quorum_leader);
  const Instant fault = cluster->lab().now().monotonic;
  REQUIRE(cluster->lab().kill(node(1), {}));
  cluster->run_for(milliseconds(1200));
  CHECK(history_of(cluster->events, fault).empty());
  cluster->run_for(seconds(2));
  CHECK(history_of(cluster->events, fault).size() == 5);
  REQUIRE(cluster->lab().start(node(1), {}));
  cluster->run_for(seconds(5));
  compare(recorded, history_of(cluster->events, fault, recorded.reordered));
}

TEST_CASE("Leader paused (SIGSTOP): fenced after the session timeout, back in every ISR after SIGCONT") {
  const Recorded recorded = read_recording("leader-paused");
  const auto cluster = recorded_cluster(recorded.quorum_leader);
  const Instant fault = cluster->lab().now().monotonic;
  REQUIRE(cluster->lab().pause(node(1), {}));
  cluster->run_for(seconds(3));
  REQUIRE(cluster->lab().resume(node(1), {}));
  cluster->run_for(seconds(5));
  compare(recorded, history_of(cluster->events, fault, recorded.reordered));
}

TEST_CASE("Follower stops (SIGTERM): it leaves the ISRs, its leaderships move, and it comes back") {
  const Recorded recorded = read_recording("follower-sigterm");
  const auto cluster = recorded_cluster(recorded.quorum_leader);
  const Instant fault = cluster->lab().now().monotonic;
  REQUIRE(cluster->lab().stop(node(3), {}));
  REQUIRE(cluster->run_until([&] { return cluster->lab().view().nodes[2].state == NodeState::stopped; }));
  cluster->run_for(seconds(2));
  REQUIRE(cluster->lab().start(node(3), {}));
  cluster->run_for(seconds(5));
  compare(recorded, history_of(cluster->events, fault, recorded.reordered));
}

TEST_CASE("Active controller killed: another is elected first, then its broker is fenced") {
  const Recorded recorded = read_recording("controller-killed");
  const auto cluster = recorded_cluster(recorded.quorum_leader);
  const int killed = recorded.quorum_leader;
  const Instant fault = cluster->lab().now().monotonic;
  REQUIRE(cluster->lab().kill(node(killed), {}));
  REQUIRE(cluster->run_until([&] { return cluster->quorum_leader() > 0; }));
  CHECK(history_of(cluster->events, fault).empty());
  cluster->run_for(seconds(5));
  REQUIRE(cluster->lab().start(node(killed), {}));
  cluster->run_for(seconds(5));
  compare(recorded, history_of(cluster->events, fault, recorded.reordered));
}
