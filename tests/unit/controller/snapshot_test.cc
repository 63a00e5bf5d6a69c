// Snapshots as files, against those that Apache Kafka 4.3.1 wrote (golden/logs): the same records in the same parts and
// batches; a folder of Kafka's with one opens; what is damaged is refused.
#include "sim/controller/raft/snapshot.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/controller/metadata/image_records.h"
#include "sim/controller/metadata/loader.h"
#include "sim/controller/metadata/snapshot_generator.h"
#include "sim/controller/raft/metadata_log.h"
#include "sim/storage/simulated_disk.h"
#include "sim/wire/kafka/record_batch.h"
#include "tests/unit/storage/golden_logs.h"

using namespace brokerlab;

namespace {

constexpr SnapshotId recorded_id{4, 222};

Bytes recorded_file() {
  return Bytes::copy_of(
      golden::file(golden::logs() / "clean" / "__cluster_metadata-0" / snapshot_name(recorded_id)));
}

/// The encoded records, sorted; the features of a broker, which a Java map lists, by name.
std::vector<std::string> canonical(std::vector<kafka::MetadataRecord> records) {
  std::vector<std::string> values;
  for (kafka::MetadataRecord& record : records) {
    const auto sort_features = [](auto& registration) {
      std::sort(registration.features.begin(), registration.features.end(),
                [](const auto& a, const auto& b) { return a.name < b.name; });
    };
    if (auto* broker = std::get_if<kafka::RegisterBrokerRecord>(&record)) sort_features(*broker);
    if (auto* controller = std::get_if<kafka::RegisterControllerRecord>(&record)) sort_features(*controller);
    values.push_back(to_hex(kafka::encode_metadata_record(record, kafka::newest_version(record)).span()));
  }
  std::sort(values.begin(), values.end());
  return values;
}

/// Which kinds of records follow each other; a topic and its partitions are one.
std::vector<std::string> parts(const std::vector<kafka::MetadataRecord>& records) {
  std::vector<std::string> kinds;
  for (const kafka::MetadataRecord& record : records) {
    std::string kind(std::holds_alternative<kafka::PartitionRecord>(record)
                         ? kafka::name_of(kafka::MetadataRecord(kafka::TopicRecord{}))
                         : kafka::name_of(record));
    if (kinds.empty() || kinds.back() != kind) kinds.push_back(std::move(kind));
  }
  return kinds;
}

/// First offset, count, epoch and control bit of each batch.
std::vector<std::vector<int64_t>> batches_of(const Bytes& file) {
  std::vector<std::vector<int64_t>> batches;
  kafka::BatchReader reader(file);
  while (const auto batch = reader.next())
    batches.push_back({batch->header.base_offset, batch->header.record_count,
                       batch->header.partition_leader_epoch, batch->header.is_control() ? 1 : 0});
  return batches;
}

/// The log of the recorded folder up to `end`, and its image.
MetadataImage replayed_to(int64_t end) {
  SimulatedDisk disk;
  golden::copy_folder(golden::logs() / "clean" / "__cluster_metadata-0", disk, "__cluster_metadata-0",
                      [](const std::string& name) { return name.ends_with(".log"); });
  const Result<MetadataLog> log = MetadataLog::open(disk, 1);
  REQUIRE(log.ok());
  const auto batches = log->batches(disk, 0, end, 1 << 20);
  REQUIRE(batches.ok());
  MetadataLoader loader;
  REQUIRE(loader.load(*batches).ok());
  return loader.image();
}

}  // namespace

TEST_CASE(
    "snapshot: of a recorded log it has the records that Kafka's own has, in the same parts and batches") {
  const Result<Snapshot> recorded = decode_snapshot(recorded_id, recorded_file());
  REQUIRE_MESSAGE(recorded.ok(), recorded.status().message);
  CHECK(recorded->last_contained_log_ms == 1795248891181);
  CHECK(recorded->records.size() == 50);
  const std::vector<kafka::MetadataRecord> records = records_of(replayed_to(222));
  CHECK(canonical(records) == canonical(recorded->records));
  CHECK(parts(records) == parts(recorded->records));
  const Bytes file = encode_snapshot({recorded_id, recorded->last_contained_log_ms, records}, 1795248891503);
  CHECK(batches_of(file) == batches_of(recorded_file()));
  CHECK(file.size() == recorded_file().size());
}

