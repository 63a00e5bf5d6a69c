// How long records stay, as clients of a cluster see it: retention, DeleteRecords, compaction.
#include <doctest/doctest.h>

#include <algorithm>

#include "sim/wire/kafka/02_list_offsets.h"
#include "sim/wire/kafka/20_delete_topics.h"
#include "sim/wire/kafka/21_delete_records.h"
#include "sim/wire/kafka/44_incremental_alter_configs.h"
#include "tests/unit/brokers/cluster_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;
using kafka::ErrorCode;

namespace {

using Configs = std::map<std::string, std::string>;

NodeId node(int broker) { return NodeId{static_cast<uint32_t>(broker)}; }

Settings settings_with(const Configs& values) {
  Settings settings;
  for (const auto& [name, value] : values) REQUIRE(settings.set(name, value).ok());
  return settings;
}

int64_t offset_at(ClusterUnderTest& cluster, int broker, const std::string& topic, int64_t timestamp) {
  kafka::ListOffsetsRequest request;
  request.replica_id = -1;
  auto& wanted = request.topics.emplace_back();
  wanted.name = topic;
  wanted.partitions.emplace_back().timestamp = timestamp;
  const auto answer = cluster.ask(broker, request, 9).topics.at(0).partitions.at(0);
  CHECK(answer.error_code == 0);
  return answer.offset;
}
constexpr int64_t latest = -1;
constexpr int64_t earliest = -2;
constexpr int64_t max_timestamp = -3;
constexpr int64_t earliest_local = -4;

kafka::FetchResponse::PartitionData fetch(ClusterUnderTest& cluster, int broker, const std::string& topic,
                                          int64_t offset) {
  kafka::FetchRequest request;
  request.max_wait_ms = 0;
  auto& wanted = request.topics.emplace_back();
  wanted.topic = topic;
  wanted.partitions.emplace_back().fetch_offset = offset;
  wanted.partitions.back().partition_max_bytes = 1 << 20;
  return cluster.ask(broker, request, 12).responses.at(0).partitions.at(0);
}

struct Deleted {
  int16_t error_code;
  int64_t low_watermark;
  friend bool operator==(const Deleted&, const Deleted&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Deleted& d) {
    return out << d.error_code << ", " << d.low_watermark;
  }
};
Deleted refused(ErrorCode error) { return {to_int16(error), -1}; }

Deleted delete_records(ClusterUnderTest& cluster, int broker, const std::string& topic, int64_t offset,
                       int32_t timeout_ms = 10'000, int16_t version = 2, int32_t partition = 0) {
  kafka::DeleteRecordsRequest request;
  request.timeout_ms = timeout_ms;
  auto& wanted = request.topics.emplace_back();
  wanted.name = topic;
  auto& of_partition = wanted.partitions.emplace_back();
  of_partition.partition_index = partition;
  of_partition.offset = offset;
  const auto response = cluster.ask(broker, request, version);
  REQUIRE(response.topics.size() == 1);
  CHECK(response.topics[0].name == topic);
  REQUIRE(response.topics[0].partitions.size() == 1);
  CHECK(response.topics[0].partitions[0].partition_index == partition);
  return {response.topics[0].partitions[0].error_code, response.topics[0].partitions[0].low_watermark};
}

bool all_start_at(ClusterUnderTest& cluster, const std::string& topic, int64_t offset) {
  for (int broker = 1; broker <= 3; ++broker)
    if (cluster.replica(broker, topic, 0).log_start_offset != offset) return false;
  return true;
}

kafka::ProduceResponse::PartitionProduceResponse put(
    ClusterUnderTest& cluster, int broker, const std::string& topic,
    const std::vector<std::pair<std::string, std::string>>& records) {
  kafka::RecordBatchBuilder builder({});
  for (const auto& [key, value] : records) {
    const Bytes key_bytes = Bytes::copy_of(key);
    const Bytes value_bytes = Bytes::copy_of(value);
    builder.append(cluster.lab().now().wall_ms,
                   key.empty() ? kafka::RecordData() : kafka::RecordData(key_bytes.span()),
                   value.empty() ? kafka::RecordData() : kafka::RecordData(value_bytes.span()));
  }
  kafka::ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 30'000;
  auto& data = request.topic_data.emplace_back();
  data.name = topic;
  data.partition_data.emplace_back().records = Slices{builder.build()};
  return cluster.ask(broker, request, 9).responses.at(0).partition_responses.at(0);
}

/// "key=value" of everything that can be read from one broker.
std::vector<std::string> contents(ClusterUnderTest& cluster, int broker, const std::string& topic) {
  std::vector<std::string> records;
  for (int64_t offset = cluster.replica(broker, topic, 0).log_start_offset;;) {
    const auto data = fetch(cluster, broker, topic, offset);
    REQUIRE(data.error_code == 0);
    const int64_t before = offset;
    kafka::BatchReader batches(flat(*data.records));
    while (const auto batch = batches.next()) {
      kafka::RecordReader reader(*batch);
      for (kafka::Record record; reader.next(record);)
        records.push_back(std::string(record.key->text()) + "=" +
                          (record.value ? std::string(record.value->text()) : "-"));
      offset = batch->header.last_offset() + 1;
    }
    if (offset == before) return records;
  }
}

}  // namespace

