// What a broker's replicas leave on its disk: folders of deleted topics, checkpoints of log starts and of the cleaner.
#include "sim/brokers/replica_manager.h"

#include <doctest/doctest.h>

#include "sim/storage/simulated_disk.h"
#include "sim/wire/kafka/record_batch.h"

using namespace brokerlab;
using kafka::ErrorCode;

namespace {

constexpr Uuid orders_id{0x11, 0x22};
constexpr std::string_view deleted_folder = "orders-0.00000000000000110000000000000022-delete/";

/// Broker 1, alone, with a topic `orders` of one partition.
class BrokerOfOne {
 public:
  explicit BrokerOfOne(SimulatedDisk& disk, Settings settings = Settings{})
      : disk_(disk), settings_(std::move(settings)), replicas(1, settings_) {
    REQUIRE(replicas.start(disk_, false, now).ok());
    kafka::RegisterBrokerRecord broker;
    broker.broker_id = 1;
    broker.fenced = false;
    broker.broker_epoch = 11;
    learn(broker);
  }
  void create_orders(int32_t partitions = 1) {
    kafka::TopicRecord topic;
    topic.name = "orders";
    topic.topic_id = orders_id;
    kafka::PartitionRecord partition;
    partition.topic_id = orders_id;
    partition.replicas = {1};
    partition.isr = {1};
    partition.leader = 1;
    partition.leader_epoch = 0;
    partition.partition_epoch = 0;
    MetadataDelta delta;
    REQUIRE(image.replay(topic, delta));
    for (partition.partition_id = 0; partition.partition_id < partitions; ++partition.partition_id)
      REQUIRE(image.replay(partition, delta));
    apply(delta);
  }
  void take_roles() {
    Effects effects(NodeId{1}, now.monotonic, 1, {}, &disk_);
    replicas.take_roles(image, now, effects);
  }
  void delete_orders() {
    kafka::RemoveTopicRecord record;
    record.topic_id = orders_id;
    learn(record);
  }
  void set_topic_config(const std::string& name, const std::string& value) {
    kafka::ConfigRecord record;
    record.resource_type = ConfigResource::topic;
    record.resource_name = "orders";
    record.name = name;
    record.value = value;
    learn(record);
  }
  template <class Record>
  void learn(const Record& record) {
    MetadataDelta delta;
    REQUIRE(image.replay(record, delta));
    apply(delta);
  }
  void append(const std::string& key, const std::string& value) {
    kafka::RecordBatchBuilder builder({});
    const Bytes key_bytes = Bytes::copy_of(key);
    const Bytes value_bytes = Bytes::copy_of(value);
    builder.append(now.wall_ms, key_bytes.span(), value_bytes.span());
    Effects effects(NodeId{1}, now.monotonic, 1, {}, &disk_);
    REQUIRE(replicas.append({orders_id, 0}, builder.build(), 1, image, now, effects).error ==
            ErrorCode::none);
  }
  void pass(Duration duration) {
    now.monotonic = now.monotonic + duration;
    now.wall_ms += duration.milliseconds();
  }
  /// Does what is due of cleaning; flushes take no time.
  void clean() {
    for (int i = 0; i < 100; ++i) {
      pass(milliseconds(1));
      Effects effects(NodeId{1}, now.monotonic, 1, {}, &disk_);
      replicas.clean_logs(now, effects);
      for (const Event& event : effects.events)
        if (const auto* noted = std::get_if<event::Noted>(&event.payload)) notes.push_back(noted->text);
      if (replicas.cleaner().next_deadline() == never)
        REQUIRE(replicas.cleaner().flushed({}, now.monotonic).ok());
    }
  }
  void check_retention() {
    Effects effects(NodeId{1}, now.monotonic, 1, {}, &disk_);
    replicas.delete_old_segments(now, effects);
    replicas.remove_deleted_files(now, disk_);
  }
  std::string text(std::string_view path) { return std::string(disk_.read_file(path).value().text()); }

 private:
  void apply(const MetadataDelta& delta) {
    Effects effects(NodeId{1}, now.monotonic, 1, {}, &disk_);
    replicas.apply(delta, image, now, effects);
    CHECK(replicas.failure().ok());
  }

  SimulatedDisk& disk_;
  Settings settings_;

 public:
  std::vector<std::string> notes;  ///< of the cleaner
  MetadataImage image;
  Now now{Instant{} + seconds(100), 1'700'000'000'000};
  ReplicaManager replicas;
};

bool has_folder(SimulatedDisk& disk, std::string_view name) {
  const std::vector<std::string> names = disk.list("");
  return std::find(names.begin(), names.end(), name) != names.end();
}

Settings small_segments() {
  Settings settings;
  REQUIRE(settings.set("internal.segment.bytes", "200").ok());
  return settings;
}

}  // namespace

