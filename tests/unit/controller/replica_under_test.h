// One replica of the quorum, and the test in the place of all others: it sends them their requests' answers,
// asks the replica, finishes its flushes, lets time pass.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/controller/raft/raft_client.h"
#include "sim/controller/raft/raft_messages.h"
#include "sim/storage/simulated_disk.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/frame.h"

namespace brokerlab::test {

inline Bytes flat(const Slices& slices) {
  std::string all;
  for (const Slice& slice : slices) all += std::get<Bytes>(slice).text();
  return Bytes::copy_of(std::string_view(all));
}

/// A request of the replica that waits for the test's answer.
struct Asked {
  int32_t voter = -1;
  ConnectionId connection;
  kafka::RequestHeader header;
  Bytes body;
};

class ReplicaUnderTest {
 public:
  static constexpr Duration election_timeout = milliseconds(100);
  static constexpr Duration fetch_timeout = milliseconds(1000);
  static constexpr const char* cluster = "MkU3OEVBNTcwNTJENDM2Qk";

  /// Node 1 of `voters` (1, 2, 3 ...). It keeps its disk over `restart`.
  explicit ReplicaUnderTest(int32_t voters = 3, uint64_t seed = 1) : voters_(voters), seed_(seed) {
    restart();
  }
  virtual ~ReplicaUnderTest() = default;

  void restart() {
    ++incarnation_;
    disk_.close_all();
    channel_.emplace("CONTROLLER");
    ids_.emplace(incarnation_);
    asked_.clear();
    peers_.clear();
    flushes_.clear();
    timers_.clear();
    answers_.clear();
    RaftConfig config;
    config.node_id = 1;
    config.cluster_id = cluster;
    config.directory_id = Uuid{7, 7};
    for (int32_t id = 1; id <= voters_; ++id) config.voters[id] = address_of(id);
    config.election_timeout = election_timeout;
    config.fetch_timeout = fetch_timeout;
    config.election_backoff_max = milliseconds(100);
    config.log = log_config;
    raft_.emplace(config, Random(seed_ + incarnation_));
    call([&](NodeStep& step) { raft_->start(step); });
    finish_flushes();
  }

  /// Of the next start.
  MetadataLogConfig log_config;

  RaftClient& raft() { return *raft_; }
  Now now{Instant{} + seconds(1), 1'795'248'682'000};

  // ---- Others ask ---------------------------------------------------------------------------------------

  /// Sends a request of a voter; its answer, when there is one at once.
  template <class M>
  std::optional<typename M::Response> ask(int32_t voter, const M& request, int16_t version) {
    const ConnectionId connection = incoming(voter);
    const int32_t correlation = next_correlation_++;
    const Bytes frame = flat(kafka::request_frame(request, version, correlation, "raft-client")).subview(4);
    input({input::Frames{connection, {frame}}});
    return answer<typename M::Response>(voter, M::api_key, version);
  }
  /// An answer that has come meanwhile.
  template <class Response>
  std::optional<Response> answer(int32_t voter, int16_t api_key, int16_t version) {
    auto& queue = answers_[incoming(voter)];
    if (queue.empty()) return std::nullopt;
    Bytes body;
    REQUIRE(kafka::decode_response_header(queue.front(), api_key, version, body).ok());
    queue.pop_front();
    Result<Response> response = kafka::decode<Response>(body, version);
    REQUIRE(response.ok());
    return std::move(*response);
  }