TEST_CASE("snapshot: a Kafka folder with one opens, and snapshot plus log say what the log alone says") {
  for (const std::string run : {"clean", "recovered"}) {
    CAPTURE(run);
    SimulatedDisk disk;
    golden::copy_folder(golden::logs() / run / "__cluster_metadata-0", disk, "__cluster_metadata-0");
    const Result<MetadataLog> log = MetadataLog::open(disk, 1);
    REQUIRE(log.ok());
    REQUIRE(log->latest_snapshot() == recorded_id);
    CHECK(log->start_offset() == 0);
    const Result<Snapshot> snapshot = log->read_snapshot(disk, recorded_id);
    REQUIRE(snapshot.ok());
    MetadataLoader loader;
    REQUIRE(loader.load_snapshot(snapshot->records, 221, 4, snapshot->last_contained_log_ms).ok());
    CHECK(loader.last_append_time_ms() == 1795248891181);
    MetadataLoader from_log;
    for (MetadataLoader* each : {&loader, &from_log}) {
      while (each->next_offset() < log->end_offset()) {
        const auto batches = log->batches(disk, each->next_offset(), log->end_offset(), 1 << 20);
        REQUIRE(batches.ok());
        REQUIRE(each->load(*batches).ok());
      }
    }
    CHECK(loader.image() == from_log.image());
  }
}

TEST_CASE("snapshot: the bootstrap snapshots of kraft.version 0 and 1 can be read") {
  const auto levels = [](const std::filesystem::path& path) {
    const Result<Snapshot> snapshot = decode_snapshot(bootstrap_snapshot, Bytes::copy_of(golden::file(path)));
    REQUIRE_MESSAGE(snapshot.ok(), snapshot.status().message);
    return snapshot->records.size();
  };
  CHECK(levels(golden::logs() / "clean" / "bootstrap.checkpoint") == 6);
  levels(golden::logs() / "dynamic-quorum" / "__cluster_metadata-0" / snapshot_name(bootstrap_snapshot));
}

TEST_CASE("snapshot: one without its end, or with a flipped bit, is refused") {
  const Bytes file = recorded_file();
  const auto refusal = [](const Bytes& bytes) {
    return decode_snapshot(recorded_id, bytes).status().message;
  };
  const std::string name = "00000000000000000222-0000000004.checkpoint: ";
  CHECK(refusal(file.subview(0, file.size() - 75)) == name + "it ends before its footer");
  CHECK(refusal(file.subview(0, 300)) == name + "it ends before its footer");
  CHECK(refusal({}) == name + "it ends before its footer");
  CHECK(refusal(file.subview(83)) == name + "it does not begin with a header");
  std::string flipped(file.text());
  flipped[1000] = static_cast<char>(flipped[1000] ^ 4);
  CHECK(refusal(Bytes::copy_of(flipped)) == name + "a batch has a wrong CRC");
  CHECK(refusal(Bytes::copy_of(std::string(file.text()) + std::string(file.text()))) ==
        name + "something stands behind the footer");
}

TEST_CASE("snapshot: file names as Kafka gives them, finished, being written and being removed") {
  CHECK(snapshot_name(recorded_id) == "00000000000000000222-0000000004.checkpoint");
  const auto is_complete = [](const std::string& name) {
    const auto file = parse_snapshot_name(name);
    return !file ? "no snapshot" : file->is_complete ? "complete" : "unfinished";
  };
  CHECK(is_complete("00000000000000000222-0000000004.checkpoint") == std::string("complete"));
  CHECK(is_complete("00000000000000000222-0000000004-8291.checkpoint.part") == std::string("unfinished"));
  CHECK(is_complete("00000000000000000222-0000000004.checkpoint.deleted") == std::string("unfinished"));
  CHECK(is_complete("00000000000000000222-0000000004.checkpoint.tmp") == std::string("unfinished"));
  CHECK(is_complete("leader-epoch-checkpoint") == std::string("no snapshot"));
  CHECK(is_complete("00000000000000000222.snapshot") == std::string("no snapshot"));
  CHECK(is_complete("222-4.checkpoint") == std::string("no snapshot"));
}

