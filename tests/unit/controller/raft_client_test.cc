// The rules of the quorum, as stories about replica 1 of three (of five where it says so).
#include "sim/controller/raft/raft_client.h"

#include <doctest/doctest.h>

#include <string>

#include "sim/wire/kafka/record_batch.h"
#include "tests/unit/controller/replica_under_test.h"

using namespace brokerlab;
using namespace brokerlab::test;
using kafka::ErrorCode;
using kafka::to_int16;

namespace {

using Topics = std::vector<std::string>;

/// A record batch as a leader of `epoch` would send it, at `offset`.
Slices batch_of(const Topics& names, int64_t offset, int32_t epoch) {
  kafka::RecordBatchBuilder builder({.base_offset = offset, .partition_leader_epoch = epoch});
  uint64_t id = 1;
  for (const std::string& name : names) {
    kafka::TopicRecord record;
    record.name = name;
    record.topic_id = Uuid{9, static_cast<uint64_t>(offset) * 100 + id++};
    builder.append(0, std::nullopt, kafka::encode_metadata_record(record, 0).span());
  }
  return {builder.build()};
}

}  // namespace

TEST_CASE("raft: a first start is unattached in epoch 0 and looks for a leader") {
  ReplicaUnderTest replica;
  CHECK(replica.raft().role() == QuorumRole::unattached);
  CHECK(replica.raft().leader_and_epoch() == LeaderAndEpoch{nobody, 0});
  const bool fetches = replica.asks<kafka::FetchRequest>(2) || replica.asks<kafka::FetchRequest>(3);
  CHECK(fetches);
}

TEST_CASE("raft: an election asks first, then votes, then leads and writes LeaderChange") {
  ReplicaUnderTest replica;
  replica.run_into_prospective();
  const auto pre_vote = replica.asks<kafka::VoteRequest>(2);
  REQUIRE(pre_vote);
  CHECK(pre_vote->topics[0].partitions[0].pre_vote);
  CHECK(pre_vote->topics[0].partitions[0].replica_epoch == 0);  // unchanged
  CHECK(replica.raft().leader_and_epoch().epoch == 0);

  replica.reply_vote(2, true, 0);
  CHECK(replica.raft().role() == QuorumRole::candidate);
  const auto vote = replica.asks<kafka::VoteRequest>(2);
  REQUIRE(vote);
  CHECK_FALSE(vote->topics[0].partitions[0].pre_vote);
  CHECK(vote->topics[0].partitions[0].replica_epoch == 1);

  replica.reply_vote(2, true, 1);
  CHECK(replica.raft().is_leader());
  CHECK(replica.raft().leader_and_epoch() == LeaderAndEpoch{1, 1});
  CHECK(replica.raft().epoch_start_offset() == 0);
  CHECK(replica.raft().log_end_offset() == 1);
  const auto begin = replica.asks<kafka::BeginQuorumEpochRequest>(2);
  REQUIRE(begin);
  CHECK(begin->topics[0].partitions[0].leader_epoch == 1);
  const auto roles = replica.events<event::QuorumRoleChanged>();
  CHECK(roles.back().role == "leader");
  const auto votes = replica.events<event::VoteReceived>();
  REQUIRE(votes.size() == 2);
  CHECK(votes[1].votes == 2);
  CHECK(votes[1].needed == 2);
}

TEST_CASE("raft: a replica that nobody wants to vote for does not raise the epoch") {
  ReplicaUnderTest replica;
  replica.run_into_prospective();
  replica.reply_vote(2, false, 0);
  CHECK(replica.raft().role() == QuorumRole::prospective);  // voter 3 could still make a majority
  for (int round = 0; round < 50; ++round) {
    replica.wait(milliseconds(100));
    while (replica.asks<kafka::VoteRequest>(2)) replica.reply_vote(2, false, 0);
    while (replica.asks<kafka::VoteRequest>(3)) replica.reply_vote(3, false, 0);
  }
  CHECK(replica.raft().leader_and_epoch().epoch == 0);
}

