// Snapshots in the quorum (KIP-630), as stories about replica 1 of three: as the leader it hands one out, as a follower
// it fetches one. The messages are those of golden/wire/inter-broker.jsonl, lines 844 to 846.
#include <doctest/doctest.h>

#include <string>

#include "sim/controller/raft/raft_client.h"
#include "sim/wire/kafka/record_batch.h"
#include "tests/unit/controller/replica_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;
using kafka::ErrorCode;
using kafka::to_int16;

namespace {

using FetchSnapshot = kafka::FetchSnapshotRequest;
using Piece = kafka::FetchSnapshotResponse::PartitionSnapshot;

kafka::MetadataRecord topic_record(const std::string& name, uint64_t id) {
  kafka::TopicRecord record;
  record.name = name;
  record.topic_id = Uuid{5, id};
  return record;
}

FetchSnapshot request_for(const SnapshotId& id, int64_t position, int32_t epoch, int32_t replica = 2,
                          int32_t max_bytes = 1 << 20) {
  FetchSnapshot request;
  request.cluster_id = ReplicaUnderTest::cluster;
  request.replica_id = replica;
  request.max_bytes = max_bytes;
  auto& topic = request.topics.emplace_back();
  topic.name = "__cluster_metadata";
  auto& partition = topic.partitions.emplace_back();
  partition.current_leader_epoch = epoch;
  partition.snapshot_id = {.end_offset = id.end_offset, .epoch = id.epoch};
  partition.position = position;
  return request;
}

Piece ask_for(ReplicaUnderTest& replica, const FetchSnapshot& request) {
  const auto response = replica.ask(2, request, 1);
  REQUIRE(response);
  REQUIRE(response->error_code == 0);
  REQUIRE(response->topics.size() == 1);
  CHECK(response->topics[0].name == "__cluster_metadata");
  return response->topics[0].partitions.at(0);
}

/// Leads in epoch 1 with some committed topics, and has a snapshot of them.
struct LeaderStory {
  LeaderStory() {
    replica.become_leader();
    for (int i = 0; i < 10; ++i) replica.append("topic-" + std::to_string(i));
    replica.fetch(2, 1, replica.raft().log_end_offset(), 1, 0);
    REQUIRE(replica.raft().high_watermark() == 11);
    std::vector<kafka::MetadataRecord> records;
    for (uint64_t i = 0; i < 30; ++i) records.push_back(topic_record("topic-" + std::to_string(i), i));
    REQUIRE(replica.create_snapshot(records));
  }
  SnapshotId id{1, 11};
  ReplicaUnderTest replica;
};

/// The file of a snapshot that a leader sends.
Bytes snapshot_file(const SnapshotId& id, int topics = 40) {
  Snapshot snapshot{.id = id, .last_contained_log_ms = 1000, .records = {}};
  for (int i = 0; i < topics; ++i)
    snapshot.records.push_back(topic_record("from-snapshot-" + std::to_string(i), static_cast<uint64_t>(i)));
  return encode_snapshot(snapshot, 2000);
}

/// Follows voter 2 in epoch 3, which has told it to fetch a snapshot.
struct FollowerStory {
  explicit FollowerStory(bool has_log = false) {
    replica.begin_epoch(2, 3);
    if (has_log) {
      kafka::RecordBatchBuilder builder({.base_offset = 0, .partition_leader_epoch = 1});
      builder.append(0, std::nullopt, kafka::encode_metadata_record(topic_record("old", 9), 0).span());
      replica.wait(milliseconds(1));
      replica.reply_fetch(2, 3, {builder.build()}, 1);
      REQUIRE(replica.raft().log_end_offset() == 1);
    }
    tell_of(id);
  }
  void tell_of(const SnapshotId& snapshot) {
    replica.wait(milliseconds(1));
    kafka::FetchResponse response;
    auto& topic = response.responses.emplace_back();
    topic.topic_id = metadata_topic_id;
    auto& partition = topic.partitions.emplace_back();
    partition.high_watermark = 200;
    partition.current_leader = {.leader_id = 2, .leader_epoch = 3};
    partition.snapshot_id = {.end_offset = snapshot.end_offset, .epoch = snapshot.epoch};
    partition.records.emplace();
    replica.reply(2, response);
  }
  void reply(const Bytes& file, int64_t position, size_t bytes, ErrorCode error = ErrorCode::none) {
    kafka::FetchSnapshotResponse response;
    auto& topic = response.topics.emplace_back();
    topic.name = "__cluster_metadata";
    auto& partition = topic.partitions.emplace_back();
    partition.error_code = to_int16(error);
    partition.current_leader = {.leader_id = 2, .leader_epoch = 3};
    if (error == ErrorCode::none) {
      partition.snapshot_id = {.end_offset = id.end_offset, .epoch = id.epoch};
      partition.size = static_cast<int64_t>(file.size());
      partition.position = position;
      partition.unaligned_records = {file.subview(static_cast<size_t>(position), bytes)};
    }
    replica.reply(2, response);
  }
  int64_t asked_position() {
    const auto asked = replica.asks<FetchSnapshot>(2);
    REQUIRE(asked);
    return asked->topics.at(0).partitions.at(0).position;
  }
  std::vector<std::string> files() {
    std::vector<std::string> snapshots;
    for (const std::string& name : replica.disk().list("__cluster_metadata-0"))
      if (name.find(".checkpoint") != std::string::npos) snapshots.push_back(name);
    return snapshots;
  }