TEST_CASE("A deleted topic's folder stays under another name for file.delete.delay.ms") {
  SimulatedDisk disk;
  BrokerOfOne broker(disk);
  broker.create_orders();
  broker.append("a", "1");
  broker.delete_orders();
  CHECK(has_folder(disk, deleted_folder));
  CHECK_FALSE(has_folder(disk, "orders-0/"));
  CHECK(broker.replicas.next_deletion() == broker.now.monotonic + seconds(60));
  broker.create_orders();  // the name is free at once
  broker.append("a", "1");
  CHECK(broker.replicas.find({orders_id, 0})->log().log_end_offset() == 1);
  broker.pass(milliseconds(59'999));
  broker.replicas.remove_deleted_files(broker.now, disk);
  CHECK(has_folder(disk, deleted_folder));
  broker.pass(milliseconds(1));
  broker.replicas.remove_deleted_files(broker.now, disk);
  CHECK_FALSE(has_folder(disk, deleted_folder));
  CHECK(has_folder(disk, "orders-0/"));
  CHECK(broker.replicas.failure().ok());
}

TEST_CASE("What was to be deleted when a broker ended is deleted after its next start") {
  SimulatedDisk disk;
  {
    BrokerOfOne broker(disk);
    broker.create_orders();
    broker.delete_orders();
  }
  disk.close_all();
  BrokerOfOne broker(disk);
  CHECK(broker.replicas.next_deletion() == broker.now.monotonic + seconds(60));
  broker.pass(seconds(60));
  broker.replicas.remove_deleted_files(broker.now, disk);
  CHECK(disk.list("").empty());
}

TEST_CASE("Without a delay a deleted topic is gone at once, with the greatest one it stays") {
  for (const std::string delay : {"0", "9223372036854775807"}) {
    SimulatedDisk disk;
    Settings settings;
    REQUIRE(settings.set("log.segment.delete.delay.ms", delay).ok());
    BrokerOfOne broker(disk, settings);
    broker.create_orders();
    broker.delete_orders();
    CHECK(has_folder(disk, deleted_folder) == (delay != "0"));
    broker.pass(seconds(1'000'000'000));
    broker.replicas.remove_deleted_files(broker.now, disk);
    CHECK(has_folder(disk, deleted_folder) == (delay != "0"));
  }
}

TEST_CASE("Many new logs are opened a few at a time; a topic that is deleted meanwhile leaves none behind") {
  constexpr int32_t partitions = 50;
  SimulatedDisk disk;
  BrokerOfOne broker(disk);
  broker.create_orders(partitions);
  CHECK(broker.replicas.partitions().size() == 20);
  CHECK(broker.replicas.find({orders_id, 20}) == nullptr);
  CHECK(ReplicaManager::missing({orders_id, 20}, broker.image) == ErrorCode::not_leader_or_follower);
  SUBCASE("until all are open") {
    broker.take_roles();
    CHECK(broker.replicas.partitions().size() == 40);
    broker.take_roles();
    CHECK(broker.replicas.partitions().size() == partitions);
  }
  SUBCASE("deleted meanwhile") {
    broker.delete_orders();
    broker.take_roles();
    CHECK(broker.replicas.partitions().empty());
    for (const std::string& folder : disk.list("")) CHECK(folder.ends_with("-delete/"));
  }
  CHECK_FALSE(broker.replicas.has_roles_to_take());
}

TEST_CASE("Many deleted folders are removed a few at a time") {
  SimulatedDisk disk;
  BrokerOfOne broker(disk);
  broker.create_orders(60);
  while (broker.replicas.has_roles_to_take()) broker.take_roles();
  broker.delete_orders();
  broker.pass(seconds(60));
  broker.replicas.remove_deleted_files(broker.now, disk);
  CHECK(disk.list("").size() == 10);
  CHECK(broker.replicas.next_deletion() <= broker.now.monotonic);
  broker.replicas.remove_deleted_files(broker.now, disk);
  CHECK(disk.list("").empty());
}

TEST_CASE("Only log starts within a segment are noted, as in Kafka") {
  SimulatedDisk disk;
  BrokerOfOne broker(disk, small_segments());
  broker.create_orders();
  for (int i = 0; i < 6; ++i) broker.append("k", std::string(60, 'v'));
  Log& log = broker.replicas.find({orders_id, 0})->log();
  REQUIRE(log.segments().size() > 2);
  const int64_t second = log.segments()[1].base_offset();
  const auto note = [&] {
    broker.replicas.checkpoint_log_starts(disk);
    return broker.text("log-start-offset-checkpoint");
  };
  CHECK(note() == "0\n0\n");
  Effects effects(NodeId{1}, broker.now.monotonic, 1, {}, &disk);
  broker.replicas.delete_records({orders_id, 0}, second, broker.image, effects);
  CHECK(note() == "0\n1\norders 0 " + std::to_string(second) + "\n");
  broker.check_retention();
  CHECK(note() == "0\n0\n");  // the segment below is gone: the name of the next one tells
  CHECK(log.log_start_offset() == second);
}

TEST_CASE("How far a log is compacted is noted, forgotten with the topic, and taken back by a truncation") {
  SimulatedDisk disk;
  BrokerOfOne broker(disk, small_segments());
  broker.create_orders();
  broker.set_topic_config("cleanup.policy", "compact");
  for (int i = 0; i < 8; ++i) broker.append("k", std::string(60, 'v'));
  Log& log = broker.replicas.find({orders_id, 0})->log();
  const int64_t active = log.segments().back().base_offset();
  broker.pass(seconds(1));
  broker.clean();
  CHECK(broker.text("cleaner-offset-checkpoint") == "0\n1\norders 0 " + std::to_string(active) + "\n");
  CHECK(log.batch_at(disk, 0).value().first_offset == active - 1);

  REQUIRE(log.truncate_to(disk, 3).ok());
  broker.pass(seconds(1));
  broker.clean();
  CHECK(broker.text("cleaner-offset-checkpoint") == "0\n1\norders 0 3\n");
  broker.delete_orders();
  CHECK(broker.text("cleaner-offset-checkpoint") == "0\n0\n");
  CHECK(broker.replicas.failure().ok());
}

TEST_CASE("A topic that is deleted in the middle of its compaction leaves nothing behind") {
  SimulatedDisk disk;
  BrokerOfOne broker(disk, small_segments());
  broker.create_orders();
  broker.set_topic_config("cleanup.policy", "compact");
  for (int i = 0; i < 8; ++i) broker.append("k", std::string(60, 'v'));
  broker.pass(seconds(2));
  const auto step = [&] {
    broker.pass(milliseconds(1));
    Effects effects(NodeId{1}, broker.now.monotonic, 1, {}, &disk);
    broker.replicas.clean_logs(broker.now, effects);
  };
  while (broker.replicas.cleaner().next_deadline() != never) step();  // until a segment is being flushed
  broker.delete_orders();
  // The flush ends all the same, of a file that is not open any more.
  CHECK(broker.replicas.cleaner()
            .flushed(Status::error(StatusCode::not_found, "closed"), broker.now.monotonic)
            .ok());
  for (int i = 0; i < 5; ++i) step();
  for (const std::string& name : disk.list(deleted_folder.substr(0, deleted_folder.size() - 1)))
    CHECK_FALSE(name.ends_with(".cleaned"));
  CHECK(broker.replicas.failure().ok());
}

TEST_CASE("Every setting of a log reaches it, at once") {
  SimulatedDisk disk;
  BrokerOfOne broker(disk);
  broker.create_orders();
  const LogConfig& config = broker.replicas.find({orders_id, 0})->log().config();
  CHECK(config.segment_bytes == 1u << 30);
  CHECK((config.deletes && !config.compacts));
  broker.set_topic_config("segment.bytes", "2000000");
  CHECK(config.segment_bytes == 2'000'000);
  broker.set_topic_config("internal.segment.bytes", "100");
  CHECK(config.segment_bytes == 100);
  broker.set_topic_config("segment.ms", "1");
  CHECK(config.segment_ms == 1);
  broker.set_topic_config("segment.index.bytes", "40");
  CHECK(config.index_max_bytes == 40);
  broker.set_topic_config("cleanup.policy", "compact");
  CHECK((!config.deletes && config.compacts));
  broker.set_topic_config("cleanup.policy", "");
  CHECK((!config.deletes && !config.compacts));
  broker.set_topic_config("retention.ms", "2");
  CHECK(config.retention_ms == 2);
  broker.set_topic_config("retention.bytes", "3");
  CHECK(config.retention_bytes == 3);
  broker.set_topic_config("file.delete.delay.ms", "4");
  CHECK(config.file_delete_delay_ms == 4);
  broker.set_topic_config("delete.retention.ms", "5");
  CHECK(config.delete_retention_ms == 5);
  broker.set_topic_config("min.compaction.lag.ms", "6");
  CHECK(config.min_compaction_lag_ms == 6);
  broker.set_topic_config("max.compaction.lag.ms", "7");
  CHECK(config.max_compaction_lag_ms == 7);
  broker.set_topic_config("min.cleanable.dirty.ratio", "0.008");
  CHECK(config.min_cleanable_ratio_millionths == 8000);
}

TEST_CASE("A log in which something cannot be read is left alone from then on") {
  SimulatedDisk disk;
  BrokerOfOne broker(disk, small_segments());
  broker.create_orders();
  broker.set_topic_config("cleanup.policy", "compact");
  broker.append("k", std::string(60, 'v'));
  // A record count that is wrong, as only a damaged disk has it.
  Log& log = broker.replicas.find({orders_id, 0})->log();
  kafka::RecordBatchBuilder builder({});
  const Bytes value = Bytes::copy_of(std::string(60, 'v'));
  builder.append(broker.now.wall_ms, value.span(), value.span());
  const Bytes good = builder.build();
  kafka::RecordBatchHeader header = kafka::parse_batch_header(good.span()).value();
  header.record_count = 9;
  std::string damaged;
  for (const Slice& slice : kafka::rewrite_header(good, header)) damaged += std::get<Bytes>(slice).text();
  REQUIRE(log.append_as_leader(disk, Bytes::copy_of(damaged), 0, broker.now.wall_ms).ok());
  for (int i = 0; i < 4; ++i) broker.append("k", std::string(60, 'v'));
  const uint64_t size = log.size_bytes();
  broker.pass(seconds(2));
  broker.clean();
  CHECK(log.size_bytes() == size);
  broker.pass(seconds(2));
  broker.clean();
  REQUIRE(broker.notes.size() == 1);
  CHECK(broker.notes[0].starts_with("WARN Marking partition orders-0 as uncleanable"));
  CHECK_FALSE(disk.exists("cleaner-offset-checkpoint"));
  CHECK(broker.replicas.failure().ok());
}

TEST_CASE("A broker that stops in the middle of a compaction removes what is half done") {
  SimulatedDisk disk;
  BrokerOfOne broker(disk, small_segments());
  broker.create_orders();
  broker.set_topic_config("cleanup.policy", "compact");
  for (int i = 0; i < 8; ++i) broker.append("k", std::string(60, 'v'));
  broker.pass(seconds(2));
  Effects effects(NodeId{1}, broker.now.monotonic, 1, {}, &disk);
  const auto has_cleaned = [&] {
    const std::vector<std::string> names = disk.list("orders-0");
    return std::any_of(names.begin(), names.end(),
                       [](const auto& name) { return name.ends_with(".cleaned"); });
  };
  while (!has_cleaned()) {
    broker.pass(milliseconds(1));
    broker.replicas.clean_logs(broker.now, effects);
  }
  broker.replicas.flush_all(effects);
  CHECK_FALSE(has_cleaned());
  CHECK(broker.replicas.cleaner().next_deadline() == never);
  CHECK(broker.replicas.failure().ok());
}

TEST_CASE("The cleaner stays below the first record of an open transaction") {
  SimulatedDisk disk;
  BrokerOfOne broker(disk, small_segments());
  broker.create_orders();
  broker.set_topic_config("cleanup.policy", "compact");
  for (int i = 0; i < 4; ++i) broker.append("k", std::string(60, 'v'));
  kafka::RecordBatchBuilder::Options options;
  options.producer_id = 5;
  options.producer_epoch = 0;
  options.base_sequence = 0;
  options.is_transactional = true;
  kafka::RecordBatchBuilder builder(options);
  const Bytes value = Bytes::copy_of(std::string(60, 'v'));
  builder.append(broker.now.wall_ms, value.span(), value.span());
  Effects effects(NodeId{1}, broker.now.monotonic, 1, {}, &disk);
  REQUIRE(
      broker.replicas.append({orders_id, 0}, builder.build(), 1, broker.image, broker.now, effects).error ==
      ErrorCode::none);
  for (int i = 0; i < 4; ++i) broker.append("k", std::string(60, 'v'));
  Log& log = broker.replicas.find({orders_id, 0})->log();
  REQUIRE(log.producers().entries().at(5).transaction_start == 4);
  broker.pass(seconds(2));
  broker.clean();
  const OffsetCheckpoint cleaned = read_offset_checkpoint(disk, cleaner_offset_checkpoint).value();
  CHECK(cleaned.at({"orders", 0}) > 0);
  CHECK(cleaned.at({"orders", 0}) <= 4);
}