// ---- retention --------------------------------------------------------------------------------------------

TEST_CASE("Old segments go on every replica; who reads below the new start is out of range") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}}, {{"internal.segment.bytes", "300"}, {"retention.ms", "60000"}});
  for (int i = 0; i < 4; ++i) cluster.produce(1, "orders", 0, 10, -1);
  cluster.run_for(seconds(50));
  CHECK(all_start_at(cluster, "orders", 0));
  const auto last = cluster.produce(1, "orders", 0, 10, -1);
  CHECK(last.base_offset == 40);
  CHECK(last.log_start_offset == 0);
  cluster.run_for(seconds(20));
  CHECK(all_start_at(cluster, "orders", 40));
  CHECK(offset_at(cluster, 1, "orders", earliest) == 40);
  CHECK(offset_at(cluster, 1, "orders", earliest_local) == 40);
  CHECK(offset_at(cluster, 1, "orders", 0) == 40);
  CHECK(fetch(cluster, 1, "orders", 39).error_code == to_int16(ErrorCode::offset_out_of_range));
  CHECK(fetch(cluster, 1, "orders", 40).error_code == 0);
  CHECK(fetch(cluster, 1, "orders", 40).log_start_offset == 40);
  CHECK(cluster.produce(1, "orders", 0, 1, -1).log_start_offset == 40);
  // The active segment becomes old too.
  cluster.run_for(seconds(70));
  CHECK(all_start_at(cluster, "orders", 51));
  CHECK(offset_at(cluster, 1, "orders", latest) == 51);
  CHECK(offset_at(cluster, 1, "orders", max_timestamp) == -1);
  CHECK(cluster.produce(1, "orders", 0, 1, -1).base_offset == 51);
}

TEST_CASE(
    "A topic that becomes larger than retention.bytes loses its oldest segments; the setting counts at "
    "once") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}}, {{"internal.segment.bytes", "300"}});
  for (int i = 0; i < 6; ++i) cluster.produce(1, "orders", 0, 10, -1);
  cluster.run_for(seconds(10));
  CHECK(all_start_at(cluster, "orders", 0));
  kafka::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = 2;
  resource.resource_name = "orders";
  resource.configs.push_back({.name = "retention.bytes", .config_operation = 0, .value = "600"});
  CHECK(cluster.ask(1, request, 1).responses.at(0).error_code == 0);
  cluster.run_for(seconds(10));
  const ReplicaView replica = cluster.replica(1, "orders", 0);
  CHECK(replica.log_start_offset == 30);
  CHECK(replica.size_bytes >= 600);
  CHECK(all_start_at(cluster, "orders", 30));
}

TEST_CASE("A follower that comes back after its end was deleted starts over where its leader starts") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}}, {{"internal.segment.bytes", "300"}, {"retention.ms", "10000"}});
  cluster.produce(1, "orders", 0, 10, -1);
  REQUIRE(cluster.lab().stop(node(3), {}));
  cluster.run_for(seconds(5));
  for (int i = 0; i < 3; ++i) cluster.produce(1, "orders", 0, 10, -1);
  cluster.run_for(seconds(30));
  cluster.produce(1, "orders", 0, 10, -1);
  const int64_t start = cluster.replica(1, "orders", 0).log_start_offset;
  CHECK(start == 40);
  REQUIRE(cluster.lab().start(node(3), {}));
  REQUIRE(cluster.run_until(
      [&] { return cluster.view_of(3) && cluster.replica(3, "orders", 0).log_end_offset == 50; }));
  CHECK(cluster.replica(3, "orders", 0).log_start_offset == start);
}

// ---- DeleteRecords ----------------------------------------------------------------------------------------

