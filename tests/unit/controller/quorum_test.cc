// Whole quorums in the sandbox: controllers only, with faults, checked by what stands in the journal.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "sim/brokers/kafka_node.h"
#include "sim/runtime/sandbox.h"

using namespace brokerlab;

namespace {

constexpr const char* metadata_topic = "__cluster_metadata";

/// Controllers 1 to `voters`, and after them nodes that only follow their log.
ClusterSpec quorum_of(int32_t voters, uint64_t seed, int32_t observers = 0) {
  ClusterSpec spec;
  spec.driver = Driver::sandbox;
  spec.seed = seed;
  spec.latency = {milliseconds(1), microseconds(500)};
  for (int32_t id = 1; id <= voters + observers; ++id) {
    NodeSpec node;
    node.name = (id <= voters ? "controller" : "observer") + std::to_string(id);
    node.listeners.push_back({std::string(listener_controller), Protocol::kafka,
                              static_cast<uint16_t>(9092 + id), size_t{1} << 20});
    node.factory = [id, voters](const Boot& boot, const ClusterSpec& cluster) {
      KafkaNodeConfig config;
      config.node_id = id;
      config.cluster_id = "MkU3OEVBNTcwNTJENDM2Qk";
      config.is_broker = false;
      config.is_controller = id <= voters;
      for (int32_t voter = 1; voter <= voters; ++voter) {
        const std::string& name = cluster.nodes.at(static_cast<size_t>(voter - 1)).name;
        config.voters[voter] = {name, cluster.port_of(name, listener_controller)};
      }
      return make_kafka_node(boot, std::move(config));
    };
    spec.nodes.push_back(std::move(node));
  }
  return spec;
}

/// What must hold of a quorum whatever happens, folded over the journal (Raft paper, figure 3).
class QuorumInvariants : public JournalSubscriber {
 public:
  void on_events(std::span<const Event> events) override {
    for (const Event& event : events) {
      std::visit([&](const auto& payload) { on(payload); }, event.payload);
    }
  }

  std::string violation;  ///< empty while everything held
  int64_t committed_up_to() const { return committed_.empty() ? 0 : committed_.rbegin()->second.last + 1; }
  size_t elections() const { return leaders_.size(); }
  int truncations() const { return truncations_; }

 private:
  struct Batch {
    int64_t last = 0;
    int32_t epoch = 0;
    uint32_t crc = 0;
    friend bool operator==(const Batch&, const Batch&) = default;
  };

  template <class Other>
  void on(const Other&) {}
  void on(const event::QuorumRoleChanged& role) {
    if (role.role != "leader") return;
    const auto [leader, is_new] = leaders_.try_emplace(role.epoch, role.replica);
    if (!is_new) fail("two leaders in epoch " + std::to_string(role.epoch));
  }
  void on(const event::LogAppended& appended) {
    if (appended.partition.topic != metadata_topic) return;
    logs_[appended.replica][appended.first_offset] = {appended.last_offset, appended.leader_epoch,
                                                      appended.crc};
  }
  void on(const event::LogTruncated& truncated) {
    if (truncated.partition.topic != metadata_topic) return;
    ++truncations_;
    auto& log = logs_[truncated.replica];
    log.erase(log.lower_bound(truncated.to_offset), log.end());
    if (truncated.to_offset < high_watermarks_[truncated.replica]) fail("a committed entry was truncated");
  }
  void on(const event::HighWatermarkAdvanced& advanced) {
    if (advanced.partition.topic != metadata_topic) return;
    int64_t& known = high_watermarks_[advanced.replica];
    const auto& log = logs_[advanced.replica];
    for (auto batch = log.lower_bound(known); batch != log.end() && batch->first < advanced.offset; ++batch) {
      const auto [committed, is_new] = committed_.try_emplace(batch->first, batch->second);
      if (!is_new && committed->second != batch->second) {
        fail("replica " + std::to_string(advanced.replica) + " commits another entry at offset " +
             std::to_string(batch->first));
      }
    }
    known = std::max(known, advanced.offset);
  }
  void fail(std::string what) {
    if (violation.empty()) violation = std::move(what);
  }

  std::map<int32_t, int32_t> leaders_;                ///< by epoch
  std::map<int32_t, std::map<int64_t, Batch>> logs_;  ///< by replica and first offset
  std::map<int64_t, Batch> committed_;                ///< by first offset
  std::map<int32_t, int64_t> high_watermarks_;        ///< by replica
  int truncations_ = 0;
};

struct Quorum {
  explicit Quorum(int32_t voters, uint64_t seed = 1, int32_t observers = 0)
      : sandbox(quorum_of(voters, seed, observers)) {
    lab.journal().subscribe(&invariants);
  }
  ~Quorum() { lab.journal().unsubscribe(&invariants); }