  kafka::VoteResponse::PartitionData vote(int32_t candidate, int32_t epoch, int64_t last_offset,
                                          int32_t last_epoch, bool pre_vote) {
    auto request = about_quorum<kafka::VoteRequest>({.replica_epoch = epoch,
                                                     .replica_id = candidate,
                                                     .last_offset_epoch = last_epoch,
                                                     .last_offset = last_offset,
                                                     .pre_vote = pre_vote});
    request.cluster_id = cluster;
    request.voter_id = 1;
    const auto response = ask(candidate, request, 2);
    REQUIRE(response);
    REQUIRE(response->error_code == 0);
    return response->topics.at(0).partitions.at(0);
  }
  kafka::BeginQuorumEpochResponse::PartitionData begin_epoch(int32_t leader, int32_t epoch) {
    auto request = about_quorum<kafka::BeginQuorumEpochRequest>({.leader_id = leader, .leader_epoch = epoch});
    request.cluster_id = cluster;
    request.voter_id = 1;
    const auto response = ask(leader, request, 1);
    REQUIRE(response);
    return response->topics.at(0).partitions.at(0);
  }
  kafka::FetchRequest fetch_request(int32_t replica, int32_t epoch, int64_t offset, int32_t last_epoch,
                                    int32_t max_wait_ms = 500, int64_t high_watermark = -1) const {
    kafka::FetchRequest request;
    request.cluster_id = cluster;
    request.replica_state.replica_id = replica;
    request.max_wait_ms = max_wait_ms;
    request.max_bytes = 1 << 20;
    auto& topic = request.topics.emplace_back();
    topic.topic_id = metadata_topic_id;
    topic.partitions.push_back({.current_leader_epoch = epoch,
                                .fetch_offset = offset,
                                .last_fetched_epoch = last_epoch,
                                .high_watermark = high_watermark});
    return request;
  }
  std::optional<kafka::FetchResponse::PartitionData> fetch(int32_t replica, int32_t epoch, int64_t offset,
                                                           int32_t last_epoch, int32_t max_wait_ms = 500,
                                                           int64_t high_watermark = -1) {
    return partition_of(
        ask(replica, fetch_request(replica, epoch, offset, last_epoch, max_wait_ms, high_watermark), 18));
  }
  std::optional<kafka::FetchResponse::PartitionData> fetch_answer(int32_t replica) {
    return partition_of(answer<kafka::FetchResponse>(replica, kafka::FetchRequest::api_key, 18));
  }

  // ---- The replica asks -----------------------------------------------------------------------------------

  /// The oldest request to a voter of this kind that was not answered yet.
  template <class M>
  std::optional<M> asks(int32_t voter) {
    for (const Asked& asked : asked_) {
      if (asked.voter != voter || asked.header.api_key != M::api_key) continue;
      Result<M> message = kafka::decode<M>(asked.body, asked.header.api_version);
      REQUIRE(message.ok());
      return std::move(*message);
    }
    return std::nullopt;
  }
  template <class Response>
  void reply(int32_t voter, const Response& response) {
    for (auto asked = asked_.begin(); asked != asked_.end(); ++asked) {
      if (asked->voter != voter || asked->header.api_key != Response::api_key) continue;
      const Asked request = *asked;
      asked_.erase(asked);
      const Slices frame =
          kafka::response_frame(response, request.header.api_version, request.header.correlation_id);
      input({input::Frames{request.connection, {flat(frame).subview(4)}}});
      return;
    }
    std::string open;
    for (const Asked& asked : asked_) {
      open += " " + std::to_string(asked.voter) + ":" + std::to_string(asked.header.api_key);
    }
    FAIL("the replica has not asked voter " << voter << " that; it is " << to_string(raft_->role())
                                            << " and waits for" << open);
  }
  void reply_vote(int32_t voter, bool granted, int32_t epoch, int32_t leader = nobody) {
    reply(voter, about_quorum<kafka::VoteResponse>(
                     {.leader_id = leader, .leader_epoch = epoch, .vote_granted = granted}));
  }
  void reply_fetch(int32_t leader, int32_t epoch, const Slices& records, int64_t high_watermark,
                   EpochEndOffset diverging = {}) {
    kafka::FetchResponse response;
    auto& topic = response.responses.emplace_back();
    topic.topic_id = metadata_topic_id;
    auto& partition = topic.partitions.emplace_back();
    partition.high_watermark = high_watermark;
    partition.current_leader = {.leader_id = leader, .leader_epoch = epoch};
    partition.diverging_epoch = {.epoch = diverging.epoch, .end_offset = diverging.end_offset};
    partition.records = records;
    reply(leader, response);
  }
  /// The voter cannot be reached: its connections break.
  void disconnect(int32_t voter) {
    for (auto peer = peers_.begin(); peer != peers_.end(); ++peer) {
      if (peer->second != voter) continue;
      const ConnectionId connection = peer->first;
      peers_.erase(peer);
      std::erase_if(asked_, [&](const Asked& asked) { return asked.connection == connection; });
      input({input::ConnectionClosed{connection, "reset"}});
      return;
    }
  }

  // ---- Time and disk
  // ----------------------------------------------------------------------------------------

  bool flushes_by_itself = true;
  void finish_flushes() {
    while (!flushes_.empty()) {
      const Effects::Flush flush = flushes_.front();
      flushes_.pop_front();
      input({input::DiskDone{flush.token, disk_.sync(flush.file)}});
    }
  }
  size_t flushes_under_way() const { return flushes_.size(); }

