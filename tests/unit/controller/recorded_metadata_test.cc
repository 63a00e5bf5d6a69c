// The metadata log that Apache Kafka 4.3.1 wrote (golden/logs), replayed: what the cluster was like at its
// end stands in the log itself, record by record, and in the snapshot that Kafka made of it.
#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "sim/controller/metadata/loader.h"
#include "sim/controller/raft/metadata_log.h"
#include "sim/storage/simulated_disk.h"
#include "tests/unit/storage/golden_logs.h"

using namespace brokerlab;

namespace {

using Ids = std::vector<int32_t>;

/// The image of everything in the log of `run`.
MetadataImage replayed(const std::string& run) {
  SimulatedDisk disk;
  golden::copy_folder(golden::logs() / run / "__cluster_metadata-0", disk, "__cluster_metadata-0",
                      [](const std::string& name) { return name.ends_with(".log"); });
  Result<MetadataLog> log = MetadataLog::open(disk, 1);
  REQUIRE(log.ok());
  MetadataLoader loader;
  while (loader.next_offset() < log->end_offset()) {
    const auto batches = log->batches(disk, loader.next_offset(), log->end_offset(), 4096);
    REQUIRE(batches.ok());
    REQUIRE_FALSE(batches->empty());
    REQUIRE(loader.load(*batches).ok());
  }
  return loader.image();
}

/// How often a record of this kind stands in Kafka's own dump.
int dumped(const std::string& run, const std::string& type) {
  std::istringstream dump(golden::file(golden::logs() / (run + "-__cluster_metadata-0.txt")));
  int count = 0;
  bool in_log = false;
  for (std::string line; std::getline(dump, line);) {
    if (line.starts_with("Dumping ")) in_log = line.ends_with(".log");
    if (in_log && line.find("\"type\":\"" + type + "\"") != std::string::npos) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("recorded metadata: a cluster that was stopped broker by broker") {
  const MetadataImage image = replayed("clean");
  CHECK(image.offset() == 237);
  CHECK(image.feature("metadata.version") == 30);
  CHECK(image.feature("transaction.version") == 2);
  CHECK(image.config({ConfigResource::broker, ""}).at("min.insync.replicas") == "1");
  CHECK(image.topics().size() == static_cast<size_t>(dumped("clean", "TOPIC_RECORD")));
  CHECK(image.config({ConfigResource::topic, "orders"}).at("retention.ms") == "-1");
  CHECK(image.next_producer_id() == 3000);
  REQUIRE(image.brokers().size() == 3);
  CHECK(image.broker(2)->epoch == 10);
  CHECK(image.broker(3)->epoch == 12);
  CHECK(image.broker(1)->epoch == 94);  // of its last registration
  CHECK(image.broker(1)->listener("PLAINTEXT")->port == 21092);
  CHECK(image.controllers().size() == 3);
  // The last one to stop, broker 1, led until offset 222; with ELR on it left the ISR as well.
  const PartitionRegistration* partition = image.partition("orders", 1);
  REQUIRE(partition != nullptr);
  CHECK(partition->replicas == Ids{3, 1, 2});
  CHECK(partition->leader == no_leader);
  CHECK(partition->isr.empty());
  CHECK(partition->elr == Ids{1});
}

TEST_CASE("recorded metadata: epochs as Kafka's snapshot of the same log has them") {
  // golden/logs/clean-__cluster_metadata-0.txt, the snapshot at 222: orders and compacted.
  SimulatedDisk disk;
  golden::copy_folder(golden::logs() / "clean" / "__cluster_metadata-0", disk, "__cluster_metadata-0",
                      [](const std::string& name) { return name.ends_with(".log"); });
  Result<MetadataLog> log = MetadataLog::open(disk, 1);
  REQUIRE(log.ok());
  const auto batches = log->batches(disk, 0, 222, 1 << 20);
  REQUIRE(batches.ok());
  MetadataLoader loader;
  REQUIRE(loader.load(*batches).ok());
  const MetadataImage& image = loader.image();
  CHECK(image.offset() == 221);
  const PartitionRegistration* compacted = image.partition("compacted", 0);
  REQUIRE(compacted != nullptr);
  CHECK(compacted->isr == Ids{1});
  CHECK(compacted->leader == 1);
  CHECK(compacted->leader_epoch == 1);
  CHECK(compacted->partition_epoch == 4);
  const PartitionRegistration* transactions = image.partition("__transaction_state", 2);
  REQUIRE(transactions != nullptr);
  CHECK(transactions->leader_epoch == 0);
  CHECK(transactions->partition_epoch == 2);
  CHECK(transactions->elr == Ids{2});
}

TEST_CASE("recorded metadata: the other runs replay too") {
  for (const std::string run : {"unclean", "recovered", "dynamic-quorum"}) {
    CAPTURE(run);
    const MetadataImage image = replayed(run);
    CHECK(image.feature("metadata.version") == 30);
    CHECK_FALSE(image.brokers().empty());
  }
}

TEST_CASE(
    "metadata transactions: nothing of one is seen before its end, and nothing ever of one that is aborted") {
  MetadataImage image;
  MetadataDelta delta;
  kafka::FeatureLevelRecord feature;
  feature.name = "metadata.version";
  feature.feature_level = 30;
  REQUIRE(image.replay(kafka::BeginTransactionRecord{}, delta).ok());
  REQUIRE(image.replay(feature, delta).ok());
  CHECK(image.features().empty());
  REQUIRE(image.replay(kafka::AbortTransactionRecord{}, delta).ok());
  CHECK(image.features().empty());
  CHECK(delta.empty());
  REQUIRE(image.replay(kafka::BeginTransactionRecord{}, delta).ok());
  REQUIRE(image.replay(feature, delta).ok());
  CHECK_FALSE(image.replay(kafka::BeginTransactionRecord{}, delta).ok());
  REQUIRE(image.replay(kafka::EndTransactionRecord{}, delta).ok());
  CHECK(image.feature("metadata.version") == 30);
  CHECK(delta.features_changed);
  CHECK_FALSE(image.replay(kafka::EndTransactionRecord{}, delta).ok());
}

TEST_CASE("metadata records: what speaks of something that does not exist is refused, and changes nothing") {
  MetadataImage image;
  MetadataDelta delta;
  const MetadataImage before = image;
  kafka::PartitionRecord partition;
  partition.topic_id = Uuid{1, 1};
  CHECK_FALSE(image.replay(partition, delta).ok());
  kafka::PartitionChangeRecord change;
  change.topic_id = Uuid{1, 1};
  CHECK_FALSE(image.replay(change, delta).ok());
  CHECK_FALSE(image.replay(kafka::RemoveTopicRecord{}, delta).ok());
  CHECK_FALSE(image.replay(kafka::BrokerRegistrationChangeRecord{}, delta).ok());
  CHECK_FALSE(image.replay(kafka::UnregisterBrokerRecord{}, delta).ok());
  CHECK(image == before);
  CHECK(delta.empty());
}

TEST_CASE("metadata delta: a topic that comes and goes between two looks leaves no trace") {
  MetadataImage image;
  MetadataDelta delta;
  kafka::TopicRecord topic;
  topic.name = "brief";
  topic.topic_id = Uuid{1, 1};
  kafka::PartitionRecord partition;
  partition.topic_id = topic.topic_id;
  partition.partition_id = 0;
  kafka::RemoveTopicRecord removed;
  removed.topic_id = topic.topic_id;
  REQUIRE(image.replay(topic, delta).ok());
  REQUIRE(image.replay(partition, delta).ok());
  CHECK(delta.created_topics.contains(topic.topic_id));
  REQUIRE(image.replay(removed, delta).ok());
  CHECK(delta.empty());

  REQUIRE(image.replay(topic, delta).ok());
  delta = {};
  REQUIRE(image.replay(removed, delta).ok());
  CHECK(delta.deleted_topics.at(topic.topic_id).name == "brief");
}