  /// The running node that leads the latest epoch that anybody knows of; empty when nobody does.
  std::string leader() {
    std::string name;
    int32_t epoch = -1;
    for (const NodeStatus& node : lab.view().nodes) {
      if (node.state != NodeState::running || !node.snapshot) continue;
      const auto* view = std::get_if<KafkaView>(&node.snapshot->view);
      if (view == nullptr || view->quorum.epoch < epoch) continue;
      if (view->quorum.epoch > epoch) name.clear();
      epoch = view->quorum.epoch;
      if (view->quorum.role == "leader") name = node.name;
    }
    return name;
  }
  bool elects(Duration within = seconds(5)) {
    return lab.run_until([&] { return !leader().empty(); }, within) == WaitResult::reached;
  }
  bool commits_more(Duration within = seconds(5)) {
    const int64_t before = invariants.committed_up_to();
    return lab.run_until([&] { return invariants.committed_up_to() > before + 1; }, within) ==
           WaitResult::reached;
  }
  NodeId id(const std::string& name) { return lab.find(name).value(); }
  static Fault cut(const std::string& from, const std::string& to = {}, bool one_way = false) {
    Fault fault;
    fault.from = from;
    fault.to = to;
    fault.one_way = one_way;
    return fault;
  }
  KafkaView view_of(const std::string& name) {
    for (const NodeStatus& node : lab.view().nodes) {
      if (node.name == name) return std::get<KafkaView>(node.snapshot->view);
    }
    return {};
  }

  QuorumInvariants invariants;
  Sandbox sandbox;
  Lab& lab = sandbox;
};

}  // namespace

TEST_CASE("quorum: three controllers elect one, and its records reach all") {
  Quorum quorum(3);
  REQUIRE(quorum.elects(seconds(1)));
  CHECK(quorum.commits_more());
  quorum.lab.run_for(milliseconds(100));
  std::set<int64_t> offsets;
  for (const char* name : {"controller1", "controller2", "controller3"}) {
    offsets.insert(quorum.view_of(name).metadata_offset);
  }
  CHECK(offsets.size() == 1);
  CHECK(quorum.view_of("controller1").metadata_offset >= 6);  // LeaderChange, bootstrap, three registrations
  CHECK(quorum.invariants.violation.empty());
  CHECK(quorum.invariants.elections() == 1);
}

TEST_CASE(
    "quorum: a leader that is killed is replaced after the fetch timeout, and follows when it is back") {
  Quorum quorum(3);
  REQUIRE(quorum.elects());
  quorum.lab.run_for(seconds(2));
  const std::string killed = quorum.leader();
  REQUIRE(quorum.lab.kill(quorum.id(killed)).ok());
  const Instant at = quorum.lab.now().monotonic;
  REQUIRE(quorum.lab.run_until([&] { return !quorum.leader().empty(); }, seconds(5)) == WaitResult::reached);
  const Duration took = quorum.lab.now().monotonic - at;
  CHECK(took >= milliseconds(500));   // controller.quorum.fetch.timeout.ms, less the last long poll
  CHECK(took <= milliseconds(2000));  // ... and elections
  CHECK(quorum.commits_more());
  REQUIRE(quorum.lab.start(quorum.id(killed)).ok());
  quorum.lab.run_for(seconds(2));
  CHECK(quorum.view_of(killed).quorum.role == "follower");
  CHECK(quorum.invariants.violation.empty());
}

TEST_CASE("quorum: a leader that stops hands over at once") {
  Quorum quorum(3);
  REQUIRE(quorum.elects());
  quorum.lab.run_for(seconds(2));
  const std::string stopped = quorum.leader();
  REQUIRE(quorum.lab.stop(quorum.id(stopped)).ok());
  const Instant at = quorum.lab.now().monotonic;
  REQUIRE(quorum.lab.run_until([&] { return !quorum.leader().empty() && quorum.leader() != stopped; },
                               seconds(5)) == WaitResult::reached);
  CHECK(quorum.lab.now().monotonic - at <= milliseconds(300));
  quorum.lab.run_for(seconds(1));
  CHECK(quorum.lab.view().find(stopped)->state == NodeState::stopped);
  CHECK(quorum.lab.view().find(stopped)->exit_status == 0);
}