  /// Lets time pass; timers that become due fire.
  void wait(Duration duration) {
    const Instant until = now.monotonic + duration;
    while (true) {
      auto due = timers_.end();
      for (auto timer = timers_.begin(); timer != timers_.end(); ++timer) {
        if (timer->second <= until && (due == timers_.end() || timer->second < due->second)) due = timer;
      }
      if (due == timers_.end()) break;
      const TimerKey key = due->first;
      advance_to(std::max(now.monotonic, due->second));
      timers_.erase(due);
      input({input::TimerFired{key}});
    }
    advance_to(until);
  }

  /// All who were asked for records do not lead and do not know who does.
  void refuse_fetches() {
    for (int32_t voter = 2; voter <= voters_; ++voter) {
      if (!asks<kafka::FetchRequest>(voter)) continue;
      kafka::FetchResponse response;
      auto& partition = response.responses.emplace_back().partitions.emplace_back();
      partition.error_code = kafka::to_int16(kafka::ErrorCode::not_leader_or_follower);
      partition.current_leader = {.leader_id = nobody, .leader_epoch = raft_->leader_and_epoch().epoch};
      partition.records.emplace();
      reply(voter, response);
    }
  }
  /// Waits until it stands for election.
  void run_into_prospective() {
    for (int round = 0; round < 200 && raft_->role() != QuorumRole::prospective; ++round) {
      refuse_fetches();
      wait(milliseconds(20));
    }
    refuse_fetches();
    wait(milliseconds(20));  // who refused is asked again after the retry backoff
    REQUIRE(raft_->role() == QuorumRole::prospective);
  }

  // ---- Shorter stories
  // ----------------------------------------------------------------------------------------

  /// Wins an election with the votes of voter 2, or of 2 and 3 of five.
  void become_leader() {
    run_into_prospective();
    const int32_t epoch = raft_->leader_and_epoch().epoch;
    for (int32_t voter = 2; voter <= voters_ / 2 + 1; ++voter) reply_vote(voter, true, epoch);
    REQUIRE(raft_->role() == QuorumRole::candidate);
    for (int32_t voter = 2; voter <= voters_ / 2 + 1; ++voter) reply_vote(voter, true, epoch + 1);
    REQUIRE(raft_->is_leader());
    for (int32_t voter = 2; voter <= voters_; ++voter) {
      if (asks<kafka::VoteRequest>(voter)) reply_vote(voter, false, epoch);  // too late
      if (!asks<kafka::BeginQuorumEpochRequest>(voter)) continue;
      reply(voter,
            about_quorum<kafka::BeginQuorumEpochResponse>({.leader_id = 1, .leader_epoch = epoch + 1}));
    }
  }
  std::optional<int64_t> append(const std::string& topic) {
    kafka::TopicRecord record;
    record.name = topic;
    record.topic_id = Uuid{1, next_topic_++};
    return append_records({record});
  }
  std::optional<int64_t> append_records(const std::vector<kafka::MetadataRecord>& records) {
    std::optional<int64_t> offset;
    call([&](NodeStep& step) { offset = raft_->append(step, raft_->leader_and_epoch().epoch, records); });
    return offset;
  }
  /// Makes a snapshot of all that is committed.
  bool create_snapshot(const std::vector<kafka::MetadataRecord>& records) {
    bool created = false;
    call([&](NodeStep& step) {
      const SnapshotId id{raft_->leader_and_epoch().epoch, raft_->high_watermark()};
      created = raft_->create_snapshot(step, Snapshot{id, now.wall_ms, records});
    });
    return created;
  }
  void shut_down() {
    call([&](NodeStep& step) { raft_->shut_down(step); });
  }
  /// What `committed_from` gives, by the names of the topics that it creates.
  std::vector<std::string> committed_topics() {
    std::vector<std::string> names;
    const auto batches = raft_->committed_from(disk_, 0);
    REQUIRE(batches.ok());
    for (const MetadataBatch& batch : *batches) {
      for (const kafka::MetadataRecord& record : batch.records) {
        if (const auto* topic = std::get_if<kafka::TopicRecord>(&record)) names.push_back(topic->name);
      }
    }
    return names;
  }
  Disk& disk() { return disk_; }
  template <class E>
  std::vector<E> events() const {
    std::vector<E> found;
    for (const Event& event : events_) {
      if (const auto* payload = std::get_if<E>(&event.payload)) found.push_back(*payload);
    }
    return found;
  }
  void forget_events() { events_.clear(); }