TEST_CASE("DeleteRecords moves the start of all replicas, and answers when they are there") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.produce(1, "orders", 0, 10, -1);
  for (const int16_t version : {0, 1, 2}) {
    CHECK(delete_records(cluster, 1, "orders", 4, 10'000, version) == Deleted{0, 4});
    CHECK(all_start_at(cluster, "orders", 4));
  }
  CHECK(delete_records(cluster, 1, "orders", 2) == Deleted{0, 4});  // it never goes back
  CHECK(offset_at(cluster, 1, "orders", earliest) == 4);
  CHECK(fetch(cluster, 1, "orders", 3).error_code == to_int16(ErrorCode::offset_out_of_range));
  CHECK(delete_records(cluster, 1, "orders", -1) == Deleted{0, 10});
  CHECK(offset_at(cluster, 1, "orders", earliest) == 10);
  CHECK(offset_at(cluster, 1, "orders", latest) == 10);
}

TEST_CASE("DeleteRecords is refused where and for what it cannot be done") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.create_topic("compacted", {{1}}, {{"cleanup.policy", "compact"}});
  cluster.create_topic("both", {{1}}, {{"cleanup.policy", "compact,delete"}});
  cluster.produce(1, "orders", 0, 10, -1);
  CHECK(delete_records(cluster, 1, "orders", 11) == refused(ErrorCode::offset_out_of_range));
  CHECK(delete_records(cluster, 1, "orders", -2) == refused(ErrorCode::offset_out_of_range));
  CHECK(delete_records(cluster, 2, "orders", 5) == refused(ErrorCode::not_leader_or_follower));
  CHECK(delete_records(cluster, 2, "compacted", 0) == refused(ErrorCode::not_leader_or_follower));
  CHECK(delete_records(cluster, 1, "compacted", 0) == refused(ErrorCode::policy_violation));
  CHECK(delete_records(cluster, 1, "both", 0) == Deleted{0, 0});
  CHECK(delete_records(cluster, 1, "nosuch", 0) == refused(ErrorCode::unknown_topic_or_partition));
  CHECK(delete_records(cluster, 1, "orders", 0, 10'000, 2, 7) ==
        refused(ErrorCode::unknown_topic_or_partition));
  CHECK(all_start_at(cluster, "orders", 0));
}

TEST_CASE("DeleteRecords waits for a follower that lives and does not fetch, until its time is up") {
  ClusterUnderTest cluster(1, settings_with({{"broker.session.timeout.ms", "9000"}}));
  cluster.wait_until_running();
  cluster.create_topic("orders", {{1, 2, 3}});
  cluster.produce(1, "orders", 0, 10, -1);
  cluster.run_for(seconds(1));
  REQUIRE(cluster.lab().pause(node(3), {}));
  CHECK(delete_records(cluster, 1, "orders", 5, 2000) == Deleted{to_int16(ErrorCode::request_timed_out), 0});
  CHECK(cluster.replica(1, "orders", 0).log_start_offset == 5);  // on the leader it is done all the same
  // Once it is fenced nobody waits for it.
  cluster.run_for(seconds(15));
  CHECK(delete_records(cluster, 1, "orders", 6, 2000) == Deleted{0, 6});
  REQUIRE(cluster.lab().resume(node(3), {}));
  REQUIRE(cluster.run_until([&] { return all_start_at(cluster, "orders", 6); }));
}

TEST_CASE("Where a log starts survives a stop, and a kill once it was noted") {
  ClusterUnderTest cluster(1, settings_with({{"log.flush.start.offset.checkpoint.interval.ms", "1000"}}));
  cluster.wait_until_running();
  cluster.create_topic("stopped", {{1}});
  cluster.create_topic("killed", {{2}});
  cluster.produce(1, "stopped", 0, 10, -1);
  cluster.produce(2, "killed", 0, 10, -1);
  CHECK(delete_records(cluster, 1, "stopped", 4) == Deleted{0, 4});
  REQUIRE(cluster.lab().stop(node(1), {}));
  CHECK(delete_records(cluster, 2, "killed", 5) == Deleted{0, 5});
  cluster.run_for(seconds(3));
  REQUIRE(cluster.lab().kill(node(2), {}));
  REQUIRE(cluster.lab().start(node(1), {}));
  REQUIRE(cluster.lab().start(node(2), {}));
  cluster.run_for(seconds(10));
  CHECK(cluster.replica(1, "stopped", 0).log_start_offset == 4);
  CHECK(cluster.replica(2, "killed", 0).log_start_offset == 5);
  CHECK(cluster.replica(2, "killed", 0).log_end_offset == 10);
}

// ---- compaction -------------------------------------------------------------------------------------------

TEST_CASE(
    "A compacted topic keeps the last record of each key, on every replica, and takes none without a key") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic("users", {{1, 2, 3}},
                       {{"cleanup.policy", "compact"},
                        {"internal.segment.bytes", "200"},
                        {"min.cleanable.dirty.ratio", "0.1"},
                        {"delete.retention.ms", "10000"}});
  for (int i = 0; i < 5; ++i)
    CHECK(put(cluster, 1, "users", {{"anna", std::to_string(i)}, {"ben", std::to_string(i)}}).error_code ==
          0);
  CHECK(put(cluster, 1, "users", {{"ben", ""}}).error_code == 0);
  CHECK(put(cluster, 1, "users", {{"carl", std::string(120, 'c')}}).error_code ==
        0);  // the others are closed now
  cluster.run_for(seconds(5));
  const std::vector<std::string> expected{"anna=4", "ben=-", "carl=" + std::string(120, 'c')};
  for (int broker = 1; broker <= 3; ++broker) {
    CAPTURE(broker);
    CHECK(contents(cluster, broker, "users") == expected);
    CHECK(cluster.replica(broker, "users", 0).log_start_offset == 0);
    CHECK(cluster.replica(broker, "users", 0).log_end_offset == 12);
  }
  const auto without_key = put(cluster, 1, "users", {{"", "nobody"}});
  CHECK(without_key.error_code == to_int16(ErrorCode::invalid_record));
  CHECK(without_key.record_errors.size() == 1);

  // After a restart too: of the broker that led, and of one that follows.
  REQUIRE(cluster.lab().stop(node(1), {}));
  cluster.run_for(seconds(5));
  REQUIRE(cluster.lab().start(node(1), {}));
  cluster.run_for(seconds(5));
  CHECK(contents(cluster, 1, "users") == expected);

  // The tombstone's time has passed when somebody cleans again.
  const int leader = cluster.view_of(1)->partitions.at(0).leader;
  cluster.run_for(seconds(10));
  CHECK(put(cluster, leader, "users", {{"dora", std::string(120, 'd')}}).error_code == 0);
  cluster.run_for(seconds(5));
  CHECK(contents(cluster, leader, "users") ==
        std::vector<std::string>{"anna=4", expected[2], "dora=" + std::string(120, 'd')});
}