TEST_CASE("raft: a vote is on the disk before it is sent, and given once an epoch") {
  ReplicaUnderTest replica;
  CHECK(replica.vote(2, 1, 0, 0, false).vote_granted);
  const std::string stored(replica.disk().read_file("__cluster_metadata-0/quorum-state")->text());
  CHECK(stored == R"({"clusterId":"","leaderId":-1,"leaderEpoch":1,"votedId":2,"appliedOffset":0,)"
                  R"("currentVoters":[{"voterId":1},{"voterId":2},{"voterId":3}],"data_version":0})");
  CHECK_FALSE(replica.vote(3, 1, 5, 0, false).vote_granted);
  CHECK(replica.vote(2, 1, 0, 0, false).vote_granted);  // the same candidate asks again
}

TEST_CASE("raft: a vote survives a restart") {
  ReplicaUnderTest replica;
  CHECK(replica.vote(2, 1, 0, 0, false).vote_granted);
  replica.restart();
  CHECK(replica.raft().role() == QuorumRole::voted);
  CHECK_FALSE(replica.vote(3, 1, 0, 0, false).vote_granted);
  CHECK(replica.vote(2, 1, 0, 0, false).vote_granted);
}

TEST_CASE("raft: a candidate with a shorter log gets no vote, one with a later epoch does") {
  ReplicaUnderTest replica;
  replica.become_leader();  // epoch 1, its log holds LeaderChange
  replica.append("orders");
  CHECK_FALSE(replica.vote(2, 2, 1, 1, false).vote_granted);
  CHECK(replica.raft().leader_and_epoch() == LeaderAndEpoch{nobody, 2});  // but its epoch counts
  CHECK_FALSE(replica.vote(2, 3, 5, 0, false).vote_granted);              // longer, but from an older epoch
  CHECK(replica.vote(3, 4, 1, 2, false).vote_granted);                    // shorter, but from a later epoch
}

TEST_CASE(
    "raft: a follower that hears from its leader refuses a pre-vote; one that has not fetched yet grants "
    "it") {
  ReplicaUnderTest replica;
  replica.begin_epoch(2, 1);
  CHECK(replica.raft().role() == QuorumRole::follower);
  CHECK(replica.vote(3, 1, 0, 0, true).vote_granted);
  replica.wait(milliseconds(1));
  replica.reply_fetch(2, 1, {}, -1);
  CHECK_FALSE(replica.vote(3, 1, 0, 0, true).vote_granted);
  CHECK(replica.raft().role() == QuorumRole::follower);
}

TEST_CASE("raft: a leader refuses votes, a prospective replica grants pre-votes and keeps its role") {
  ReplicaUnderTest replica;
  replica.run_into_prospective();
  CHECK(replica.vote(3, 0, 0, 0, true).vote_granted);
  CHECK(replica.raft().role() == QuorumRole::prospective);
  replica.reply_vote(2, true, 0);
  replica.reply_vote(2, true, 1);
  REQUIRE(replica.raft().is_leader());
  CHECK_FALSE(replica.vote(3, 1, 5, 1, true).vote_granted);
}

TEST_CASE("raft: requests of an old epoch are fenced and told the new one") {
  ReplicaUnderTest replica;
  replica.begin_epoch(2, 3);
  const auto old_vote = replica.vote(3, 2, 9, 1, false);
  CHECK(old_vote.error_code == to_int16(ErrorCode::fenced_leader_epoch));
  CHECK(old_vote.leader_id == 2);
  CHECK(old_vote.leader_epoch == 3);
  CHECK(replica.begin_epoch(3, 1).error_code == to_int16(ErrorCode::fenced_leader_epoch));
  const auto fetch = replica.fetch(3, 2, 0, 0);
  REQUIRE(fetch);
  CHECK(fetch->error_code == to_int16(ErrorCode::fenced_leader_epoch));
  CHECK(fetch->current_leader.leader_epoch == 3);
}

TEST_CASE("raft: a fetch of a later epoch is unknown, one at a follower names the leader") {
  ReplicaUnderTest replica;
  replica.begin_epoch(2, 3);
  CHECK(replica.fetch(3, 4, 0, 0)->error_code == to_int16(ErrorCode::unknown_leader_epoch));
  const auto fetch = replica.fetch(3, 3, 0, 0);
  CHECK(fetch->error_code == to_int16(ErrorCode::not_leader_or_follower));
  CHECK(fetch->current_leader.leader_id == 2);
}

