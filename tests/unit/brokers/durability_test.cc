// What a broker flushes, and when it says so in its checkpoints: closed segments after their roll, recovery points now
// and then, everything at a clean stop. Told of the replicas of one broker, without a network.
#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "sim/brokers/replica_manager.h"
#include "sim/storage/checkpoint.h"
#include "sim/storage/simulated_disk.h"
#include "sim/wire/kafka/record_batch.h"

using namespace brokerlab;
using kafka::ErrorCode;

namespace {

constexpr int64_t now_ms = 1'700'000'000'000;
const TopicPartition orders{"orders", 0};

Settings small_segments() {
  Settings settings;
  REQUIRE(settings.set("log.segment.bytes", "1048576"));
  return settings;
}

/// Broker 1, which leads its only replica, and its disk.
class BrokerStory {
 public:
  BrokerStory() { start(false); }

  /// A new process on the same disk.
  void start(bool was_clean) {
    disk.close_all();
    replicas = std::make_unique<ReplicaManager>(1, small_segments());
    REQUIRE(replicas->start(disk, was_clean, now_));
    apply(topic_id_);
  }
  void apply(Uuid topic_id) {
    key_ = {topic_id, 0};
    image_ = {};
    MetadataDelta delta;
    kafka::RegisterBrokerRecord broker;
    broker.broker_id = 1;
    broker.fenced = false;
    REQUIRE(image_.replay(broker, delta));
    kafka::TopicRecord topic;
    topic.name = orders.topic;
    topic.topic_id = topic_id;
    REQUIRE(image_.replay(topic, delta));
    kafka::PartitionRecord partition;
    partition.topic_id = topic_id;
    partition.partition_id = partition.leader_epoch = partition.partition_epoch = 0;
    partition.replicas = partition.isr = {1};
    partition.leader = 1;
    REQUIRE(image_.replay(partition, delta));
    step([&](Effects& effects) { replicas->apply(delta, image_, now_, effects); });
  }
  void replace_topic(Uuid topic_id) {
    MetadataDelta delta;
    kafka::RemoveTopicRecord record;
    record.topic_id = topic_id_;
    REQUIRE(image_.replay(record, delta));
    step([&](Effects& effects) { replicas->apply(delta, image_, now_, effects); });
    topic_id_ = topic_id;
    apply(topic_id);
  }
  /// One batch of 400 KiB: two fit into a segment.
  void produce(int batches = 1) {
    for (int i = 0; i < batches; ++i) {
      kafka::RecordBatchBuilder builder({});
      const std::string value(400 << 10, 'v');
      builder.append(now_ms, std::nullopt,
                     std::span(reinterpret_cast<const uint8_t*>(value.data()), value.size()));
      step([&](Effects& effects) {
        REQUIRE(replicas->append(key_, builder.build(), 1, image_, now_, effects).error == ErrorCode::none);
      });
    }
  }
  template <class Action>
  void step(Action action) {
    Effects effects(NodeId{1}, now_.monotonic, 1, {}, &disk);
    action(effects);
    replicas->complete(image_, now_, effects);
    for (const Effects::Flush& flush : effects.flushes) flushes.push_back(flush);
  }
  /// What was asked to be flushed is durable, also what is asked for meanwhile.
  void finish_flushes() {
    while (!flushes.empty()) {
      const Effects::Flush flush = flushes.front();
      flushes.erase(flushes.begin());
      const Status status = disk.sync(flush.file);
      step([&](Effects& effects) { replicas->flush_done({flush.token, status}, effects); });
    }
  }
  const Log& log() { return replicas->find(key_)->log(); }
  OffsetCheckpoint recovery_points() {
    return read_offset_checkpoint(disk, recovery_point_offset_checkpoint).value();
  }

  SimulatedDisk disk;
  std::unique_ptr<ReplicaManager> replicas;
  std::vector<Effects::Flush> flushes;

 private:
  Uuid topic_id_{1, 1};
  PartitionKey key_;
  MetadataImage image_;
  Now now_{Instant{} + seconds(100), now_ms};
};

}  // namespace

