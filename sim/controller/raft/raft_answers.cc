// What the answers of other replicas tell the Raft client.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/base/assert.h"
#include "sim/controller/raft/raft_client.h"
#include "sim/controller/raft/raft_messages.h"

namespace brokerlab {

void RaftClient::handle_completion(NodeStep& step, const Completion& completion) {
  const int32_t voter = completion.destination;
  Peer& peer = peers_.at(voter);
  BROKERLAB_ASSERT(peer.in_flight == completion.token);
  const Peer asked = peer;
  peer.in_flight.reset();
  if (!completion.answered()) {
    peer.retry_at = step.now.monotonic + retry_backoff;
    return;
  }
  const auto decoded = [&]<class Response>(Response* response) {
    Result<Response> result = kafka::decode<Response>(completion.body, completion.version);
    if (result) {
      *response = std::move(*result);
    } else {
      note(step, fmt::format("Unreadable answer of node {}: {}", voter, result.status().message));
      peer.retry_at = step.now.monotonic + retry_backoff;
    }
    return result.ok();
  };
  switch (completion.api_key) {
    case kafka::VoteRequest::api_key: {
      kafka::VoteResponse response;
      if (decoded(&response)) handle_vote_response(step, voter, asked, response);
      break;
    }
    case kafka::FetchRequest::api_key: {
      kafka::FetchResponse response;
      if (decoded(&response)) handle_fetch_response(step, voter, response);
      break;
    }
    case kafka::BeginQuorumEpochRequest::api_key: {
      kafka::BeginQuorumEpochResponse response;
      if (!decoded(&response)) break;
      const auto* partition = quorum_partition(response);
      if (response.error_code != 0 || partition == nullptr) {
        unexpected_error(step, voter, "BEGIN_QUORUM_EPOCH", response.error_code);
      } else {
        handle_common(step, voter, partition->error_code, partition->leader_epoch, partition->leader_id);
      }
      break;
    }
    case kafka::EndQuorumEpochRequest::api_key: {
      kafka::EndQuorumEpochResponse response;
      if (!decoded(&response)) break;
      const auto* partition = quorum_partition(response);
      if (response.error_code != 0 || partition == nullptr) {
        unexpected_error(step, voter, "END_QUORUM_EPOCH", response.error_code);
      } else if (handle_common(step, voter, partition->error_code, partition->leader_epoch,
                               partition->leader_id)) {
        std::erase(unaware_, voter);
      }
      break;
    }
    case kafka::FetchSnapshotRequest::api_key: {
      kafka::FetchSnapshotResponse response;
      if (decoded(&response)) handle_fetch_snapshot_response(step, voter, response);
      break;
    }
    case kafka::UpdateRaftVoterRequest::api_key: {
      kafka::UpdateRaftVoterResponse response;
      if (!decoded(&response)) break;
      if (response.error_code == 0) update_voter_at_ = never;
      break;
    }
    default:
      BROKERLAB_ASSERT(false);
  }
}

bool RaftClient::handle_common(NodeStep& step, int32_t voter, int16_t error, int32_t epoch,
                               int32_t leader_id) {
  const auto code = static_cast<kafka::ErrorCode>(error);
  if (epoch < state_.epoch || code == kafka::ErrorCode::unknown_leader_epoch) {
    // It is behind; what it says is no longer news. It will learn the epoch from us or from the leader.
    if (code != kafka::ErrorCode::none) peers_.at(voter).retry_at = step.now.monotonic + retry_backoff;
    return false;
  }
  if (epoch > state_.epoch || code == kafka::ErrorCode::fenced_leader_epoch ||
      code == kafka::ErrorCode::not_leader_or_follower) {
    learn_leader(step, epoch, leader_id);
    if (code == kafka::ErrorCode::not_leader_or_follower) {
      peers_.at(voter).retry_at = step.now.monotonic + retry_backoff;
    }
    return false;
  }
  learn_leader(step, epoch, leader_id);
  if (code == kafka::ErrorCode::none) return true;
  if (code == kafka::ErrorCode::broker_not_available) {
    peers_.at(voter).retry_at = step.now.monotonic + retry_backoff;
  } else {
    unexpected_error(step, voter, "quorum", error);
  }
  return false;
}

void RaftClient::handle_vote_response(NodeStep& step, int32_t voter, const Peer& asked,
                                      const kafka::VoteResponse& response) {
  const auto* partition = quorum_partition(response);
  if (response.error_code != 0 || partition == nullptr) {
    unexpected_error(step, voter, "VOTE", response.error_code);
    return;
  }
  if (!handle_common(step, voter, partition->error_code, partition->leader_epoch, partition->leader_id))
    return;
  // Only an answer to what this election asks counts.
  const bool is_election = role_ == (asked.pre_vote ? QuorumRole::prospective : QuorumRole::candidate);
  if (!is_election || asked.epoch != state_.epoch || votes_.contains(voter)) return;
  votes_[voter] = partition->vote_granted;
  step.effects.emit(event::VoteReceived{.replica = config_.node_id,
                                        .voter = voter,
                                        .epoch = state_.epoch,
                                        .granted = partition->vote_granted,
                                        .pre_vote = asked.pre_vote,
                                        .votes = static_cast<int32_t>(votes_granted()),
                                        .needed = static_cast<int32_t>(majority())});
}

void RaftClient::handle_fetch_response(NodeStep& step, int32_t voter, const kafka::FetchResponse& response) {
  const auto* partition = quorum_partition(response);
  if (response.error_code != 0 || partition == nullptr) {
    unexpected_error(step, voter, "FETCH", response.error_code);
    return;
  }
  if (!handle_common(step, voter, partition->error_code, partition->current_leader.leader_epoch,
                     partition->current_leader.leader_id)) {
    return;
  }
  if (role_ != QuorumRole::follower || voter != state_.leader_id) return;
  deadline_ = step.now.monotonic + config_.fetch_timeout;
  fetched_from_leader_ = true;
  if (partition->diverging_epoch.end_offset >= 0) {
    const EpochEndOffset leader{partition->diverging_epoch.epoch, partition->diverging_epoch.end_offset};
    // The leader has lost what was committed: its disk was wiped, or the quorum is none. This node does not follow it there.
    if (const int64_t offset = log_->truncation_offset(leader); offset < high_watermark_) {
      check(Status::error(
          StatusCode::invalid,
          fmt::format(
              "The leader requested truncation to offset {}, which is below the current high watermark {}",
              offset, high_watermark_)));
      return;
    }
    check(log_->truncate_to_leader(step.effects, leader, state_.epoch));
    return;
  }
  if (partition->snapshot_id.end_offset >= 0 || partition->snapshot_id.epoch >= 0) {
    begin_fetching_snapshot(step, {partition->snapshot_id.epoch, partition->snapshot_id.end_offset});
    return;
  }
  if (partition->records && size_of(*partition->records) > 0) {
    const Status status = log_->append_fetched(step.effects, *partition->records, state_.epoch);
    if (status.code == StatusCode::invalid) {
      note(step, fmt::format("The leader {} sent records that do not fit: {}", voter, status.message));
      peers_.at(voter).retry_at = step.now.monotonic + retry_backoff;
      return;
    }
    if (!check(status)) return;
    log_->flush(step.effects);
  }
  advance_high_watermark(step, std::min(partition->high_watermark, log_->end_offset()));
}

void RaftClient::unexpected_error(NodeStep& step, int32_t voter, std::string_view api, int16_t error) {
  note(step, fmt::format("Unexpected error {} in {} response of node {}",
                         kafka::error_name(static_cast<kafka::ErrorCode>(error)), api, voter));
  peers_.at(voter).retry_at = step.now.monotonic + retry_backoff;
}

}  // namespace brokerlab