TEST_CASE("raft: another cluster's requests are refused") {
  ReplicaUnderTest replica;
  auto vote = about_quorum<kafka::VoteRequest>({.replica_epoch = 1, .replica_id = 2});
  vote.cluster_id = "AAAAAAAAAAAAAAAAAAAAAQ";
  vote.voter_id = 1;
  const auto answer = replica.ask(2, vote, 2);
  REQUIRE(answer);
  CHECK(answer->error_code == to_int16(ErrorCode::inconsistent_cluster_id));
  CHECK(answer->topics.empty());
  auto fetch = replica.fetch_request(2, 0, 0, 0);
  fetch.cluster_id = "AAAAAAAAAAAAAAAAAAAAAQ";
  CHECK(replica.ask(2, fetch, 18)->error_code == to_int16(ErrorCode::inconsistent_cluster_id));
  CHECK(replica.raft().leader_and_epoch().epoch == 0);
}

TEST_CASE("raft: the leader's own entries count only once they are flushed") {
  ReplicaUnderTest replica;
  replica.flushes_by_itself = false;
  replica.become_leader();
  replica.fetch(2, 1, 1, 1);  // voter 2 has LeaderChange on its disk
  CHECK(replica.raft().high_watermark() == 0);
  replica.finish_flushes();
  CHECK(replica.raft().high_watermark() == 1);
}

TEST_CASE("raft: a follower acknowledges only what it has flushed: its next fetch waits for the disk") {
  ReplicaUnderTest replica;
  replica.begin_epoch(2, 1);
  replica.flushes_by_itself = false;
  replica.reply_fetch(2, 1, batch_of({"orders"}, 0, 1), -1);
  CHECK(replica.raft().log_end_offset() == 1);
  CHECK_FALSE(replica.asks<kafka::FetchRequest>(2));
  replica.finish_flushes();
  const auto fetch = replica.asks<kafka::FetchRequest>(2);
  REQUIRE(fetch);
  CHECK(fetch->topics[0].partitions[0].fetch_offset == 1);
  CHECK(fetch->topics[0].partitions[0].last_fetched_epoch == 1);
}

TEST_CASE("raft: a majority commits, and a fetch that waits learns of it") {
  ReplicaUnderTest replica;
  replica.become_leader();
  CHECK(size_of(*replica.fetch(2, 1, 0, 0)->records) > 0);
  CHECK(replica.raft().high_watermark() == 0);
  // The fetch is the acknowledgement; the commit is news for who knew a lower high watermark (KIP-1166).
  CHECK(replica.fetch(2, 1, 1, 1, 500, -1)->high_watermark == 1);
  CHECK(replica.raft().high_watermark() == 1);

  replica.flushes_by_itself = false;
  replica.append("orders");
  CHECK(size_of(*replica.fetch(2, 1, 1, 1, 500, 1)->records) > 0);
  CHECK_FALSE(replica.fetch(2, 1, 2, 1, 500, 1));  // 2 has it; the leader's own disk does not yet
  CHECK(replica.committed_topics().empty());
  replica.finish_flushes();
  CHECK(replica.committed_topics() == Topics{"orders"});
  const auto waited = replica.fetch_answer(2);
  REQUIRE(waited);
  CHECK(waited->high_watermark == 2);
}

TEST_CASE("raft: a long poll ends empty after its wait, or with what was appended meanwhile") {
  ReplicaUnderTest replica;
  replica.become_leader();
  replica.fetch(3, 1, 1, 1, 0);
  CHECK_FALSE(replica.fetch(2, 1, 1, 1, 500, 1));
  replica.wait(milliseconds(499));
  CHECK_FALSE(replica.fetch_answer(2));
  replica.wait(milliseconds(1));
  const auto empty = replica.fetch_answer(2);
  REQUIRE(empty);
  CHECK(size_of(*empty->records) == 0);
  CHECK_FALSE(replica.fetch(2, 1, 1, 1, 500, 1));
  replica.append("orders");
  const auto records = replica.fetch_answer(2);
  REQUIRE(records);
  CHECK(size_of(*records->records) > 0);
}

