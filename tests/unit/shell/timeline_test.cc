#include "sim/shell/timeline.h"

#include <doctest/doctest.h>

#include "sim/shell/description.h"
#include "sim/shell/lab_config.h"

using namespace brokerlab;

namespace {

constexpr Instant at(int64_t ms) { return Instant{} + milliseconds(ms); }

ClusterSpec three_brokers() {
  LabConfig config;
  config.seed = 7;
  return config.cluster(Driver::sandbox, 9092);
}

/// A producer, a leader that is stopped in a controlled way and comes back, and a link that is cut for a while.
const std::vector<TimedCommand> story = {
    {at(0), "kafka-topics --bootstrap-server $BOOTSTRAP --create --topic orders --partitions 3"},
    {at(3'000), "producer start shop --topic orders --rate 200"},
    {at(5'000), "docker stop kafka2"},
    {at(7'000), "docker start kafka2"},
    {at(9'000), "fault cut kafka1 kafka3"},
    {at(11'000), "fault heal kafka1 kafka3"},
};

struct Seen {
  std::string hash;
  std::string cluster;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen look(const Timeline& timeline) {
  return {timeline.lab().hash(), describe_cluster_json(timeline.lab().view())};
}

/// How it was at these instants, in one run through them.
std::vector<Seen> run_through(Timeline& timeline, const std::vector<Instant>& instants) {
  std::vector<Seen> seen;
  for (const Instant instant : instants) {
    timeline.seek(instant);
    seen.push_back(look(timeline));
  }
  return seen;
}

}  // namespace

TEST_CASE("timeline: whoever seeks to an instant sees what was there when the run came by") {
  // 5,100 ms: a controlled shutdown is under way. 9,500 ms: the link is cut.
  const std::vector<Instant> instants = {at(0),     at(2'500), at(4'000), at(5'100),
                                         at(6'000), at(9'500), at(12'000)};
  Timeline timeline(three_brokers(), story);
  const std::vector<Seen> seen = run_through(timeline, instants);
  CHECK(seen[3].cluster.find("stopping") != std::string::npos);
  CHECK(seen[5].cluster.find("cut kafka1 kafka3") != std::string::npos);
  for (const size_t i : {5u, 3u, 0u, 4u, 1u, 6u, 2u}) {
    CAPTURE(i);
    timeline.seek(instants[i]);
    CHECK(look(timeline).hash == seen[i].hash);
    CHECK(look(timeline).cluster == seen[i].cluster);
  }
  // A run that never stopped on the way.
  Timeline straight(three_brokers(), story);
  straight.seek(instants.back());
  CHECK(straight.lab().hash() == seen.back().hash);
}

TEST_CASE("timeline: of two futures both are kept, and they differ only after the fork") {
  const std::vector<Instant> before = {at(4'000), at(4'800)};
  const std::vector<Instant> after = {at(5'200), at(8'000)};
  Timeline original(three_brokers(), story);
  const std::vector<Seen> past = run_through(original, before);
  const std::vector<Seen> future = run_through(original, after);
  original.seek(at(12'000));
  const std::string end = original.lab().hash();

  original.seek(at(4'900));
  Timeline other = original.fork();
  CHECK(look(other) == look(original));
  std::vector<TimedCommand> changed(story.begin() + 2, story.end());
  changed[0].line = "docker kill kafka2";
  other.change_future(changed);
  const std::vector<Seen> other_future = run_through(other, after);
  CHECK(other_future[0].hash != future[0].hash);
  CHECK(other_future[1].hash != future[1].hash);
  CHECK(run_through(other, before) == past);
  CHECK(run_through(other, after) == other_future);

  CHECK(run_through(original, after) == future);
  original.seek(at(12'000));
  CHECK(original.lab().hash() == end);
}

TEST_CASE("timeline: a command given in the past makes another future, and is played again from then on") {
  Timeline timeline(three_brokers(), story);
  timeline.seek(at(12'000));
  const std::string unchanged = timeline.lab().hash();
  Timeline original = timeline.fork();
  timeline.seek(at(10'000));
  timeline.give("fault slow kafka1 kafka2 20ms");
  CHECK(timeline.commands().size() == story.size() + 1);
  timeline.seek(at(12'000));
  const Seen changed = look(timeline);
  CHECK(changed.hash != unchanged);
  timeline.seek(at(3'500));
  timeline.seek(at(12'000));
  CHECK(look(timeline) == changed);
  CHECK(original.lab().hash() == unchanged);
}

TEST_CASE("timeline: what each command came to is kept") {
  Timeline timeline(three_brokers(), {{at(2'000), "docker stop kafka9"}, {at(2'000), "docker stop kafka3"}});
  CHECK_FALSE(timeline.result(0).has_value());
  timeline.seek(at(8'000));
  REQUIRE(timeline.result(0).has_value());
  CHECK(timeline.result(0)->status == exit_status::failure);
  REQUIRE(timeline.result(1).has_value());
  CHECK(timeline.result(1)->output == "kafka3\n");
}

TEST_CASE("timeline: checkpoints are bounded in number and memory, however long the run") {
  CheckpointLimits limits;
  limits.count = 5;
  Timeline few(three_brokers(), story, limits);
  few.seek(at(14'000));
  CHECK(few.checkpoints() <= 5);
  CHECK(few.checkpoints() >= 2);
  limits.count = 1'000;
  limits.bytes = 4 << 20;
  limits.spacing = milliseconds(200);
  Timeline small(three_brokers(), story, limits);
  small.seek(at(14'000));
  CHECK(small.checkpoint_bytes() <= limits.bytes);
  CHECK(small.checkpoints() >= 2);
  CHECK(small.lab().hash() == few.lab().hash());
  few.seek(at(5'100));
  small.seek(at(5'100));
  CHECK(small.lab().hash() == few.lab().hash());
}