  SnapshotId id{2, 150};
  ReplicaUnderTest replica;
};

}  // namespace

// ---- The leader -------------------------------------------------------------------------------------------

TEST_CASE("raft snapshot: who has an empty log is told of the newest snapshot") {
  LeaderStory story;
  const auto answer = story.replica.fetch(3, 1, 0, 0);
  REQUIRE(answer);
  CHECK(answer->error_code == 0);
  CHECK(answer->high_watermark == 11);
  CHECK(answer->snapshot_id.end_offset == 11);
  CHECK(answer->snapshot_id.epoch == 1);
  CHECK(size_of(*answer->records) == 0);
  const auto later = story.replica.fetch(3, 1, 5, 1);  // the log still has it
  REQUIRE(later);
  CHECK(later->snapshot_id.end_offset == -1);
  CHECK(size_of(*later->records) > 0);
}

TEST_CASE("raft snapshot: it is handed out in pieces of any size, which make the file again") {
  LeaderStory story;
  const std::string path = "__cluster_metadata-0/" + snapshot_name(story.id);
  const Bytes file = *story.replica.disk().read_file(path);
  Slices pieces;
  while (size_of(pieces) < file.size()) {
    const Piece piece =
        ask_for(story.replica, request_for(story.id, static_cast<int64_t>(size_of(pieces)), 1, 3, 333));
    REQUIRE(piece.error_code == 0);
    CHECK(piece.snapshot_id.end_offset == 11);
    CHECK(piece.snapshot_id.epoch == 1);
    CHECK(piece.size == static_cast<int64_t>(file.size()));
    CHECK(piece.position == static_cast<int64_t>(size_of(pieces)));
    CHECK(piece.current_leader.leader_id == 1);
    REQUIRE(size_of(piece.unaligned_records) > 0);
    for (const Slice& slice : piece.unaligned_records) pieces.push_back(slice);
  }
  CHECK(joined(pieces) == file);
}

