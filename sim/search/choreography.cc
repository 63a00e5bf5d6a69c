#include "sim/search/choreography.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace brokerlab {

namespace {

class Steps {
 public:
  Steps(Instant begin, int group, Random& random) : at_(begin), group_(group), random_(random) {}

  void act(std::string command, std::string fault = {}) {
    steps_.push_back({at_, std::move(command), group_, std::move(fault)});
  }
  void wait(int64_t least_ms, int64_t most_ms) {
    at_ = at_ + milliseconds(random_.between(least_ms, most_ms));
  }
  std::vector<PlanStep> take() { return std::move(steps_); }

 private:
  Instant at_;
  int group_;
  Random& random_;
  std::vector<PlanStep> steps_;
};

/// KIP-279, a fast double failover. kafka1 has records that its follower never got. kafka2 takes over and writes others in
/// their place, fewer of them, and is gone before anybody has those. So kafka1 leads again, without having heard of
/// kafka2's epoch, and kafka2 comes back as its follower with that epoch at the end of its log. Both stop cleanly, and stay
/// eligible.
std::vector<PlanStep> fail_over_twice(Instant begin, int group, Random& random) {
  Steps steps(begin, group, random);
  steps.act("fault cut kafka1 to kafka2", "one-way");
  steps.act("producer rate p1 100");
  steps.wait(150, 450);
  steps.act("producer rate p1 10");
  steps.act("docker stop kafka1", "restart");
  steps.act("fault heal cut kafka1 kafka2");
  steps.wait(300, 800);
  steps.act("docker stop kafka2", "restart");
  steps.act("docker start kafka1");
  steps.wait(1500, 2500);
  steps.act("docker start kafka2");
  return steps.take();
}

/// KIP-320: kafka1 has records that its follower never got, and is killed. When it is back kafka2 has written others in
/// their place, and more; kafka1 goes on behind its own.
std::vector<PlanStep> bring_back_deposed_leader(Instant begin, int group, Random& random) {
  Steps steps(begin, group, random);
  steps.act("fault cut kafka1 to kafka2", "one-way");
  steps.wait(150, 450);
  steps.act("docker kill kafka1", "crash");
  steps.wait(2000, 3000);
  steps.act("fault heal cut kafka1 kafka2");
  steps.act("docker start kafka1");
  return steps.take();
}

/// KIP-966, the last replica standing: kafka2 stops cleanly and has all that is acknowledged, kafka1 is alone in sync, loses
/// what it had not flushed, and is back first.
std::vector<PlanStep> take_power_from_last_in_sync(Instant begin, int group, Random& random) {
  Steps steps(begin, group, random);
  steps.act("docker stop kafka2", "restart");
  steps.wait(300, 1000);
  steps.act("fault power-loss kafka1", "power-loss");
  steps.wait(200, 2000);
  steps.act("docker start kafka1");
  steps.wait(2000, 3000);
  steps.act("docker start kafka2");
  return steps.take();
}

/// Both die, so that neither shut down cleanly, and one is back: it has left ISR and ELR, and waits for the other.
std::vector<PlanStep> bring_back_one_of_two(Instant begin, int group, Random& random) {
  Steps steps(begin, group, random);
  steps.act("docker kill kafka2", "crash");
  steps.wait(300, 1000);
  steps.act("docker kill kafka1", "crash");
  steps.wait(2500, 3500);
  steps.act("docker start kafka2");
  // The controller looks for partitions without a leader every 5 s.
  steps.wait(6000, 7000);
  steps.act("docker start kafka1");
  return steps.take();
}

constexpr Choreography choreographies[] = {
    {Bug::kip_279_unknown_epoch, "--acks 1 --rate 10 --size 16384", fail_over_twice},
    {Bug::kip_320_unfenced_fetch, "--acks 1 --rate 40 --size 16384", bring_back_deposed_leader},
    {Bug::no_eligible_replicas, "--acks all --rate 20", take_power_from_last_in_sync},
    {Bug::unclean_without_asking, "--acks all --rate 20", bring_back_one_of_two},
};

}  // namespace

const Choreography* choreography_of(Bug bug) {
  const auto* found =
      std::ranges::find_if(choreographies, [&](const Choreography& known) { return known.bug == bug; });
  return found == std::end(choreographies) ? nullptr : found;
}

}  // namespace brokerlab