TEST_CASE(
    "raft: entries of an earlier epoch are committed only together with one of the leader's own (figure 8)") {
  // Five voters. Replica 1 led epoch 1 and wrote an entry that reached only voter 2.
  ReplicaUnderTest replica(5);
  replica.become_leader();
  replica.append("old");
  replica.fetch(2, 1, 2, 1, 0);
  CHECK(replica.raft().high_watermark() == 0);
  // Voter 5 leads epoch 2 without having it; then replica 1 leads again, in epoch 3.
  replica.begin_epoch(5, 2);
  replica.wait(ReplicaUnderTest::fetch_timeout);
  REQUIRE(replica.raft().role() == QuorumRole::prospective);
  replica.reply_vote(2, true, 2);
  replica.reply_vote(3, true, 2);
  replica.reply_vote(2, true, 3);
  replica.reply_vote(3, true, 3);
  REQUIRE(replica.raft().is_leader());
  REQUIRE(replica.raft().epoch_start_offset() == 2);
  // The old entry is now on a majority (1, 2, 3), but voter 5 could still be elected and remove it.
  replica.fetch(2, 3, 2, 1, 0);
  replica.fetch(3, 3, 2, 1, 0);
  CHECK(replica.raft().high_watermark() == 0);
  CHECK(replica.committed_topics().empty());
  // With LeaderChange of epoch 3 on a majority it cannot any more.
  replica.fetch(2, 3, 3, 3, 0);
  replica.fetch(3, 3, 3, 3, 0);
  CHECK(replica.raft().high_watermark() == 3);
  CHECK(replica.committed_topics() == Topics{"old"});
}

TEST_CASE("raft: a leader tells a replica where its log diverges") {
  ReplicaUnderTest replica;
  replica.begin_epoch(2, 6);
  replica.reply_fetch(2, 6, batch_of({"a", "b"}, 0, 6), 2);
  replica.wait(ReplicaUnderTest::fetch_timeout);
  replica.reply_vote(3, true, 6);
  replica.reply_vote(3, true, 7);
  REQUIRE(replica.raft().is_leader());
  // As recorded: the old leader comes back with more of epoch 6 than was committed.
  const auto answer = replica.fetch(2, 7, 163, 6);
  REQUIRE(answer);
  CHECK(answer->error_code == 0);
  CHECK(answer->diverging_epoch.epoch == 6);
  CHECK(answer->diverging_epoch.end_offset == 2);
  CHECK(size_of(*answer->records) == 0);
}

TEST_CASE("raft: a follower cuts what its leader does not have, and fetches again from there") {
  ReplicaUnderTest replica;
  replica.become_leader();
  replica.append("lost");
  replica.append("lost-too");
  replica.begin_epoch(2, 2);
  // The leader has only LeaderChange of epoch 1.
  replica.reply_fetch(2, 2, {}, -1, {1, 1});
  CHECK(replica.raft().log_end_offset() == 1);
  const auto truncated = replica.events<event::LogTruncated>();
  REQUIRE(truncated.size() == 1);
  CHECK(truncated[0].from_offset == 3);
  CHECK(truncated[0].to_offset == 1);
  const auto fetch = replica.asks<kafka::FetchRequest>(2);
  REQUIRE(fetch);
  CHECK(fetch->topics[0].partitions[0].fetch_offset == 1);
  replica.reply_fetch(2, 2, batch_of({"kept"}, 1, 2), 2);
  CHECK(replica.committed_topics() == Topics{"kept"});
}

TEST_CASE("raft: records that do not fit the log are not taken") {
  ReplicaUnderTest replica;
  replica.begin_epoch(2, 1);
  replica.reply_fetch(2, 1, batch_of({"later"}, 7, 1), 8);
  CHECK(replica.raft().log_end_offset() == 0);
  CHECK(replica.raft().role() == QuorumRole::follower);
}

TEST_CASE("raft: a leader without fetches of a majority resigns after one and a half fetch timeouts") {
  ReplicaUnderTest replica;
  replica.become_leader();
  replica.wait(milliseconds(1400));
  CHECK(replica.raft().is_leader());
  replica.fetch(3, 1, 1, 1, 0);  // with itself that is a majority
  replica.wait(milliseconds(1400));
  CHECK(replica.raft().is_leader());
  replica.wait(milliseconds(100));
  CHECK(replica.raft().role() == QuorumRole::resigned);
  CHECK_FALSE(replica.append("too late"));
  // It stays out of the way for an election timeout, then starts over in the next epoch.
  replica.wait(ReplicaUnderTest::election_timeout * 2);
  CHECK(replica.raft().leader_and_epoch().epoch >= 2);
}