TEST_CASE(
    "raft snapshot: positions outside, unknown snapshots, other epochs and clusters get Kafka's errors") {
  LeaderStory story;
  const auto error_of = [&](const FetchSnapshot& request) {
    return kafka::error_from(ask_for(story.replica, request).error_code);
  };
  const auto size = static_cast<int64_t>(
      story.replica.disk().read_file("__cluster_metadata-0/" + snapshot_name(story.id))->size());
  CHECK(error_of(request_for(story.id, size, 1)) == ErrorCode::position_out_of_range);
  CHECK(error_of(request_for(story.id, -1, 1)) == ErrorCode::position_out_of_range);
  CHECK(error_of(request_for(story.id, size - 1, 1)) == ErrorCode::none);
  CHECK(error_of(request_for({1, 10}, 0, 1)) == ErrorCode::snapshot_not_found);
  CHECK(error_of(request_for(bootstrap_snapshot, 0, 1)) == ErrorCode::snapshot_not_found);
  CHECK(error_of(request_for(story.id, 0, 0)) == ErrorCode::fenced_leader_epoch);
  CHECK(error_of(request_for(story.id, 0, 2)) == ErrorCode::unknown_leader_epoch);
  FetchSnapshot other_partition = request_for(story.id, 0, 1);
  other_partition.topics[0].partitions[0].partition = 1;
  CHECK(error_of(other_partition) == ErrorCode::unknown_topic_or_partition);

  FetchSnapshot other_cluster = request_for(story.id, 0, 1);
  other_cluster.cluster_id = "another-cluster-id-000";
  CHECK(story.replica.ask(2, other_cluster, 1)->error_code == to_int16(ErrorCode::inconsistent_cluster_id));
  FetchSnapshot nothing = request_for(story.id, 0, 1);
  nothing.topics.clear();
  CHECK(story.replica.ask(2, nothing, 1)->error_code == to_int16(ErrorCode::invalid_request));

  story.replica.begin_epoch(2, 2);
  CHECK(error_of(request_for(story.id, 0, 2)) == ErrorCode::not_leader_or_follower);
}

TEST_CASE("raft snapshot: a leader whose voters only fetch a snapshot does not resign") {
  LeaderStory story;
  for (int i = 0; i < 20; ++i) {
    story.replica.wait(milliseconds(200));
    ask_for(story.replica, request_for(story.id, i, 1, 3, 1));
  }
  CHECK(story.replica.raft().is_leader());
  story.replica.wait(milliseconds(1600));
  CHECK_FALSE(story.replica.raft().is_leader());
}

TEST_CASE("raft snapshot: only of what is committed, and each only once") {
  LeaderStory story;
  CHECK_FALSE(story.replica.create_snapshot({}));
  story.replica.append("one more");
  story.replica.fetch(2, 1, story.replica.raft().log_end_offset(), 1, 0);
  CHECK(story.replica.create_snapshot({}));
}

TEST_CASE(
    "raft snapshot: when log and snapshots are too large, the oldest goes, with the log before the next") {
  LeaderStory story;
  ReplicaUnderTest& replica = story.replica;
  replica.log_config.segment_bytes = 300;
  replica.log_config.max_retention_bytes = 1;
  replica.restart();
  for (const int32_t voter : {2, 3})  // it led when it stopped, so it resigns
    replica.reply(voter, about_quorum<kafka::EndQuorumEpochResponse>({.leader_id = 1, .leader_epoch = 1}));
  replica.become_leader();
  const auto epoch = replica.raft().leader_and_epoch().epoch;
  for (int i = 0; i < 20; ++i) replica.append("later-" + std::to_string(i));
  replica.fetch(2, epoch, replica.raft().log_end_offset(), epoch, 0);
  const int64_t middle = replica.raft().high_watermark();
  REQUIRE(replica.create_snapshot({topic_record("orders", 1)}));
  for (int i = 0; i < 20; ++i) replica.append("latest-" + std::to_string(i));
  replica.fetch(2, epoch, replica.raft().log_end_offset(), epoch, 0);
  for (int i = 0; i < 61; ++i) {  // cleaning comes once a minute; voter 2 goes on fetching
    replica.wait(seconds(1));
    replica.fetch(2, epoch, replica.raft().log_end_offset(), epoch, 0);
  }
  const auto names = replica.disk().list("__cluster_metadata-0");
  const auto count = [&](std::string_view suffix) {
    return std::count_if(names.begin(), names.end(),
                         [&](const auto& name) { return name.ends_with(suffix); });
  };
  CHECK(count(".checkpoint") == 1);
  // Of the log only what the snapshot does not contain is left, but for the segment that holds its end.
  const auto gone = replica.fetch(3, epoch, 5, 1);
  REQUIRE(gone);
  CHECK(gone->log_start_offset == middle);
  CHECK(gone->snapshot_id.end_offset == middle);
  CHECK(gone->snapshot_id.epoch == epoch);
  // The record just below its start is there no more, the one at it is.
  CHECK(replica.fetch(3, epoch, middle - 1, epoch)->snapshot_id.end_offset == middle);
  CHECK(size_of(*replica.fetch(3, epoch, middle, epoch)->records) > 0);
  // A follower whose last record is of an epoch that only the snapshot knows is told of the snapshot too.
  CHECK(replica.fetch(3, epoch, middle, 1)->snapshot_id.end_offset == middle);

  // After a restart the log begins with its first segment, and the snapshot says what came before.
  replica.restart();
  const auto snapshot = replica.raft().snapshot_for(replica.disk(), 0);
  REQUIRE(snapshot.ok());
  REQUIRE(*snapshot);
  CHECK((*snapshot)->id == SnapshotId{epoch, middle});
  CHECK((*snapshot)->records.size() == 1);
}

