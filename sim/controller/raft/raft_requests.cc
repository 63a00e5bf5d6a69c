// What the Raft client answers to the other replicas of the quorum.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/base/assert.h"
#include "sim/controller/raft/raft_client.h"
#include "sim/controller/raft/raft_messages.h"
#include "sim/controller/raft/raft_respond.h"

namespace brokerlab {

namespace {

using kafka::ErrorCode;
using raft::code;
using raft::decode_or_close;
using raft::respond;

/// An observer that has not fetched for so long is no longer listed (Kafka's OBSERVER_SESSION_TIMEOUT_MS).
constexpr Duration observer_session_timeout = seconds(300);

}  // namespace

bool RaftClient::handles(int16_t api_key) {
  return api_key == kafka::VoteRequest::api_key || api_key == kafka::BeginQuorumEpochRequest::api_key ||
         api_key == kafka::EndQuorumEpochRequest::api_key || api_key == kafka::FetchRequest::api_key ||
         api_key == kafka::FetchSnapshotRequest::api_key || api_key == kafka::UpdateRaftVoterRequest::api_key;
}

void RaftClient::handle_request(NodeStep& step, const Request& request) {
  if (!status_.ok()) return;
  switch (request.context.header.api_key) {
    case kafka::VoteRequest::api_key:
      handle_vote(step, request);
      break;
    case kafka::BeginQuorumEpochRequest::api_key:
      handle_begin_quorum_epoch(step, request);
      break;
    case kafka::EndQuorumEpochRequest::api_key:
      handle_end_quorum_epoch(step, request);
      break;
    case kafka::FetchRequest::api_key:
      handle_fetch(step, request);
      break;
    case kafka::FetchSnapshotRequest::api_key:
      handle_fetch_snapshot(step, request);
      break;
    case kafka::UpdateRaftVoterRequest::api_key:
      handle_update_voter(step, request);
      break;
    default:
      BROKERLAB_ASSERT(false);
  }
  poll(step);
}

bool RaftClient::has_cluster_id(const std::optional<std::string>& cluster_id) const {
  return !cluster_id || *cluster_id == config_.cluster_id;
}

ErrorCode RaftClient::validate_voter_request(int32_t replica_id, int32_t epoch) const {
  if (epoch < state_.epoch) return ErrorCode::fenced_leader_epoch;
  if (replica_id < 0) return ErrorCode::invalid_request;
  return ErrorCode::none;
}

/// The answer about the one partition: the error and who leads now, as this replica knows it.
template <class Response>
Response RaftClient::quorum_response(ErrorCode error) const {
  Response response = about_quorum<Response>(
      {.error_code = code(error), .leader_id = state_.leader_id, .leader_epoch = state_.epoch});
  if (const Address* leader = voter_address(state_.leader_id)) {
    response.node_endpoints.push_back(
        {.node_id = state_.leader_id, .host = leader->host, .port = leader->port});
  }
  return response;
}

// ---- Vote -------------------------------------------------------------------------------------------------

void RaftClient::handle_vote(NodeStep& step, const Request& request) {
  const auto vote = decode_or_close<kafka::VoteRequest>(step, request);
  if (!vote) return;
  const auto refuse = [&](ErrorCode error) {
    respond(step, request.context, quorum_response<kafka::VoteResponse>(error));
  };
  if (!has_cluster_id(vote->cluster_id)) {
    kafka::VoteResponse response;
    response.error_code = code(ErrorCode::inconsistent_cluster_id);
    respond(step, request.context, response);
    return;
  }
  const auto* partition = quorum_partition(*vote);
  if (partition == nullptr) {
    kafka::VoteResponse response;
    response.error_code = code(ErrorCode::invalid_request);
    respond(step, request.context, response);
    return;
  }
  // A candidate's own epoch is above that of its log; one that only asks may still be in it.
  const bool is_impossible = partition->last_offset < 0 || partition->last_offset_epoch < 0 ||
                             (partition->pre_vote ? partition->last_offset_epoch > partition->replica_epoch
                                                  : partition->last_offset_epoch >= partition->replica_epoch);
  if (is_impossible) return refuse(ErrorCode::invalid_request);
  if (const ErrorCode error = validate_voter_request(partition->replica_id, partition->replica_epoch);
      error != ErrorCode::none) {
    return refuse(error);
  }
  if (partition->replica_epoch > state_.epoch) become_unattached(step, partition->replica_epoch);
  if (!status_.ok()) return;
  if (vote->voter_id >= 0 && vote->voter_id != config_.node_id) return refuse(ErrorCode::invalid_voter_key);

  const bool granted = grants_vote(*partition);
  if (granted && !partition->pre_vote && state_.voted_id == nobody) {
    // The vote is on the disk before it is on the wire.
    QuorumState state = state_;
    state.voted_id = partition->replica_id;
    change_role(step, role_ == QuorumRole::prospective ? QuorumRole::prospective : QuorumRole::voted, state);
    if (!status_.ok()) return;
    // The candidate has at least as good a chance as this one.
    deadline_ = step.now.monotonic + random_election_timeout();
    if (role_ == QuorumRole::prospective) votes_[config_.node_id] = true;
  }
  auto response = quorum_response<kafka::VoteResponse>(ErrorCode::none);
  response.topics[0].partitions[0].vote_granted = granted;
  respond(step, request.context, response);
}

bool RaftClient::is_up_to_date(int64_t end_offset, int32_t last_epoch) const {
  return std::pair(last_epoch, end_offset) >= std::pair(log_->last_epoch(), log_->end_offset());
}

bool RaftClient::grants_vote(const kafka::VoteRequest::PartitionData& vote) const {
  const bool up_to_date = is_up_to_date(vote.last_offset, vote.last_offset_epoch);
  switch (role_) {
    case QuorumRole::unattached:
    case QuorumRole::voted:
    case QuorumRole::prospective:
      if (vote.pre_vote) return up_to_date;
      if (state_.voted_id != nobody) return state_.voted_id == vote.replica_id;
      return state_.leader_id == nobody && up_to_date;
    case QuorumRole::follower:
      // A leader that still answers is not to be disturbed (KIP-996).
      return vote.pre_vote && up_to_date && !fetched_from_leader_;
    case QuorumRole::candidate:
    case QuorumRole::resigned:
      return vote.pre_vote && up_to_date;
    case QuorumRole::leader:
      return false;
  }
  return false;
}

// ---- BeginQuorumEpoch, EndQuorumEpoch ---------------------------------------------------------------------

void RaftClient::handle_begin_quorum_epoch(NodeStep& step, const Request& request) {
  const auto begin = decode_or_close<kafka::BeginQuorumEpochRequest>(step, request);
  if (!begin) return;
  const auto* partition = quorum_partition(*begin);
  if (partition == nullptr || !has_cluster_id(begin->cluster_id)) {
    kafka::BeginQuorumEpochResponse response;
    response.error_code =
        code(partition == nullptr ? ErrorCode::invalid_request : ErrorCode::inconsistent_cluster_id);
    respond(step, request.context, response);
    return;
  }
  ErrorCode error = validate_voter_request(partition->leader_id, partition->leader_epoch);
  if (error == ErrorCode::none) {
    learn_leader(step, partition->leader_epoch, partition->leader_id);
    if (begin->voter_id >= 0 && begin->voter_id != config_.node_id) error = ErrorCode::invalid_voter_key;
  }
  if (!status_.ok()) return;
  respond(step, request.context, quorum_response<kafka::BeginQuorumEpochResponse>(error));
}

void RaftClient::handle_end_quorum_epoch(NodeStep& step, const Request& request) {
  const auto end = decode_or_close<kafka::EndQuorumEpochRequest>(step, request);
  if (!end) return;
  const auto* partition = quorum_partition(*end);
  if (partition == nullptr || !has_cluster_id(end->cluster_id)) {
    kafka::EndQuorumEpochResponse response;
    response.error_code =
        code(partition == nullptr ? ErrorCode::invalid_request : ErrorCode::inconsistent_cluster_id);
    respond(step, request.context, response);
    return;
  }
  const ErrorCode error = validate_voter_request(partition->leader_id, partition->leader_epoch);
  if (error == ErrorCode::none) {
    learn_leader(step, partition->leader_epoch, partition->leader_id);
    if (!status_.ok()) return;
    if (role_ == QuorumRole::follower && state_.leader_id == partition->leader_id) {
      std::vector<int32_t> successors = partition->preferred_successors;  // version 0
      for (const auto& candidate : partition->preferred_candidates)
        successors.push_back(candidate.candidate_id);
      const auto own = std::find(successors.begin(), successors.end(), config_.node_id);
      const auto position = static_cast<size_t>(own - successors.begin());
      // The first tries at once; each of the others waits twice as long as the one before it, so that they do not split
      // the vote; who is not on the list waits longest.
      Duration backoff{};
      if (position > 0) {
        constexpr size_t most_halvings = 62;  // the list comes from outside: a shift must stay below 64 bits
        const size_t halvings = std::min(successors.size() - position, most_halvings);
        backoff = {config_.election_backoff_max.nanoseconds >> halvings};
      }
      deadline_ = step.now.monotonic + backoff;
    }
  }
  respond(step, request.context, quorum_response<kafka::EndQuorumEpochResponse>(error));
}

// ---- Fetch ------------------------------------------------------------------------------------------------

void RaftClient::handle_fetch(NodeStep& step, const Request& request) {
  const auto fetch = decode_or_close<kafka::FetchRequest>(step, request);
  if (!fetch) return;
  const auto* partition = quorum_partition(*fetch);
  if (partition == nullptr || !has_cluster_id(fetch->cluster_id)) {
    kafka::FetchResponse response;
    response.error_code =
        code(partition == nullptr ? ErrorCode::invalid_request : ErrorCode::inconsistent_cluster_id);
    respond(step, request.context, response);
    return;
  }
  const int32_t replica = std::max(fetch->replica_id, fetch->replica_state.replica_id);
  const bool is_valid =
      validate_fetch(*partition, fetch->max_wait_ms) == ErrorCode::none &&
      log_->check_position(partition->fetch_offset, partition->last_fetched_epoch).is_valid();
  if (is_valid && replica >= 0 && replica != config_.node_id) {
    // The offset says what the replica has on its disk: the fetch is its acknowledgement.
    if (leader_->fetched({replica, partition->replica_directory_id}, partition->fetch_offset,
                         log_->end_offset(), step.now)) {
      advance_high_watermark(step, *leader_->high_watermark());
    }
  }
  if (const auto response = answer_fetch(step, *fetch, /*may_wait=*/true)) {
    respond_fetch(step, request.context, *response);
  } else {
    parked_fetches_.push_back(
        {request.context, *fetch, step.now.monotonic + milliseconds(fetch->max_wait_ms)});
  }
}

ErrorCode RaftClient::validate_fetch(const kafka::FetchRequest::FetchPartition& fetch,
                                     int32_t max_wait_ms) const {
  if (max_wait_ms < 0 || fetch.fetch_offset < 0 || fetch.last_fetched_epoch < 0 ||
      fetch.last_fetched_epoch > fetch.current_leader_epoch) {
    return ErrorCode::invalid_request;
  }
  return validate_for_leader(fetch.current_leader_epoch);
}

ErrorCode RaftClient::validate_for_leader(int32_t epoch) const {
  if (epoch < state_.epoch) return ErrorCode::fenced_leader_epoch;
  if (epoch > state_.epoch) return ErrorCode::unknown_leader_epoch;
  return is_leader() ? ErrorCode::none : ErrorCode::not_leader_or_follower;
}

std::optional<kafka::FetchResponse> RaftClient::answer_fetch(NodeStep& step,
                                                             const kafka::FetchRequest& request,
                                                             bool may_wait) {
  const auto& fetch = *quorum_partition(request);
  kafka::FetchResponse response;
  auto& topic = response.responses.emplace_back();
  topic.topic = metadata_partition.topic;
  topic.topic_id = metadata_topic_id;
  auto& partition = topic.partitions.emplace_back();
  partition.partition_index = metadata_partition.partition;
  partition.error_code = code(validate_fetch(fetch, request.max_wait_ms));
  partition.high_watermark = -1;
  partition.log_start_offset = log_->start_offset();
  partition.current_leader = {.leader_id = state_.leader_id, .leader_epoch = state_.epoch};
  partition.records.emplace();
  if (const Address* leader = voter_address(state_.leader_id)) {
    response.node_endpoints.push_back(
        {.node_id = state_.leader_id, .host = leader->host, .port = leader->port, .rack = std::nullopt});
  }
  if (partition.error_code != 0) return response;
  partition.high_watermark = leader_->high_watermark().value_or(-1);
  const MetadataLog::FetchPosition position =
      log_->check_position(fetch.fetch_offset, fetch.last_fetched_epoch);
  if (position.diverging) {
    partition.diverging_epoch = {.epoch = position.diverging->epoch,
                                 .end_offset = position.diverging->end_offset};
    return response;
  }
  if (position.snapshot) {
    partition.snapshot_id = {.end_offset = position.snapshot->end_offset, .epoch = position.snapshot->epoch};
    return response;
  }
  if (fetch.fetch_offset < log_->end_offset()) {
    Result<Slices> records = log_->read(step.effects.disk(), fetch.fetch_offset,
                                        static_cast<uint64_t>(std::max(0, request.max_bytes)));
    if (!check(records.status())) return std::nullopt;
    *partition.records = std::move(*records);
    return response;
  }
  const bool has_news = partition.high_watermark > fetch.high_watermark;
  if (may_wait && request.max_wait_ms > 0 && !has_news) return std::nullopt;
  return response;
}

void RaftClient::respond_fetch(NodeStep& step, const RequestContext& context,
                               const kafka::FetchResponse& response) {
  respond(step, context, response);
}

/// Answers the fetches that waited for something that has happened by now.
void RaftClient::complete_fetches(NodeStep& step) {
  std::vector<ParkedFetch> parked = std::move(parked_fetches_);
  parked_fetches_.clear();
  for (ParkedFetch& fetch : parked) {
    const auto response = answer_fetch(step, fetch.request, step.now.monotonic < fetch.deadline);
    if (!status_.ok()) return;
    if (response) {
      respond_fetch(step, fetch.context, *response);
    } else {
      parked_fetches_.push_back(std::move(fetch));
    }
  }
}

// ---- DescribeQuorum, UpdateRaftVoter ----------------------------------------------------------------------

kafka::DescribeQuorumResponse RaftClient::describe_quorum(const Now& now,
                                                          const kafka::DescribeQuorumRequest& request) const {
  if (quorum_partition(request) == nullptr) {
    kafka::DescribeQuorumResponse response;
    for (const auto& asked : request.topics) {
      auto& topic = response.topics.emplace_back();
      topic.topic_name = asked.topic_name;
      for (const auto& partition : asked.partitions) {
        topic.partitions.push_back({.partition_index = partition.partition_index,
                                    .error_code = code(ErrorCode::unknown_topic_or_partition)});
      }
    }
    return response;
  }
  kafka::DescribeQuorumResponse::PartitionData partition;
  if (!is_leader()) {
    partition.error_code = code(ErrorCode::not_leader_or_follower);
    partition.error_message = kafka::error_message(ErrorCode::not_leader_or_follower);
    partition.leader_id = state_.leader_id;
    partition.leader_epoch = state_.epoch;
    return about_quorum<kafka::DescribeQuorumResponse>(std::move(partition));
  }
  partition.leader_id = config_.node_id;
  partition.leader_epoch = state_.epoch;
  partition.high_watermark = leader_->high_watermark().value_or(-1);
  const auto state_of = [&](int32_t id, const ReplicaProgress& progress) {
    kafka::DescribeQuorumResponse::ReplicaState state;
    state.replica_id = id;
    const bool is_self = id == config_.node_id;
    state.log_end_offset = is_self ? log_->end_offset() : progress.end_offset;
    state.last_fetch_timestamp = is_self ? now.wall_ms : progress.last_fetch_ms;
    state.last_caught_up_timestamp = is_self ? now.wall_ms : progress.last_caught_up_ms;
    return state;
  };
  for (const auto& [id, progress] : leader_->voters())
    partition.current_voters.push_back(state_of(id, progress));
  for (const auto& [key, progress] : leader_->observers()) {
    if (now.monotonic - *progress.last_fetch >= observer_session_timeout) continue;
    partition.observers.push_back(state_of(key.id, progress));
    partition.observers.back().replica_directory_id = key.directory_id;
  }
  auto response = about_quorum<kafka::DescribeQuorumResponse>(std::move(partition));
  for (const auto& [id, address] : config_.voters) {
    auto& node = response.nodes.emplace_back();
    node.node_id = id;
    node.listeners.push_back({.name = config_.listener, .host = address.host, .port = address.port});
  }
  return response;
}

void RaftClient::handle_update_voter(NodeStep& step, const Request& request) {
  const auto update = decode_or_close<kafka::UpdateRaftVoterRequest>(step, request);
  if (!update) return;
  kafka::UpdateRaftVoterResponse response;
  response.current_leader.leader_id = state_.leader_id;
  response.current_leader.leader_epoch = state_.epoch;
  if (const Address* leader = voter_address(state_.leader_id)) {
    response.current_leader.host = leader->host;
    response.current_leader.port = leader->port;
  }
  // With kraft.version 0 the leader has nothing to write: the voters stand in everybody's configuration.
  ErrorCode error = ErrorCode::none;
  if (!has_cluster_id(update->cluster_id)) {
    error = ErrorCode::inconsistent_cluster_id;
  } else if (update->current_leader_epoch < state_.epoch) {
    error = ErrorCode::fenced_leader_epoch;
  } else if (update->current_leader_epoch > state_.epoch) {
    error = ErrorCode::unknown_leader_epoch;
  } else if (!is_leader()) {
    error = ErrorCode::not_leader_or_follower;
  }
  response.error_code = code(error);
  respond(step, request.context, response);
}

}  // namespace brokerlab