TEST_CASE("raft: a resigned leader answers the fetches that wait, and grants pre-votes") {
  ReplicaUnderTest replica;
  replica.become_leader();
  replica.fetch(3, 1, 1, 1, 0);
  CHECK_FALSE(replica.fetch(2, 1, 1, 1, 500, 1));
  replica.shut_down();
  CHECK(replica.raft().role() == QuorumRole::resigned);
  CHECK(replica.fetch_answer(2)->error_code == to_int16(ErrorCode::not_leader_or_follower));
  CHECK(replica.vote(2, 1, 1, 1, true).vote_granted);
  CHECK_FALSE(replica.raft().is_shut_down(replica.now));
  replica.begin_epoch(2, 2);
  CHECK(replica.raft().is_shut_down(replica.now));
}

TEST_CASE("raft: EndQuorumEpoch names successors by how complete their logs are; the first stands at once") {
  ReplicaUnderTest leader;
  leader.become_leader();
  leader.append("a");
  leader.fetch(2, 1, 1, 1, 0);
  leader.fetch(3, 1, 2, 1, 0);
  leader.shut_down();
  const auto end = leader.asks<kafka::EndQuorumEpochRequest>(2);
  REQUIRE(end);
  const auto& candidates = end->topics[0].partitions[0].preferred_candidates;
  REQUIRE(candidates.size() == 2);
  CHECK(candidates[0].candidate_id == 3);
  CHECK(candidates[1].candidate_id == 2);

  const auto end_to_one = [](std::vector<int32_t> successors) {
    kafka::EndQuorumEpochRequest::PartitionData partition{.leader_id = 2, .leader_epoch = 1};
    for (const int32_t id : successors) partition.preferred_candidates.push_back({.candidate_id = id});
    auto request = about_quorum<kafka::EndQuorumEpochRequest>(std::move(partition));
    request.cluster_id = ReplicaUnderTest::cluster;
    return request;
  };
  ReplicaUnderTest first;
  first.begin_epoch(2, 1);
  CHECK(first.ask(2, end_to_one({1, 3}), 1)->topics[0].partitions[0].error_code == 0);
  CHECK(first.raft().role() == QuorumRole::prospective);
  ReplicaUnderTest second;
  second.begin_epoch(2, 1);
  second.ask(2, end_to_one({3, 1}), 1);
  CHECK(second.raft().role() == QuorumRole::follower);
  second.wait(milliseconds(100));  // controller.quorum.election.backoff.max.ms
  CHECK(second.raft().role() == QuorumRole::prospective);
  // However long a list comes in, the wait stays a time: nearly none here, at its end the longest backoff.
  std::vector<int32_t> many(200, 3);
  many[1] = 1;
  ReplicaUnderTest early;
  early.begin_epoch(2, 1);
  early.ask(2, end_to_one(many), 1);
  early.wait(milliseconds(1));
  CHECK(early.raft().role() == QuorumRole::prospective);
}

TEST_CASE("raft: a leader that restarts does not go on in its epoch") {
  ReplicaUnderTest replica;
  replica.become_leader();
  replica.append("before");
  replica.restart();
  CHECK(replica.raft().role() == QuorumRole::resigned);
  CHECK(replica.raft().log_end_offset() == 2);
  CHECK(replica.raft().high_watermark() == 0);
  CHECK_FALSE(replica.append("after"));
}

TEST_CASE("raft: the log of a restarted replica counts once it is flushed again") {
  ReplicaUnderTest replica;
  replica.begin_epoch(2, 1);
  replica.reply_fetch(2, 1, batch_of({"orders"}, 0, 1), -1);
  replica.restart();
  CHECK(replica.raft().role() == QuorumRole::follower);
  CHECK(replica.raft().leader_and_epoch() == LeaderAndEpoch{2, 1});
  const auto fetch = replica.asks<kafka::FetchRequest>(2);
  REQUIRE(fetch);
  CHECK(fetch->topics[0].partitions[0].fetch_offset == 1);
}

TEST_CASE("raft: a follower that cannot reach its leader asks around, and stands after the fetch timeout") {
  ReplicaUnderTest replica;
  replica.begin_epoch(2, 1);
  replica.disconnect(2);
  const auto around = replica.asks<kafka::FetchRequest>(3);
  CHECK(around);
  replica.wait(milliseconds(990));
  CHECK(replica.raft().role() == QuorumRole::follower);
  replica.wait(milliseconds(20));
  CHECK(replica.raft().role() == QuorumRole::prospective);
  CHECK(replica.raft().leader_and_epoch() == LeaderAndEpoch{2, 1});
}