// ---- The follower -----------------------------------------------------------------------------------------

TEST_CASE("raft snapshot: a follower fetches it piece by piece, installs it and goes on behind it") {
  FollowerStory story;
  const Bytes file = snapshot_file(story.id);
  const auto asked = story.replica.asks<FetchSnapshot>(2);
  REQUIRE(asked);
  CHECK(asked->cluster_id == ReplicaUnderTest::cluster);
  CHECK(asked->replica_id == 1);
  CHECK(asked->max_bytes == 1048576);
  const auto& partition = asked->topics.at(0).partitions.at(0);
  CHECK(partition.current_leader_epoch == 3);
  CHECK(partition.snapshot_id.end_offset == 150);
  CHECK(partition.snapshot_id.epoch == 2);
  CHECK(partition.position == 0);
  CHECK(partition.replica_directory_id == Uuid{7, 7});

  story.reply(file, 0, 1000);
  CHECK(story.asked_position() == 1000);
  CHECK(story.files().empty());
  CHECK(story.replica.raft().log_end_offset() == 0);
  story.reply(file, 1000, file.size() - 1000);
  CHECK(story.files() == std::vector<std::string>{snapshot_name(story.id)});
  CHECK(*story.replica.disk().read_file("__cluster_metadata-0/" + snapshot_name(story.id)) == file);
  CHECK(story.replica.raft().log_end_offset() == 150);
  CHECK(story.replica.raft().high_watermark() == 150);
  const auto fetch = story.replica.asks<kafka::FetchRequest>(2);
  REQUIRE(fetch);
  CHECK(fetch->topics.at(0).partitions.at(0).fetch_offset == 150);
  CHECK(fetch->topics.at(0).partitions.at(0).last_fetched_epoch == 2);

  const auto snapshot = story.replica.raft().snapshot_for(story.replica.disk(), 0);
  REQUIRE(snapshot.ok());
  REQUIRE(*snapshot);
  CHECK((*snapshot)->records.size() == 40);
  // Who has replayed further needs none.
  CHECK_FALSE(*story.replica.raft().snapshot_for(story.replica.disk(), 150));

  story.replica.restart();
  CHECK(story.replica.raft().log_end_offset() == 150);
  story.replica.wait(milliseconds(1));
  const auto again = story.replica.asks<kafka::FetchRequest>(2);
  REQUIRE(again);
  CHECK(again->topics.at(0).partitions.at(0).fetch_offset == 150);
  CHECK(again->topics.at(0).partitions.at(0).last_fetched_epoch == 2);
}

TEST_CASE("raft snapshot: what the follower had of the log is thrown away for it") {
  FollowerStory story(/*has_log=*/true);
  const Bytes file = snapshot_file(story.id);
  story.reply(file, 0, file.size());
  CHECK(story.replica.raft().log_end_offset() == 150);
  CHECK(story.replica.raft().high_watermark() == 150);
  const auto truncations = story.replica.events<event::LogTruncated>();
  REQUIRE(truncations.size() == 1);
  CHECK(truncations[0].from_offset == 1);
  CHECK(truncations[0].to_offset == 150);
  // What it had replayed is replaced: the log does not go on at 1.
  CHECK(*story.replica.raft().snapshot_for(story.replica.disk(), 1));
}