TEST_CASE("snapshot: what is only carried, such as ACLs, is in it, and gone when it was removed") {
  MetadataImage image;
  MetadataDelta delta;
  kafka::AccessControlEntryRecord acl;
  acl.id = Uuid{1, 2};
  acl.principal = "User:kim";
  kafka::UserScramCredentialRecord scram;
  scram.name = "kim";
  REQUIRE(image.replay(acl, delta).ok());
  REQUIRE(image.replay(scram, delta).ok());
  CHECK(canonical(records_of(image)) == canonical({acl, scram}));
  kafka::RemoveAccessControlEntryRecord removed;
  removed.id = acl.id;
  REQUIRE(image.replay(removed, delta).ok());
  CHECK(canonical(records_of(image)) == canonical({scram}));
}

TEST_CASE("snapshot: the delta of an image in the place of another says what came, went and changed") {
  const auto topic = [](const std::string& name, uint64_t id, int32_t leader) {
    kafka::TopicRecord record;
    record.name = name;
    record.topic_id = Uuid{1, id};
    kafka::PartitionRecord partition;
    partition.topic_id = record.topic_id;
    partition.partition_id = 0;
    partition.leader = leader;
    return std::vector<kafka::MetadataRecord>{record, partition};
  };
  const auto broker = [](int32_t id, bool fenced) {
    kafka::RegisterBrokerRecord record;
    record.broker_id = id;
    record.fenced = fenced;
    return record;
  };
  const auto setting = [](const std::string& name, const std::string& value) {
    kafka::ConfigRecord record;
    record.resource_type = ConfigResource::topic;
    record.resource_name = name;
    record.name = "retention.ms";
    record.value = value;
    return record;
  };
  const auto image_of = [](const std::vector<std::vector<kafka::MetadataRecord>>& groups) {
    MetadataImage image;
    MetadataDelta ignored;
    for (const auto& group : groups)
      for (const auto& record : group) REQUIRE(image.replay(record, ignored).ok());
    return image;
  };
  const MetadataImage before =
      image_of({topic("gone", 1, 1),
                topic("moved", 2, 1),
                topic("same", 3, 1),
                topic("reborn", 4, 1),
                {broker(1, false), broker(2, false), broker(3, false)},
                {setting("gone", "1"), setting("moved", "1"), setting("same", "1")}});
  const MetadataImage after = image_of({topic("moved", 2, 2),
                                        topic("same", 3, 1),
                                        topic("reborn", 5, 1),
                                        topic("new", 6, 2),
                                        {broker(1, true), broker(2, false), broker(4, false)},
                                        {setting("moved", "2"), setting("same", "1"), setting("new", "1")}});
  const MetadataDelta delta = difference(before, after);
  CHECK(delta.created_topics == std::set<Uuid>{Uuid{1, 5}, Uuid{1, 6}});
  REQUIRE(delta.deleted_topics.size() == 2);
  CHECK(delta.deleted_topics.at(Uuid{1, 1}).partitions.size() == 1);
  CHECK(delta.deleted_topics.contains(Uuid{1, 4}));  // the same name, but another topic
  CHECK(delta.changed_partitions ==
        std::set<PartitionKey>{{Uuid{1, 2}, 0}, {Uuid{1, 5}, 0}, {Uuid{1, 6}, 0}});
  CHECK(delta.changed_brokers == std::set<int32_t>{1, 3, 4});
  CHECK(delta.changed_configs == std::set<ConfigResource>{{ConfigResource::topic, "gone"},
                                                          {ConfigResource::topic, "moved"},
                                                          {ConfigResource::topic, "new"}});
  CHECK_FALSE(delta.features_changed);
  CHECK(difference(after, after).empty());
}

TEST_CASE("snapshot: one is due after so many bytes, or so long after the last one") {
  const Instant start{};
  SnapshotGenerator generator({1000, seconds(120)}, start);
  CHECK(generator.replayed(999, start + seconds(1)).empty());
  CHECK(generator.replayed(1, start + seconds(1)) == "we have replayed at least 1000 bytes");
  generator.restart(start + seconds(1));
  CHECK(generator.replayed(10, start + seconds(120)).empty());
  CHECK(generator.replayed(10, start + seconds(121)) == "we have waited at least 2 minute(s)");
  SnapshotGenerator only_bytes({1000, {}}, start);
  CHECK(only_bytes.replayed(10, start + seconds(100'000)).empty());
}