TEST_CASE("A segment is flushed when it is closed, and the recovery point follows") {
  BrokerStory story;
  story.produce(2);
  CHECK(story.flushes.empty());
  story.produce();  // the third begins a new segment
  CHECK(story.flushes.size() == 3);
  CHECK(story.log().recovery_point() == 0);
  story.finish_flushes();
  CHECK(story.log().recovery_point() == 2);
  story.produce(4);
  story.finish_flushes();
  CHECK(story.log().recovery_point() == 6);
  story.replicas->checkpoint_recovery_points(story.disk);
  CHECK(story.recovery_points() == OffsetCheckpoint{{orders, 6}});
}

TEST_CASE("After a kill only what is above the recovery point is checked") {
  BrokerStory story;
  story.produce(5);
  story.finish_flushes();
  story.replicas->checkpoint_recovery_points(story.disk);
  // A byte is damaged in a segment that was flushed: nobody looks there.
  const std::string first = "orders-0/00000000000000000000.log";
  std::string bytes(story.disk.read_file(first)->text());
  bytes[1000] = 'x';
  REQUIRE(story.disk.replace_file(first, Bytes::copy_of(bytes), Durability::synced).ok());
  story.start(false);
  CHECK(story.log().log_end_offset() == 5);
  CHECK(story.log().recovery_point() == 4);

  // Without the checkpoint, or with one that a crash has damaged, all of it is checked.
  REQUIRE(story.disk
              .replace_file(recovery_point_offset_checkpoint, Bytes::copy_of("0\n1\nord"), Durability::synced)
              .ok());
  story.start(false);
  CHECK(story.log().log_end_offset() == 0);
}

TEST_CASE("A power loss takes nothing below the recovery point") {
  BrokerStory story;
  story.produce(5);
  story.finish_flushes();
  story.replicas->checkpoint_recovery_points(story.disk);
  const OffsetCheckpoint points = story.recovery_points();
  story.disk.close_all();
  story.disk.power_loss();
  REQUIRE(write_offset_checkpoint(story.disk, recovery_point_offset_checkpoint, points).ok());
  story.start(false);
  CHECK(story.log().log_end_offset() == 4);
}

TEST_CASE("A recovery point that goes back is written at once") {
  BrokerStory story;
  story.produce(5);
  story.finish_flushes();
  story.replicas->checkpoint_recovery_points(story.disk);
  SUBCASE("the log is cut") {
    Partition& partition = *story.replicas->find(story.replicas->partitions().begin()->first);
    story.step([&](Effects& effects) {
      REQUIRE(partition.log().truncate_to(effects.disk(), 3).ok());
      story.replicas->touch(story.replicas->partitions().begin()->first);
    });
    CHECK(story.recovery_points() == OffsetCheckpoint{{orders, 3}});
  }
  SUBCASE("the topic is made anew") {
    story.replace_topic({2, 2});
    story.produce(1);
    CHECK(story.recovery_points() == OffsetCheckpoint{});
  }
}

TEST_CASE("A log that is cut while it is being flushed is flushed again") {
  BrokerStory story;
  story.produce(5);
  REQUIRE_FALSE(story.flushes.empty());
  Partition& partition = *story.replicas->find(story.replicas->partitions().begin()->first);
  REQUIRE(partition.log().truncate_to(story.disk, 1).ok());
  story.produce(1);  // at an offset that the flush under way speaks of
  story.finish_flushes();
  CHECK(story.log().recovery_point() == 0);
  story.produce(3);
  story.finish_flushes();
  CHECK(story.log().recovery_point() == 4);
}

TEST_CASE("A clean stop flushes everything before it says so") {
  BrokerStory story;
  story.produce(3);
  story.step([&](Effects& effects) { story.replicas->flush_all(effects); });
  CHECK_FALSE(story.replicas->is_flushed());
  story.finish_flushes();
  CHECK(story.replicas->is_flushed());
  story.replicas->close(story.disk);
  CHECK(story.recovery_points() == OffsetCheckpoint{{orders, 3}});
  const OffsetCheckpoint points = story.recovery_points();
  story.disk.power_loss();
  // The marks of the stop are not synced; the logs are what is looked at here.
  REQUIRE(write_offset_checkpoint(story.disk, recovery_point_offset_checkpoint, points).ok());
  REQUIRE(write_partition_metadata(story.disk, "orders-0", {1, 1}).ok());
  CHECK(story.disk.read_file("orders-0/00000000000000000002.timeindex")->size() == 12);
  story.start(true);
  CHECK(story.log().log_end_offset() == 3);
  CHECK(story.log().recovery_point() == 3);
}
