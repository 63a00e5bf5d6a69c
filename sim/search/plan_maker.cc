#include "sim/search/plan_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "sim/base/random.h"
#include "sim/runtime/fault_catalogue.h"
#include "sim/runtime/presets.h"
#include "sim/search/choreography.h"
#include "sim/storage/checked_bytes.h"
#include "sim/tools/tool.h"

namespace brokerlab {

namespace {

/// When faults and other work begin; the cluster is up and its topics are there by then.
constexpr Instant work_begins = Instant{} + seconds(3);
constexpr Instant work_ends = Instant{} + plan_heals_after;
constexpr Instant all_ends = Instant{} + plan_length;
/// When all nodes are back and whoever may lead leads.
constexpr Instant is_settled = work_ends + seconds(4);
/// Around a fault that destroys what was flushed: until all have what it had, and until it has everything again.
constexpr Duration quiet_before = seconds(3);
constexpr Duration quiet_after = seconds(5);
constexpr Duration longest_restart = seconds(4);
constexpr std::string_view bootstrap = "--bootstrap-server $BOOTSTRAP";

struct PlannedTopic {
  std::string name;
  int partitions = 1;
  int copies = 1;
  int min_in_sync = 1;
  bool is_compacted = false;
  std::vector<std::string> configs = {};  ///< of its own, besides min.insync.replicas
};

/// What a defect needs in order to show: its plans draw these kinds only, and often.
struct Bias {
  Bug bug;
  std::vector<std::string_view> faults;
};
const Bias* bias_of(std::optional<Bug> bug) {
  static const std::vector<Bias> biases = {
      {Bug::kip_101_hw_truncation, {"crash", "crash-all"}},
      {Bug::no_pre_vote, {"isolate", "pause", "cut"}},
  };
  for (const Bias& bias : biases)
    if (bug == bias.bug) return &bias;
  return nullptr;
}

class PlanMaker {
 public:
  PlanMaker(uint64_t seed, const PlanOptions& options)
      : options_(options),
        random_(seed),
        bias_(bias_of(options.bug)),
        choreography_(options.bug ? choreography_of(*options.bug) : nullptr) {
    plan_.seed = seed;
    plan_.profile = options.profile;
  }

  Plan make() {
    draw_cluster();
    if (choreography_ != nullptr) {
      choreograph();
    } else {
      draw_topics();
      draw_clients();
      draw_faults();
      draw_administration();
    }
    heal_and_check();
    std::stable_sort(plan_.steps.begin(), plan_.steps.end(),
                     [](const PlanStep& a, const PlanStep& b) { return a.at < b.at; });
    return std::move(plan_);
  }

 private:
  // ---- the cluster ----------------------------------------------------------------------------------------

  void configure(std::string name, std::string value) {
    plan_.config.emplace_back(std::move(name), std::move(value));
  }
  void draw_cluster() {
    const int64_t brokers = choreography_ != nullptr ? 3 : random_.between(3, 5);
    for (int n = 1; n <= brokers; ++n) brokers_.push_back(broker_name(n));
    nodes_ = brokers_;
    configure("driver", "sandbox");
    configure("brokers", std::to_string(brokers));
    if (choreography_ != nullptr) configure("controllers", "3");
    if (bias_ == nullptr && choreography_ == nullptr && swarm(1, 4)) separate_roles();
    configure("seed", std::to_string(plan_.seed));
    if (options_.bug) configure("bug", std::string(spec_of(*options_.bug).name));
    // One draw an expression: the order in which arguments are evaluated is the compiler's.
    if (swarm(1, 4) && !options_.bug) configure("set", "unclean.leader.election.enable=true");
    if (swarm(1, 3)) configure("set", fmt::format("replica.lag.time.max.ms={}", random_.between(500, 3000)));
    // Who starts then begins with a snapshot of the metadata.
    if (bias_ == nullptr && swarm(1, 4))
      configure("set", fmt::format("metadata.log.max.snapshot.interval.ms={}", random_.between(500, 5000)));
    if (bias_ == nullptr && choreography_ == nullptr && swarm(1, 3)) roll_segments();
    spends_budget_ = bias_ == nullptr && options_.profile == Profile::budget && swarm(1, 5);
    if (swarm(1, 4)) {
      const int64_t base_us = random_.between(50, 5000);
      const int64_t jitter_us = random_.between(0, 3000);
      configure("latency", fmt::format("{}us jitter {}us", base_us, jitter_us));
    }
  }