TEST_CASE("raft snapshot: when the leader has it no more, the follower asks what there is now") {
  FollowerStory story;
  const Bytes file = snapshot_file(story.id);
  story.reply(file, 0, 500);
  story.reply(file, 0, 0, ErrorCode::snapshot_not_found);
  CHECK_FALSE(story.replica.asks<FetchSnapshot>(2));
  story.replica.wait(milliseconds(30));
  story.id = {3, 160};
  story.tell_of(story.id);
  CHECK(story.asked_position() == 0);
  const Bytes next = snapshot_file(story.id);
  story.reply(next, 0, next.size());
  CHECK(story.replica.raft().log_end_offset() == 160);
}

TEST_CASE("raft snapshot: pieces that do not fit, or make no snapshot, are not installed") {
  FollowerStory story;
  const Bytes file = snapshot_file(story.id);
  story.reply(file, 500, 100);  // the first piece was asked for
  CHECK_FALSE(story.replica.asks<FetchSnapshot>(2));

  FollowerStory damaged;
  std::string bytes(file.text());
  bytes[200] = static_cast<char>(bytes[200] ^ 1);
  damaged.reply(Bytes::copy_of(bytes), 0, bytes.size());
  CHECK(damaged.files().empty());
  CHECK(damaged.replica.raft().log_end_offset() == 0);
  damaged.replica.wait(milliseconds(30));
  CHECK(damaged.replica.asks<kafka::FetchRequest>(2));
}

TEST_CASE("raft snapshot: a new leader in the middle ends the download") {
  FollowerStory story;
  story.reply(snapshot_file(story.id), 0, 500);
  story.replica.begin_epoch(3, 4);
  CHECK(story.replica.raft().leader_and_epoch() == LeaderAndEpoch{3, 4});
  story.replica.wait(milliseconds(1));
  CHECK(story.replica.asks<kafka::FetchRequest>(3));
  CHECK(story.files().empty());
}

TEST_CASE(
    "raft snapshot: a follower that hears pieces does not start an election; one that hears nothing does") {
  FollowerStory story;
  const Bytes file = snapshot_file(story.id);
  for (int i = 0; i < 10; ++i) {
    story.replica.wait(milliseconds(600));
    // In between it says which versions of kraft.version it knows, as each voter does.
    if (story.replica.asks<kafka::UpdateRaftVoterRequest>(2))
      story.replica.reply(2, kafka::UpdateRaftVoterResponse{});
    story.reply(file, i, 1);
  }
  CHECK(story.replica.raft().role() == QuorumRole::follower);
  story.replica.wait(milliseconds(1100));
  CHECK(story.replica.raft().role() != QuorumRole::follower);
}

TEST_CASE(
    "raft snapshot: stored but not yet begun with, because the node died in between: the next start does") {
  ReplicaUnderTest replica;
  replica.begin_epoch(2, 1);
  kafka::RecordBatchBuilder builder({.base_offset = 0, .partition_leader_epoch = 1});
  builder.append(0, std::nullopt, kafka::encode_metadata_record(topic_record("old", 9), 0).span());
  replica.wait(milliseconds(1));
  replica.reply_fetch(2, 1, {builder.build()}, 1);
  const SnapshotId id{2, 150};
  const std::string folder = "__cluster_metadata-0/";
  REQUIRE(
      replica.disk().replace_file(folder + snapshot_name(id), snapshot_file(id), Durability::synced).ok());
  // What was never finished goes.
  REQUIRE(replica.disk()
              .replace_file(folder + "00000000000000000170-0000000002-77.checkpoint.part", snapshot_file(id),
                            Durability::cached)
              .ok());
  replica.restart();
  CHECK(replica.raft().log_end_offset() == 150);
  CHECK_FALSE(replica.disk().exists(folder + "00000000000000000170-0000000002-77.checkpoint.part"));
  CHECK((*replica.raft().snapshot_for(replica.disk(), 0))->records.size() == 40);
}