TEST_CASE("raft: a replica whose disk has the last epoch ends with an error instead of beginning another") {
  SimulatedDisk disk;
  REQUIRE(write_quorum_state(disk, quorum_state_path, {.epoch = INT32_MAX}, std::vector<int32_t>{1}).ok());
  RaftConfig config;
  config.node_id = 1;
  config.voters[1] = {"kafka1", 29093};
  config.election_timeout = config.fetch_timeout = config.election_backoff_max = milliseconds(100);
  RaftClient raft(config, Random(1));
  const Now now{Instant{} + seconds(1), 1'795'248'682'000};
  Effects effects(NodeId{1}, now.monotonic, 1, {}, &disk);
  RequestChannel channel("CONTROLLER");
  OutgoingConnectionIds ids(1);
  NodeStep step{now, effects, channel, ids};
  raft.start(step);
  CHECK(raft.status().message == "the epoch of the quorum cannot grow any more");
  CHECK_FALSE(raft.is_leader());
}

TEST_CASE("raft: with one voter it leads by itself, and commits when its disk has it") {
  ReplicaUnderTest replica(1);
  CHECK(replica.raft().is_leader());
  replica.append("alone");
  replica.finish_flushes();
  CHECK(replica.committed_topics() == Topics{"alone"});
}

TEST_CASE("raft: DescribeQuorum shows who is how far, and when it was last caught up") {
  ReplicaUnderTest replica;
  replica.become_leader();
  replica.fetch(2, 1, 1, 1, 0);
  const int64_t caught_up_ms = replica.now.wall_ms;
  replica.wait(milliseconds(10));
  replica.append("orders");
  replica.fetch(2, 1, 1, 1, 0);  // behind now, but it had everything when it asked the last time
  const int64_t fetched_ms = replica.now.wall_ms;
  const auto response = replica.raft().describe_quorum(
      replica.now, about_quorum<kafka::DescribeQuorumRequest>(kafka::DescribeQuorumRequest::PartitionData{}));
  const auto& partition = response.topics.at(0).partitions.at(0);
  CHECK(partition.leader_id == 1);
  CHECK(partition.leader_epoch == 1);
  CHECK(partition.high_watermark == 1);
  REQUIRE(partition.current_voters.size() == 3);
  CHECK(partition.current_voters[0].log_end_offset == 2);
  CHECK(partition.current_voters[0].last_fetch_timestamp == replica.now.wall_ms);
  CHECK(partition.current_voters[1].log_end_offset == 1);
  CHECK(partition.current_voters[1].last_fetch_timestamp == fetched_ms);
  CHECK(partition.current_voters[1].last_caught_up_timestamp == caught_up_ms);
  CHECK(partition.current_voters[2].log_end_offset == -1);
  CHECK(partition.current_voters[2].last_fetch_timestamp == -1);
  CHECK(response.nodes.size() == 3);

  replica.begin_epoch(2, 2);
  CHECK(replica.raft()
            .describe_quorum(replica.now, about_quorum<kafka::DescribeQuorumRequest>(
                                              kafka::DescribeQuorumRequest::PartitionData{}))
            .topics[0]
            .partitions[0]
            .error_code == to_int16(ErrorCode::not_leader_or_follower));
}

TEST_CASE("raft: the LeaderChange batch is the recorded one, but for times and CRC") {
  // golden/logs/clean: offset 0 was written by node 2, with the votes of 1 and 2.
  ReplicaUnderTest replica;
  replica.become_leader();
  const auto answer = replica.fetch(3, 1, 0, 0);
  REQUIRE(answer->records);
  const Bytes bytes = flat(*answer->records);
  CHECK(bytes.size() == 106);
  kafka::BatchReader reader(bytes);
  const auto batch = reader.next();
  REQUIRE(batch);
  CHECK(batch->header.is_control());
  CHECK(batch->header.partition_leader_epoch == 1);
  CHECK(batch->header.producer_id == -1);
  kafka::RecordReader records(*batch);
  kafka::Record record;
  REQUIRE(records.next(record));
  const auto message = kafka::decode<kafka::LeaderChangeMessage>(*record.value, 0);
  REQUIRE(message.ok());
  CHECK(kafka::to_json(*message, 0) ==
        R"({"version":0,"leaderId":1,"voters":[{"voterId":1},{"voterId":2},{"voterId":3}],)"
        R"("grantingVoters":[{"voterId":1},{"voterId":2}]})");
}