TEST_CASE("quorum: without a majority nothing is committed; with it again, everything goes on") {
  Quorum quorum(3);
  REQUIRE(quorum.elects());
  quorum.lab.run_for(seconds(1));
  const std::string leader = quorum.leader();
  for (const char* name : {"controller1", "controller2", "controller3"}) {
    if (name != leader) REQUIRE(quorum.lab.kill(quorum.id(name)).ok());
  }
  quorum.lab.run_for(milliseconds(100));
  const int64_t committed = quorum.invariants.committed_up_to();
  quorum.lab.run_for(seconds(4));
  CHECK(quorum.invariants.committed_up_to() == committed);
  CHECK(quorum.leader().empty());  // it has resigned
  for (const char* name : {"controller1", "controller2", "controller3"}) {
    if (name != leader) REQUIRE(quorum.lab.start(quorum.id(name)).ok());
  }
  CHECK(quorum.elects());
  CHECK(quorum.commits_more());
  CHECK(quorum.invariants.violation.empty());
}

TEST_CASE("quorum: a follower that is cut off does not disturb the leader when it is back (pre-vote)") {
  Quorum quorum(3);
  REQUIRE(quorum.elects());
  quorum.lab.run_for(seconds(1));
  const std::string leader = quorum.leader();
  const std::string alone = leader == "controller1" ? "controller2" : "controller1";
  REQUIRE(quorum.lab.set_fault(Quorum::cut(alone)).ok());
  quorum.lab.run_for(seconds(10));
  CHECK(quorum.view_of(alone).quorum.epoch == quorum.view_of(leader).quorum.epoch);  // it only asks
  REQUIRE(quorum.lab.heal(alone, "").ok());
  quorum.lab.run_for(seconds(5));
  CHECK(quorum.leader() == leader);
  CHECK(quorum.invariants.elections() == 1);
  CHECK(quorum.view_of(alone).quorum.role == "follower");
}

TEST_CASE("quorum: a leader that is cut off is replaced, and truncates what it wrote alone") {
  Quorum quorum(3);
  REQUIRE(quorum.elects());
  quorum.lab.run_for(seconds(1));
  const std::string old_leader = quorum.leader();
  REQUIRE(quorum.lab.set_fault(Quorum::cut(old_leader)).ok());
  // It goes on writing NoOpRecords until it notices that nobody fetches.
  quorum.lab.run_for(seconds(5));
  REQUIRE(quorum.leader() != old_leader);
  REQUIRE(quorum.lab.heal(old_leader, "").ok());
  quorum.lab.run_for(seconds(5));
  CHECK(quorum.invariants.truncations() >= 1);
  CHECK(quorum.view_of(old_leader).quorum.role == "follower");
  CHECK(quorum.invariants.violation.empty());
}

TEST_CASE(
    "quorum: whatever is killed, paused and cut, no epoch has two leaders and no committed entry changes") {
  for (const int32_t voters : {3, 5}) {
    for (uint64_t seed = 1; seed <= 100; ++seed) {
      CAPTURE(voters);
      CAPTURE(seed);
      Quorum quorum(voters, seed);
      Random random(seed * 1000 + static_cast<uint64_t>(voters));
      const auto any = [&] { return "controller" + std::to_string(random.between(1, voters)); };
      for (int fault = 0; fault < 40; ++fault) {
        quorum.lab.run_for(milliseconds(random.between(10, 700)));
        const std::string node = any();
        const std::string other = any();
        const NodeState state = quorum.lab.view().find(node)->state;
        switch (random.below(6)) {
          case 0:
            if (state == NodeState::running) REQUIRE(quorum.lab.kill(quorum.id(node)).ok());
            break;
          case 1:
            if (state == NodeState::running) REQUIRE(quorum.lab.pause(quorum.id(node)).ok());
            break;
          case 2:
            if (node == other) break;
            REQUIRE(quorum.lab.set_fault(Quorum::cut(node, other, random.chance(1, 2))).ok());
            break;
          case 3:
            quorum.lab.heal("", "").ok();
            break;
          default:
            if (state == NodeState::killed) REQUIRE(quorum.lab.start(quorum.id(node)).ok());
            if (state == NodeState::paused) REQUIRE(quorum.lab.resume(quorum.id(node)).ok());
        }
        REQUIRE_MESSAGE(quorum.invariants.violation.empty(), quorum.invariants.violation);
      }
      quorum.lab.heal("", "").ok();
      for (int32_t id = 1; id <= voters; ++id) {
        const std::string node = "controller" + std::to_string(id);
        const NodeState state = quorum.lab.view().find(node)->state;
        if (state == NodeState::killed || state == NodeState::stopped) {
          REQUIRE(quorum.lab.start(quorum.id(node)).ok());
        }
        if (state == NodeState::paused) REQUIRE(quorum.lab.resume(quorum.id(node)).ok());
      }
      CHECK(quorum.elects(seconds(40)));
      CHECK(quorum.commits_more(seconds(10)));
      REQUIRE_MESSAGE(quorum.invariants.violation.empty(), quorum.invariants.violation);
    }
  }
}