  /// Lets the rest of the node look at what happened.
  void look() {
    call([](NodeStep&) {});
  }

  static Address address_of(int32_t id) { return {"kafka" + std::to_string(id), 9093}; }

 protected:
  // What stands on the Raft client in the same node.
  virtual void handle_request(NodeStep& step, const Request& request) {
    raft_->handle_request(step, request);
  }
  virtual bool owns(const Input&) const { return false; }
  virtual void handle_input(NodeStep&, const Input&) {}
  virtual void settle(NodeStep&) {}

 private:
  static std::optional<kafka::FetchResponse::PartitionData> partition_of(
      const std::optional<kafka::FetchResponse>& response) {
    if (!response) return std::nullopt;
    REQUIRE(response->error_code == 0);
    return response->responses.at(0).partitions.at(0);
  }

  ConnectionId incoming(int32_t voter) {
    const ConnectionId connection{static_cast<uint64_t>(incarnation_ * 100 + voter)};
    if (!known_.contains(connection)) {
      known_.insert(connection);
      input({input::ConnectionOpened{connection, "CONTROLLER", address_of(voter)}});
    }
    return connection;
  }

  void input(const Input& input) {
    call([&](NodeStep& step) {
      if (raft_->owns(input)) {
        raft_->handle_input(step, input);
      } else if (owns(input)) {
        handle_input(step, input);
      } else if (const auto* opened = std::get_if<input::ConnectionOpened>(&input)) {
        channel_->connection_opened(*opened);
      } else if (const auto* frames = std::get_if<input::Frames>(&input)) {
        channel_->receive(*frames, step.effects);
        while (const auto request = channel_->next(step.effects)) handle_request(step, *request);
      }
    });
    if (flushes_by_itself) finish_flushes();
  }

  template <class Body>
  void call(Body&& body) {
    Effects effects(NodeId{1}, now.monotonic, next_sequence_, {}, &disk_);
    NodeStep step{now, effects, *channel_, *ids_};
    body(step);
    settle(step);
    carry_out(effects);
  }

  void carry_out(const Effects& effects) {
    REQUIRE_MESSAGE(raft_->status().ok(), raft_->status().message);
    next_sequence_ = effects.next_sequence();
    events_.insert(events_.end(), effects.events.begin(), effects.events.end());
    flushes_.insert(flushes_.end(), effects.flushes.begin(), effects.flushes.end());
    for (const Effects::SetTimer& timer : effects.timers) {
      timers_.erase(timer.timer);
      if (timer.deadline != never) timers_[timer.timer] = timer.deadline;
    }
    for (const Effects::Send& send : effects.sends) {
      const Bytes frame = flat(send.slices).subview(4);
      if (known_.contains(send.connection)) {
        answers_[send.connection].push_back(frame);
        continue;
      }
      Asked asked;
      asked.connection = send.connection;
      asked.voter = peers_.at(send.connection);
      const Result<kafka::RequestHeader> header = kafka::decode_request_header(frame, asked.body);
      REQUIRE(header.ok());
      asked.header = *header;
      asked_.push_back(std::move(asked));
    }
    for (const Effects::Open& open : effects.opens) {
      for (int32_t id = 1; id <= voters_; ++id) {
        if (open.to == address_of(id)) peers_[open.connection] = id;
      }
      input({input::ConnectionOpened{open.connection, "", open.to}});
    }
  }

  void advance_to(Instant at) {
    now.wall_ms += (at.nanoseconds - now.monotonic.nanoseconds) / 1'000'000;
    now.monotonic = at;
  }

  int32_t voters_;
  uint64_t seed_;
  uint32_t incarnation_ = 0;
  SimulatedDisk disk_;
  std::optional<RequestChannel> channel_;
  std::optional<OutgoingConnectionIds> ids_;
  std::optional<RaftClient> raft_;
  std::set<ConnectionId> known_;                       ///< incoming
  std::map<ConnectionId, std::deque<Bytes>> answers_;  ///< frames that the replica answered
  std::map<ConnectionId, int32_t> peers_;              ///< outgoing, by voter
  std::deque<Asked> asked_;
  std::deque<Effects::Flush> flushes_;
  std::map<TimerKey, Instant> timers_;
  std::vector<Event> events_;
  uint64_t next_sequence_ = 1;
  int32_t next_correlation_ = 1;
  uint64_t next_topic_ = 1000;
};

}  // namespace brokerlab::test