  /// The voters are nodes of their own then, and brokers only observe the quorum.
  void separate_roles() {
    const int controllers = random_.chance(1, 2) ? 1 : 3;
    configure("controllers", std::to_string(controllers));
    for (int n = 1; n <= controllers; ++n) nodes_.push_back(controller_name(n));
    has_one_voter_ = controllers == 1;
  }
  /// Only segments that are closed are deleted or compacted. Kafka's own lower bound, 1 MiB, is more than a plan writes.
  void roll_segments() {
    rolls_segments_ = true;
    configure("set", fmt::format("internal.segment.bytes={}", random_.between(1000, 30'000)));
    configure("set", fmt::format("log.retention.check.interval.ms={}", random_.between(200, 2000)));
    configure("set", fmt::format("log.cleaner.backoff.ms={}", random_.between(100, 1000)));
    configure("set", fmt::format("log.segment.delete.delay.ms={}", random_.between(0, 2000)));
  }
  /// What happens to its old records: often nothing.
  void draw_cleanup(PlannedTopic& topic) {
    switch (random_.below(4)) {
      case 0:
        topic.configs.push_back(fmt::format("retention.bytes={}", random_.between(0, 50'000)));
        break;
      case 1:
        topic.configs.push_back(fmt::format("retention.ms={}", random_.between(500, 10'000)));
        break;
      case 2:
        topic.is_compacted = true;
        topic.configs.push_back("cleanup.policy=compact");
        topic.configs.push_back(fmt::format("min.cleanable.dirty.ratio=0.{}", random_.between(1, 9)));
        break;
      default:
        break;
    }
  }

  void draw_topics() {
    const int64_t topics = random_.between(1, 3);
    for (int n = 1; n <= topics; ++n) {
      const auto most_copies = std::min<int64_t>(static_cast<int64_t>(brokers_.size()), 4);
      PlannedTopic topic;
      topic.name = fmt::format("t{}", n);
      topic.partitions = static_cast<int>(random_.between(1, 3));
      const int64_t fewest = spends_budget_ ? 2 : 1;
      topic.copies = bias_ != nullptr ? 3 : static_cast<int>(random_.between(fewest, most_copies));
      topic.min_in_sync = static_cast<int>(random_.between(fewest, topic.copies));
      if (bias_ == nullptr && topic.copies > 2 && random_.chance(2, 3)) topic.min_in_sync = 2;
      if (rolls_segments_) draw_cleanup(topic);
      add(Instant{}, 0, create(topic));
      topics_.push_back(topic);
    }
  }
  static std::string create(const PlannedTopic& topic) {
    std::string command = fmt::format(
        "kafka-topics {} --create --topic {} --partitions {} --replication-factor {} --config "
        "min.insync.replicas={}",
        bootstrap, topic.name, topic.partitions, topic.copies, topic.min_in_sync);
    for (const std::string& config : topic.configs) command += " --config " + config;
    return command;
  }

  // ---- the work -------------------------------------------------------------------------------------------

  void draw_clients() {
    nodes_and_clients_ = nodes_;
    const int64_t producers = random_.between(1, 3);
    for (int n = 1; n <= producers; ++n) add_producer(fmt::format("p{}", n));
    const int64_t consumers = random_.between(1, 2);
    for (int n = 1; n <= consumers; ++n) add_consumer(fmt::format("c{}", n));
  }
  void add_consumer(const std::string& name) {
    nodes_and_clients_.push_back(name);
    const int group = new_group();
    const Instant at = random_.chance(1, 2) ? Instant{} : any_time();
    const std::string& topic = any(topics_).name;
    add(at, group, fmt::format("consumer start {} --topic {} --from-beginning", name, topic));
    add(last_checks(), group, fmt::format("expect {}.lag == 0", name));
  }
  void add_producer(const std::string& name) {
    nodes_and_clients_.push_back(name);
    const int group = new_group();
    const uint64_t kind = bias_ != nullptr ? 4 * random_.below(2) : random_.below(6);
    std::string options = "--acks all";
    if (kind == 3) options = "--acks all --idempotent false";
    if (kind == 4) options = "--acks 1";
    if (kind == 5) options = "--acks 0";
    const PlannedTopic& topic = any(topics_);
    // A compacted topic takes no record without a key.
    if (random_.chance(1, 4) || topic.is_compacted)
      options += fmt::format(" --keys {}", random_.between(1, 9));
    if (random_.chance(1, 4)) options += fmt::format(" --size {}", random_.between(1, 2000));
    const int64_t rate = random_.between(5, 30);
    const Instant at = random_.chance(2, 3) ? Instant{} : any_time();
    start_producer(name, at, group, fmt::format("--topic {} {} --rate {}", topic.name, options, rate));
    if (random_.chance(1, 4)) {
      const Instant changes = between(at, work_ends);
      add(changes, group, fmt::format("producer rate {} {}", name, random_.between(1, 100)));
    }
  }
  /// At the end it writes no more, and has its answers.
  void start_producer(const std::string& name, Instant at, int group, const std::string& options) {
    add(at, group, fmt::format("producer start {} {}", name, options));
    add(last_checks() - seconds(4), group, fmt::format("producer rate {} 0", name));
    add(last_checks(), group, fmt::format("expect {}.in_flight == 0", name));
  }

  /// What an administrator does while things break: in the background, because it may take as long as the faults.
  void draw_administration() {
    if (bias_ != nullptr) return;
    if (swarm(1, 2)) create_while_broken();
    if (swarm(1, 2)) {
      PlannedTopic& topic = any(topics_);
      topic.partitions += static_cast<int>(random_.between(1, 3));
      administrate(any_time(), new_group(),
                   fmt::format("kafka-topics {} --alter --topic {} --partitions {}", bootstrap, topic.name,
                               topic.partitions));
    }
    if (swarm(1, 2) && is_tool("kafka-leader-election")) {
      const std::string_view type = random_.chance(1, 4) ? "unclean" : "preferred";
      administrate(
          any_time(), new_group(),
          fmt::format("kafka-leader-election {} --election-type {} --all-topic-partitions", bootstrap, type));
    }
    if (swarm(1, 2) && is_tool("kafka-configs")) change_min_in_sync();
    if (swarm(1, 2)) {
      const int64_t times = random_.between(1, 3);
      for (int64_t i = 0; i < times; ++i) {
        const std::string& node = any(nodes_);
        const Instant at = any_time();
        if (!is_reserved(at, at + longest_restart))
          add(at, new_group(), fmt::format("docker restart -t 3 {} &", node), "restart");
      }
    }
    if (swarm(1, 2)) {
      const int64_t times = random_.between(1, 3);
      for (int64_t i = 0; i < times; ++i) move_partition();
    }
    if (swarm(1, 3) && is_tool("kafka-delete-records")) {
      const int64_t times = random_.between(1, 3);
      for (int64_t i = 0; i < times; ++i) delete_records();
    }
    if (swarm(1, 5) && is_tool("kafka-configs")) allow_unclean_elections();
  }
  /// Of one topic, for a while or until the end.
  void allow_unclean_elections() {
    const std::string& topic = any(topics_).name;
    const Instant at = any_time();
    const int group = new_group();
    const auto alter = [&](Instant when, std::string_view change) {
      administrate(when, group,
                   fmt::format("kafka-configs {} --alter --entity-type topics --entity-name {} {}", bootstrap,
                               topic, change));
    };
    alter(at, "--add-config unclean.leader.election.enable=true");
    if (random_.chance(1, 2)) alter(between(at, work_ends), "--delete-config unclean.leader.election.enable");
  }
  /// Up to an offset that may not be there yet, or (-1) to the high watermark.
  void delete_records() {
    const PlannedTopic& topic = any(topics_);
    const int64_t partition = random_.between(0, topic.partitions - 1);
    const int64_t offset = random_.chance(1, 3) ? -1 : random_.between(1, 200);
    administrate(any_time(), new_group(),
                 fmt::format("echo '{{\"partitions\":[{{\"topic\":\"{}\",\"partition\":{},\"offset\":{}}}],"
                             "\"version\":1}}' | kafka-delete-records {} --offset-json-file /dev/stdin",
                             topic.name, partition, offset, bootstrap));
  }
  /// To brokers of which some may have it already, with as many copies as min.insync.replicas asks for, or more; some
  /// moves are taken back.
  void move_partition() {
    const PlannedTopic& topic = any(topics_);
    const int64_t partition = random_.between(0, topic.partitions - 1);
    const auto most_copies = std::min<int64_t>(static_cast<int64_t>(brokers_.size()), 4);
    const int64_t copies = random_.between(topic.min_in_sync, most_copies);
    std::vector<int> brokers(brokers_.size());
    std::iota(brokers.begin(), brokers.end(), 1);
    for (size_t i = brokers.size(); i > 1; --i) std::swap(brokers[i - 1], brokers[random_.below(i)]);
    brokers.resize(static_cast<size_t>(copies));
    const Instant at = any_time();
    const int group = new_group();
    const auto reassign = [&](Instant when, std::string_view action) {
      administrate(
          when, group,
          fmt::format("echo '{{\"version\":1,\"partitions\":[{{\"topic\":\"{}\",\"partition\":{},"
                      "\"replicas\":[{}]}}]}}' | kafka-reassign-partitions {} --reassignment-json-file "
                      "/dev/stdin {}",
                      topic.name, partition, fmt::join(brokers, ","), bootstrap, action));
    };
    reassign(at, "--execute --additional");
    if (random_.chance(1, 3)) reassign(between(at, work_ends), "--cancel");
  }
  /// The controller clears the topic's ELRs then, and the LastKnownElrs (KIP-966). A partition whose ISR was empty at
  /// that moment has nobody left who may lead, in Kafka as here, until an administrator elects uncleanly.
  void change_min_in_sync() {
    const PlannedTopic& topic = any(topics_);
    const int64_t min_in_sync = random_.between(1, topic.copies);
    const Instant at = any_time();
    const int group = new_group();
    administrate(at, group,
                 fmt::format("kafka-configs {} --alter --entity-type topics --entity-name {} --add-config "
                             "min.insync.replicas={}",
                             bootstrap, topic.name, min_in_sync));
    if (!is_tool("kafka-leader-election")) return;
    for (int partition = 0; partition < topic.partitions; ++partition)
      administrate(is_settled, group,
                   fmt::format("kafka-leader-election {} --election-type unclean --topic {} --partition {}",
                               bootstrap, topic.name, partition));
  }
  void create_while_broken() {
    PlannedTopic topic;
    topic.name = "extra";
    topic.partitions = static_cast<int>(random_.between(1, 4));
    topic.copies = static_cast<int>(random_.between(1, 3));
    const Instant at = any_time();
    const int group = new_group();
    administrate(at, group, create(topic));
    if (random_.chance(1, 2))
      administrate(between(at, work_ends), group,
                   fmt::format("kafka-topics {} --delete --topic extra", bootstrap));
  }
  void administrate(Instant at, int group, const std::string& command) { add(at, group, command + " &"); }

  /// The whole plan of a defect that has a choreography.
  void choreograph() {
    topics_.push_back({"t1", 1, 2, 2});
    add(Instant{}, 0,
        fmt::format(
            "kafka-topics {} --create --topic t1 --replica-assignment 1:2 --config min.insync.replicas=2",
            bootstrap));
    start_producer("p1", Instant{}, new_group(), fmt::format("--topic t1 {}", choreography_->producer));
    add_consumer("c1");
    const Instant begin = between(work_begins, work_begins + seconds(5));
    for (PlanStep& step : choreography_->draw(begin, new_group(), random_))
      plan_.steps.push_back(std::move(step));
  }

  // ---- the faults -----------------------------------------------------------------------------------------

  void draw_faults() {
    std::vector<const FaultKind*> kinds;
    std::vector<const FaultKind*> harmful;  // those that destroy what was flushed
    for (const FaultKind& kind : fault_catalogue()) {
      const bool is_in = bias_ == nullptr ? swarm(1, 2) : std::ranges::count(bias_->faults, kind.name) > 0;
      if (!is_in) continue;
      const bool has_budget = options_.profile == Profile::budget && destroys_flushed_data(kind);
      (has_budget ? harmful : kinds).push_back(&kind);
    }
    if (spends_budget_ && !harmful.empty()) spend_budget(*any(harmful));
    if (kinds.empty()) return;
    const int64_t mean_gap_ms = bias_ != nullptr ? 700 : random_.between(300, 3000);
    // Longer than a session, so that leaders change.
    const int64_t longest_ms = bias_ != nullptr ? 4000 : random_.between(300, 6000);
    for (Instant at = work_begins;;) {
      at = at + milliseconds(random_.between(0, 2 * mean_gap_ms));
      if (at >= work_ends) return;
      const FaultKind& kind = *any(kinds);
      const Duration lasts = milliseconds(random_.between(50, longest_ms));
      if (!is_reserved(at, std::min(at + lasts, work_ends))) add_fault(kind, at, lasts);
    }
  }

  /// What was not flushed needs no budget. Votes and the quorum's log are flushed before anybody hears of them; a broker
  /// that may have lost records' tails comes back without a clean-shutdown mark, and leaves ISRs and ELRs (KIP-966).
  static bool destroys_flushed_data(const FaultKind& kind) {
    return kind.damage == FaultKind::Damage::synced;
  }

  /// What was flushed is lost at one node: a minority of the voters, so never at the only one. It must be the only fault
  /// at its time, because a voter that has forgotten what it acknowledged makes a majority of those that never had it, and
  /// an in-sync set that others have left keeps no other copy. Only where a promise asks for a second copy. A bit flips
  /// where a checksum tells: the leader epoch of a batch has none, in Kafka too, and a voter whose last crash made it read
  /// its log anew outbids with a flipped one whoever it meets; everybody then gives up what is committed.
  void spend_budget(const FaultKind& kind) {
    const Instant at = between(work_begins + quiet_before, work_ends - quiet_after);
    const Duration lasts = milliseconds(random_.between(50, 1000));
    add_fault(kind, at, lasts);
    reserved_ = {at - quiet_before, at + quiet_after};
    is_damaged_silently_ = kind.name == "bit-flip";
  }
  bool is_reserved(Instant begin, Instant end) const {
    return reserved_ && begin <= reserved_->second && end >= reserved_->first;
  }

  void add_fault(const FaultKind& kind, Instant at, Duration lasts) {
    const bool reaches_clients = kind.group == FaultKind::Group::network && random_.chance(1, 5);
    const bool spares_only_voter =
        options_.profile == Profile::budget && has_one_voter_ && destroys_flushed_data(kind);
    DrawnFault fault =
        kind.draw(random_, reaches_clients ? nodes_and_clients_ : (spares_only_voter ? brokers_ : nodes_));
    if (options_.profile == Profile::budget && kind.name == "bit-flip")
      fault.command += fmt::format(" {}", checked_records);
    const Instant end = std::min(at + lasts, work_ends);
    const bool takes_node_down =
        kind.group == FaultKind::Group::process || kind.group == FaultKind::Group::disk;
    // A node that is down or paused is left alone until it is back.
    if (takes_node_down) {
      for (const std::string& node : fault.nodes)
        if (const auto busy = busy_until_.find(node); busy != busy_until_.end() && busy->second >= at) return;
      for (const std::string& node : fault.nodes) busy_until_[node] = end;
    }
    const int group = new_group();
    add(at, group, fault.command, std::string(kind.name));
    for (const std::string& heal : fault.heal) add(end, group, heal);
  }

  void heal_and_check() {
    add(work_ends, 0, "fault heal");
    // A dead connection lives until a request over it times out, which takes longer than a plan.
    if (std::ranges::any_of(plan_.steps, [](const PlanStep& step) { return step.fault == "half-open"; }))
      for (const std::string& node : nodes_) add(work_ends, 0, "fault reset " + node);
    add(work_ends, 0, "docker start " + fmt::format("{}", fmt::join(nodes_, " ")));
    // What a flipped bit has made unreadable stays so, as in Kafka.
    if (is_damaged_silently_)
      std::erase_if(plan_.steps, [](const PlanStep& step) { return !checker_of(step.command).empty(); });
    else
      add(last_checks(), 0, "expect cluster.problem == none");
    add(all_ends, 0, "wait 1ms");
  }

  // ---- chance ---------------------------------------------------------------------------------------------

  bool swarm(uint64_t numerator, uint64_t denominator) { return random_.chance(numerator, denominator); }
  Instant between(Instant first, Instant last) {
    return first + milliseconds(random_.between(0, (last - first).milliseconds()));
  }
  Instant any_time() { return between(work_begins, work_ends); }
  static Instant last_checks() { return all_ends - seconds(1); }
  template <class T>
  T& any(std::vector<T>& values) {
    return values[random_.below(values.size())];
  }
  int new_group() { return ++last_group_; }
  void add(Instant at, int group, std::string command, std::string fault = {}) {
    plan_.steps.push_back({at, std::move(command), group, std::move(fault)});
  }

  PlanOptions options_;
  Random random_;
  const Bias* bias_;
  const Choreography* choreography_;
  Plan plan_;
  std::vector<std::string> brokers_;
  std::vector<std::string> nodes_;  ///< brokers, and controllers where roles are apart
  std::vector<std::string> nodes_and_clients_;
  std::vector<PlannedTopic> topics_;
  std::map<std::string, Instant> busy_until_;
  std::optional<std::pair<Instant, Instant>> reserved_;  ///< for the fault that the budget is spent on
  bool spends_budget_ = false;  ///< flushed data is to be destroyed; all topics promise a second copy then
  bool is_damaged_silently_ = false;
  bool has_one_voter_ = false;
  bool rolls_segments_ = false;  ///< often enough that retention and compaction find some
  int last_group_ = 0;
};

}  // namespace

Plan make_plan(uint64_t seed, const PlanOptions& options) { return PlanMaker(seed, options).make(); }

}  // namespace brokerlab
