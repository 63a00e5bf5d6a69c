// Snapshots (KIP-630): made of what is committed, handed to replicas that lack what the log has no more, fetched from
// the leader piece by piece.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/base/assert.h"
#include "sim/controller/raft/raft_client.h"
#include "sim/controller/raft/raft_messages.h"
#include "sim/controller/raft/raft_respond.h"

namespace brokerlab {

using kafka::ErrorCode;
using raft::code;
using raft::decode_or_close;
using raft::respond;

// ---- Of this node -----------------------------------------------------------------------------------------

Result<std::optional<Snapshot>> RaftClient::snapshot_for(Disk& disk, int64_t offset) const {
  const std::optional<SnapshotId> latest = log_ ? log_->latest_snapshot() : std::nullopt;
  // The bootstrap snapshot says nothing that the log does not say.
  const bool is_needed =
      latest && *latest != bootstrap_snapshot && (offset == 0 || offset < log_->start_offset());
  if (!is_needed) return std::optional<Snapshot>{};
  Result<Snapshot> snapshot = log_->read_snapshot(disk, *latest);
  if (!snapshot) return snapshot.status();
  return std::optional(std::move(*snapshot));
}

bool RaftClient::create_snapshot(NodeStep& step, const Snapshot& snapshot) {
  if (!status_.ok() || snapshot.id.end_offset < log_->start_offset() || log_->has_snapshot(snapshot.id))
    return false;
  BROKERLAB_ASSERT(snapshot.id.end_offset <= high_watermark_);
  return check(log_->add_snapshot(step.effects, snapshot, step.now.wall_ms));
}

void RaftClient::clean_log(NodeStep& step) {
  const Result<std::vector<std::string>> notes = log_->clean(step.effects, step.now.wall_ms);
  if (!check(notes.status())) return;
  for (const std::string& text : *notes)
    step.effects.emit(event::Noted{fmt::format("[MetadataLog partition={}, nodeId={}] {}",
                                               metadata_partition.to_string(), config_.node_id, text)});
  next_cleaning_ = step.now.monotonic + cleaning_interval;
}

// ---- Others ask -------------------------------------------------------------------------------------------

void RaftClient::handle_fetch_snapshot(NodeStep& step, const Request& request) {
  const auto fetch = decode_or_close<kafka::FetchSnapshotRequest>(step, request);
  if (!fetch) return;
  kafka::FetchSnapshotResponse response;
  if (!has_cluster_id(fetch->cluster_id)) {
    response.error_code = code(ErrorCode::inconsistent_cluster_id);
    return respond(step, request.context, response);
  }
  if (fetch->topics.size() != 1 || fetch->topics[0].partitions.size() != 1) {
    response.error_code = code(ErrorCode::invalid_request);
    return respond(step, request.context, response);
  }
  const auto& asked = fetch->topics[0].partitions[0];
  auto& topic = response.topics.emplace_back();
  topic.name = fetch->topics[0].name;
  auto& partition = topic.partitions.emplace_back();
  partition.index = asked.partition;
  if (const Address* leader = voter_address(state_.leader_id))
    response.node_endpoints.push_back(
        {.node_id = state_.leader_id, .host = leader->host, .port = leader->port});
  if (topic.name != metadata_partition.topic || asked.partition != metadata_partition.partition) {
    partition.error_code = code(ErrorCode::unknown_topic_or_partition);
    return respond(step, request.context, response);
  }
  partition.current_leader = {.leader_id = state_.leader_id, .leader_epoch = state_.epoch};
  const SnapshotId id{asked.snapshot_id.epoch, asked.snapshot_id.end_offset};
  ErrorCode error = validate_for_leader(asked.current_leader_epoch);
  if (error == ErrorCode::none && (id == bootstrap_snapshot || !log_->has_snapshot(id)))
    error = ErrorCode::snapshot_not_found;
  if (error == ErrorCode::none &&
      (asked.position < 0 || static_cast<uint64_t>(asked.position) >= log_->snapshot_bytes(id)))
    error = ErrorCode::position_out_of_range;
  partition.error_code = code(error);
  if (error == ErrorCode::none) {
    Result<Slices> piece =
        log_->snapshot_slices(step.effects.disk(), id, static_cast<uint64_t>(asked.position),
                              static_cast<uint64_t>(std::max(0, fetch->max_bytes)));
    if (!check(piece.status())) return;
    leader_->heard_from(fetch->replica_id, step.now.monotonic);
    partition.snapshot_id = {.end_offset = id.end_offset, .epoch = id.epoch};
    partition.size = static_cast<int64_t>(log_->snapshot_bytes(id));
    partition.position = asked.position;
    partition.unaligned_records = std::move(*piece);
  }
  respond(step, request.context, response);
}

// ---- From the leader --------------------------------------------------------------------------------------

void RaftClient::begin_fetching_snapshot(NodeStep& step, const SnapshotId& id) {
  if (id.end_offset < 0 || id.epoch < 0) {
    note(step, fmt::format("The leader sent an invalid snapshot id {}", to_string(id)));
    peers_.at(state_.leader_id).retry_at = step.now.monotonic + retry_backoff;
  } else if (log_->has_snapshot(id) || id.end_offset <= high_watermark_) {
    // It would tell nothing new, and what is committed here must not go.
    note(step, fmt::format("Leader {} returned a snapshot {} in the FETCH response which is already stored",
                           state_.leader_id, to_string(id)));
    peers_.at(state_.leader_id).retry_at = step.now.monotonic + retry_backoff;
  } else {
    note(step, fmt::format("Fetching snapshot {} from Fetch response from leader {}", to_string(id),
                           state_.leader_id));
    fetching_snapshot_ = FetchingSnapshot{id, {}};
  }
}

void RaftClient::handle_fetch_snapshot_response(NodeStep& step, int32_t voter,
                                                const kafka::FetchSnapshotResponse& response) {
  const bool has_partition = response.topics.size() == 1 && response.topics[0].partitions.size() == 1 &&
                             response.topics[0].name == metadata_partition.topic &&
                             response.topics[0].partitions[0].index == metadata_partition.partition;
  if (response.error_code != 0 || !has_partition)
    return unexpected_error(step, voter, "FETCH_SNAPSHOT", response.error_code);
  const auto& partition = response.topics[0].partitions[0];
  const auto error = kafka::error_from(partition.error_code);
  const bool is_about_snapshot =
      error == ErrorCode::snapshot_not_found || error == ErrorCode::position_out_of_range;
  if (!handle_common(step, voter, is_about_snapshot ? int16_t{0} : partition.error_code,
                     partition.current_leader.leader_epoch, partition.current_leader.leader_id))
    return;
  if (role_ != QuorumRole::follower || voter != state_.leader_id || !fetching_snapshot_) return;
  deadline_ = step.now.monotonic + config_.fetch_timeout;
  fetched_from_leader_ = true;
  const SnapshotId id{partition.snapshot_id.epoch, partition.snapshot_id.end_offset};
  const auto bytes = static_cast<int64_t>(size_of(partition.unaligned_records));
  const bool fits = !is_about_snapshot && id == fetching_snapshot_->id &&
                    partition.position == fetching_snapshot_->bytes() && bytes > 0 &&
                    bytes <= partition.size - partition.position;
  if (!fits) {
    // The leader has removed it, or the pieces do not make one: the next fetch says which snapshot there is.
    note(step, fmt::format("Leader doesn't know about snapshot id {}, returned error {} and snapshot id {}",
                           to_string(fetching_snapshot_->id), partition.error_code, to_string(id)));
    fetching_snapshot_.reset();
    peers_.at(voter).retry_at = step.now.monotonic + retry_backoff;
    return;
  }
  for (const Slice& slice : partition.unaligned_records) fetching_snapshot_->pieces.push_back(slice);
  if (fetching_snapshot_->bytes() == partition.size) install_snapshot(step);
}

void RaftClient::install_snapshot(NodeStep& step) {
  const FetchingSnapshot fetched = std::move(*fetching_snapshot_);
  fetching_snapshot_.reset();
  const Bytes file = joined(fetched.pieces);
  if (const Result<Snapshot> snapshot = decode_snapshot(fetched.id, file); !snapshot) {
    note(step, fmt::format("The leader {} sent a snapshot that cannot be read: {}", state_.leader_id,
                           snapshot.status().message));
    peers_.at(state_.leader_id).retry_at = step.now.monotonic + retry_backoff;
    return;
  }
  const Result<bool> installed = log_->install_snapshot(step.effects, fetched.id, file, state_.epoch);
  if (!check(installed.status())) return;
  if (*installed)
    note(step, fmt::format("Fully truncated the log at ({}, {}) after downloading snapshot {} from leader {}",
                           log_->end_offset(), log_->last_epoch(), to_string(fetched.id), state_.leader_id));
  advance_high_watermark(step, std::min(fetched.id.end_offset, log_->end_offset()));
}

}  // namespace brokerlab