TEST_CASE("Without log.cleaner.enable a compacted topic only grows") {
  ClusterUnderTest cluster(1, settings_with({{"log.cleaner.enable", "false"}}));
  cluster.wait_until_running();
  cluster.create_topic("users", {{1, 2, 3}},
                       {{"cleanup.policy", "compact"}, {"internal.segment.bytes", "200"}});
  for (int i = 0; i < 8; ++i)
    put(cluster, 1, "users", {{"anna", std::to_string(i)}, {"ben", std::to_string(i)}});
  cluster.run_for(seconds(20));
  CHECK(contents(cluster, 1, "users").size() == 16);
}

TEST_CASE("compact,delete: compacted, and old segments go all the same") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  cluster.create_topic(
      "users", {{1, 2, 3}},
      {{"cleanup.policy", "compact,delete"}, {"internal.segment.bytes", "200"}, {"retention.ms", "20000"}});
  for (int i = 0; i < 8; ++i)
    put(cluster, 1, "users", {{"anna", std::to_string(i)}, {"ben", std::to_string(i)}});
  cluster.run_for(seconds(5));
  CHECK(contents(cluster, 1, "users").size() < 16);
  CHECK(all_start_at(cluster, "users", 0));
  cluster.run_for(seconds(30));
  CHECK(all_start_at(cluster, "users", 16));
}

TEST_CASE("A clone in the middle of a pass goes on as the original") {
  ClusterUnderTest cluster(3);
  cluster.wait_until_running();
  cluster.create_topic("users", {{1, 2, 3}},
                       {{"cleanup.policy", "compact"}, {"internal.segment.bytes", "200"}});
  for (int i = 0; i < 8; ++i)
    put(cluster, 1, "users", {{"anna", std::to_string(i)}, {"ben", std::to_string(i)}});
  for (int i = 0; i < 40; ++i) {
    const auto clone = cluster.lab().clone();
    clone->run_for(milliseconds(200));
    cluster.run_for(milliseconds(200));
    REQUIRE(clone->hash() == cluster.lab().hash());
  }
}

// ---- files ------------------------------------------------------------------------------------------------

TEST_CASE("Settings: a segment may not be smaller than a mebibyte, except by internal.segment.bytes") {
  ClusterUnderTest cluster;
  cluster.wait_until_running();
  kafka::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "small";
  topic.num_partitions = 1;
  topic.replication_factor = 1;
  topic.configs.emplace_back().name = "segment.bytes";
  topic.configs.back().value = "1048575";
  auto answer = cluster.ask(1, request, 7).topics.at(0);
  CHECK(answer.error_code == to_int16(ErrorCode::invalid_config));
  topic.configs.back().name = "internal.segment.bytes";
  answer = cluster.ask(1, request, 7).topics.at(0);
  CHECK(answer.error_code == 0);
  const auto has = [&](const std::string& name) {
    return std::any_of(answer.configs->begin(), answer.configs->end(),
                       [&](const auto& config) { return config.name == name; });
  };
  CHECK(has("internal.segment.bytes"));
  CHECK(has("cleanup.policy"));
  topic.name = "usual";
  topic.configs.clear();
  answer = cluster.ask(1, request, 7).topics.at(0);
  CHECK(answer.error_code == 0);
  CHECK_FALSE(has("internal.segment.bytes"));  // shown only where it is set
}
