// The invariants over real runs of the brokers: producers and a consumer, nodes that are killed, stopped and paused,
// links that are cut, and a healed end. Nothing may be broken.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "sim/base/random.h"
#include "sim/observe/causes.h"
#include "sim/observe/invariants.h"
#include "sim/runtime/sandbox.h"
#include "sim/shell/readiness.h"
#include "sim/shell/shell.h"

using namespace brokerlab;

namespace {

class Run {
 public:
  explicit Run(uint64_t seed) : random_(seed), lab_(cluster(seed)), shell_(lab_, Language::english) {
    uint64_t position = 0;
    invariants_.on_events(lab_.ring().since(position));
    lab_.journal().subscribe(&invariants_);
  }

  void play() {
    REQUIRE(wait_until_ready(lab_).ok());
    run("kafka-topics --bootstrap-server $BOOTSTRAP --create --topic load --partitions 4 --config "
        "min.insync.replicas=2");
    run("producer start all --topic load --acks all --rate 100");
    run("producer start one --topic load --acks 1 --rate 50");
    run("consumer start reader --topic load");
    for (int i = 0; i < 6; ++i) disturb();
    (void)lab_.run_for(seconds(15));
    run("producer stop all");
    run("producer stop one");
    (void)lab_.run_for(seconds(5));
    invariants_.finish(true);
  }
  std::string what_is_broken() {
    std::string text;
    for (const Violation& violation : invariants_.violations()) {
      text += fmt::format("{} at {} ms: {}\n", violation.invariant, (violation.at - Instant{}).milliseconds(),
                          violation.text);
      uint64_t position = 0;
      const std::vector<Event> events = lab_.ring().since(position);
      for (const Event& event : what_led_to(events, violation.event, 10))
        text += fmt::format("    {} ms node {} {} {}\n", (event.at - Instant{}).milliseconds(),
                            event.ref.node.value, kind_of(event.payload), describe(event.payload));
    }
    return text;
  }
  const Invariants& invariants() const { return invariants_; }

 private:
  static ClusterSpec cluster(uint64_t seed) {
    LabConfig config;
    config.seed = seed;
    return config.cluster(Driver::sandbox, 9092);
  }
  void run(const std::string& command) {
    const Finished finished = shell_.run(command);
    REQUIRE_MESSAGE(finished.status == 0, command << ": " << finished.output << finished.error);
  }
  std::string any_node() { return fmt::format("kafka{}", 1 + random_.below(3)); }
  /// Something for some seconds, and its end.
  void disturb() {
    const std::string node = any_node();
    std::string other = any_node();
    while (other == node) other = any_node();
    const auto rest = [&] {
      (void)lab_.run_for(milliseconds(500 + static_cast<int64_t>(random_.below(4000))));
    };
    switch (random_.below(5)) {
      case 0:
        run("docker kill " + node);
        rest();
        run("docker start " + node);
        break;
      case 1:
        run("docker stop " + node);
        rest();
        run("docker start " + node);
        break;
      case 2:
        run("docker pause " + node);
        rest();
        run("docker unpause " + node);
        break;
      case 3:
        run(fmt::format("fault cut {} {}", node, other));
        rest();
        run("fault heal");
        break;
      default:
        run("docker kill " + node);
        run("docker kill " + other);
        rest();
        run("docker start " + node);
        run("docker start " + other);
        break;
    }
    rest();
  }

  Random random_;
  Invariants invariants_;  // outlives the lab
  Sandbox lab_;
  Shell shell_;
};

}  // namespace

TEST_CASE("Brokers that are killed, stopped, paused and cut off break no invariant") {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Run run(seed);
    run.play();
    CHECK_MESSAGE(run.invariants().violation_count() == 0, run.what_is_broken());
    CHECK(run.invariants().worst_realtime_lag() > Duration{});
  }
}
