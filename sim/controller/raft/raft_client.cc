// Roles, elections, what is due when, and the log. The requests of others are answered in raft_requests.cc, their
// answers are read in raft_answers.cc, snapshots fetched and made in raft_snapshots.cc.
#include "sim/controller/raft/raft_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/base/assert.h"
#include "sim/controller/raft/raft_messages.h"
#include "sim/network/message_info.h"

namespace brokerlab {

namespace {

constexpr TimerKey wake_up{RaftClient::first_timer_kind, 0};
constexpr uint16_t network_timer_kind = RaftClient::first_timer_kind + 1;

// Kafka's constants: MAX_FETCH_WAIT_MS, CHECK_QUORUM_TIMEOUT_FACTOR, and the period after which a follower sends
// UpdateRaftVoter (1.5 fetch timeouts).
constexpr int64_t fetch_wait_max_ms = 500;
constexpr uint64_t committed_read_bytes = 1 << 20;
/// How long a leader that shuts down waits for another one to appear, in fetch timeouts (Kafka: 5 s, 2.5 of 2
/// s).
Duration shutdown_patience(Duration fetch_timeout) { return fetch_timeout * 5 / 2; }
Duration one_and_a_half(Duration fetch_timeout) { return fetch_timeout * 3 / 2; }

std::vector<int32_t> ids_of(const std::map<int32_t, Address>& voters) {
  std::vector<int32_t> ids;
  for (const auto& [id, address] : voters) ids.push_back(id);
  return ids;
}

NetworkClient::Config network_config(const RaftConfig& config) {
  NetworkClient::Config network;
  network.client_id = fmt::format("raft-client-{}", config.node_id);
  network.request_timeout = config.fetch_timeout;
  network.reconnect_backoff = RaftClient::retry_backoff;
  network.reconnect_backoff_max = std::max(RaftClient::retry_backoff, config.election_backoff_max);
  network.timer_kind = network_timer_kind;
  return network;
}

/// No cluster gets to the last epoch by elections: a disk or a peer says so.
Status may_begin_epoch_after(int32_t epoch) {
  if (epoch < INT32_MAX) return {};
  return Status::error(StatusCode::limit, "the epoch of the quorum cannot grow any more");
}

}  // namespace

std::string_view to_string(QuorumRole role) {
  switch (role) {
    case QuorumRole::unattached:
      return "unattached";
    case QuorumRole::voted:
      return "voted";
    case QuorumRole::prospective:
      return "prospective";
    case QuorumRole::candidate:
      return "candidate";
    case QuorumRole::leader:
      return "leader";
    case QuorumRole::follower:
      return "follower";
    case QuorumRole::resigned:
      return "resigned";
  }
  return "";
}

RaftClient::RaftClient(RaftConfig config, Random random)
    : config_(std::move(config)), random_(random), network_(network_config(config_)) {
  for (const auto& [id, address] : config_.voters) {
    if (id == config_.node_id) continue;
    network_.set_address(id, address);
    peers_[id];
  }
}

void RaftClient::start(NodeStep& step) {
  Result<MetadataLog> log = MetadataLog::open(step.effects.disk(), config_.node_id, config_.log);
  if (!check(log.status())) return;
  log_.emplace(std::move(*log));
  step.effects.emit(event::LogLoaded{.partition = metadata_partition,
                                     .replica = config_.node_id,
                                     .topic_id = metadata_topic_id,
                                     .log_start_offset = log_->start_offset(),
                                     .log_end_offset = log_->end_offset(),
                                     .last_epoch = log_->last_epoch()});
  log_->tell_snapshots(step.effects);
  const Result<std::optional<QuorumState>> stored = read_quorum_state(step.effects.disk(), quorum_state_path);
  if (!check(stored.status())) return;
  QuorumState state = stored->value_or(QuorumState{});
  if (log_->last_epoch() > state.epoch) state = {.epoch = log_->last_epoch()};
  // What was written before this start may never have reached the disk.
  log_->flush(step.effects);
  next_cleaning_ = step.now.monotonic + cleaning_interval;
  state_ = state;
  deadline_ = step.now.monotonic + random_election_timeout();
  if (state.leader_id == config_.node_id) {
    // It led when it stopped. Others may have written in its name's epoch since; it must not go on (KIP-595).
    become_resigned(step);
  } else if (state.leader_id != nobody && config_.voters.contains(state.leader_id)) {
    become_follower(step, state.epoch, state.leader_id);
  } else {
    become_unattached(step, state.epoch);
  }
  poll(step);
}

// ---- Roles ------------------------------------------------------------------------------------------------

void RaftClient::change_role(NodeStep& step, QuorumRole role, QuorumState state) {
  BROKERLAB_ASSERT(state.epoch >= state_.epoch);
  if (state != state_) {
    if (!check(write_quorum_state(step.effects.disk(), quorum_state_path, state, ids_of(config_.voters))))
      return;
  }
  const bool was_leader = is_leader();
  state_ = state;
  role_ = role;
  votes_.clear();
  fetched_from_leader_ = false;
  fetching_snapshot_.reset();
  if (role != QuorumRole::leader) leader_.reset();
  for (auto& [id, peer] : peers_) peer.retry_at = {};
  step.effects.emit(event::QuorumRoleChanged{.replica = config_.node_id,
                                             .role = std::string(to_string(role)),
                                             .epoch = state.epoch,
                                             .leader_id = state.leader_id,
                                             .voted_id = state.voted_id,
                                             .voters = ids_of(config_.voters)});
  if (was_leader) complete_fetches(step);
}

void RaftClient::become_unattached(NodeStep& step, int32_t epoch) {
  QuorumState state{.epoch = epoch};
  if (epoch == state_.epoch) state.voted_id = state_.voted_id;
  // An election timeout that is already running goes on, or candidates with new epochs could keep it from
  // ending. Anew begins that of who followed, led, or was told by too many that they would not vote for it.
  const bool was_refused = role_ == QuorumRole::prospective && is_election_lost();
  if (role_ == QuorumRole::follower || is_leader() || was_refused || deadline_ == never)
    deadline_ = step.now.monotonic + random_election_timeout();
  change_role(step, state.voted_id == nobody ? QuorumRole::unattached : QuorumRole::voted, state);
}

void RaftClient::become_prospective(NodeStep& step) {
  BROKERLAB_ASSERT(is_voter() && !is_leader());
  deadline_ = step.now.monotonic + random_election_timeout();
  change_role(step, QuorumRole::prospective, state_);
  votes_[config_.node_id] = true;
}

void RaftClient::become_candidate(NodeStep& step) {
  BROKERLAB_ASSERT(role_ == QuorumRole::prospective);
  if (!check(may_begin_epoch_after(state_.epoch))) return;
  deadline_ = step.now.monotonic + random_election_timeout();
  change_role(step, QuorumRole::candidate, {.epoch = state_.epoch + 1, .voted_id = config_.node_id});
  votes_[config_.node_id] = true;
}

void RaftClient::become_leader(NodeStep& step) {
  BROKERLAB_ASSERT(role_ == QuorumRole::candidate);
  kafka::LeaderChangeMessage message;
  message.leader_id = config_.node_id;
  for (const auto& [id, address] : config_.voters) message.voters.push_back({.voter_id = id});
  for (const auto& [id, granted] : votes_) {
    if (granted) message.granting_voters.push_back({.voter_id = id});
  }
  deadline_ = never;
  leader_.emplace(config_.node_id, ids_of(config_.voters), log_->end_offset(),
                  one_and_a_half(config_.fetch_timeout), step.now.monotonic);
  next_begin_quorum_ = step.now.monotonic;
  QuorumState state = state_;
  state.leader_id = config_.node_id;
  change_role(step, QuorumRole::leader, state);
  if (!status_.ok()) return;
  const Result<int64_t> offset =
      log_->append_leader_change(step.effects, message, state_.epoch, step.now.wall_ms);
  if (!check(offset.status())) return;
  BROKERLAB_ASSERT(*offset == leader_->start_offset());
  log_->flush(step.effects);
  log_was_flushed(step);
}

void RaftClient::become_follower(NodeStep& step, int32_t epoch, int32_t leader_id) {
  BROKERLAB_ASSERT(leader_id != config_.node_id && config_.voters.contains(leader_id));
  QuorumState state{.epoch = epoch, .leader_id = leader_id};
  if (epoch == state_.epoch) {
    BROKERLAB_ASSERT(!is_leader());
    state.voted_id = state_.voted_id;
  }
  deadline_ = step.now.monotonic + config_.fetch_timeout;
  // Without KIP-853's voter records in the log a leader does not remember what the one before it was told.
  if (is_voter()) update_voter_at_ = step.now.monotonic + one_and_a_half(config_.fetch_timeout);
  change_role(step, QuorumRole::follower, state);
}

void RaftClient::become_resigned(NodeStep& step) {
  successors_ = leader_ ? leader_->successors() : std::vector<int32_t>{};
  unaware_.clear();
  for (const auto& [id, peer] : peers_) unaware_.push_back(id);
  deadline_ = step.now.monotonic + random_election_timeout();
  change_role(step, QuorumRole::resigned, state_);
}

void RaftClient::lose_election(NodeStep& step) {
  if (state_.leader_id != nobody) {
    become_follower(step, state_.epoch, state_.leader_id);
  } else {
    become_unattached(step, state_.epoch);
  }
}

void RaftClient::learn_leader(NodeStep& step, int32_t epoch, int32_t leader_id) {
  if (epoch < state_.epoch) return;
  // A leader that is no voter cannot be; and this replica knows itself what it leads.
  const bool is_known = config_.voters.contains(leader_id) && leader_id != config_.node_id;
  if (epoch > state_.epoch) {
    if (is_known) {
      become_follower(step, epoch, leader_id);
    } else {
      become_unattached(step, epoch);
    }
  } else if (is_known && state_.leader_id == nobody) {
    become_follower(step, epoch, leader_id);
  }
}

Duration RaftClient::random_election_timeout() {
  const int64_t base = config_.election_timeout.nanoseconds;
  return {base + static_cast<int64_t>(random_.below(static_cast<uint64_t>(base)))};
}

void RaftClient::shut_down(NodeStep& step) {
  if (shutdown_deadline_) return;
  shutdown_deadline_ = step.now.monotonic + shutdown_patience(config_.fetch_timeout);
  poll(step);
}

bool RaftClient::is_shut_down(const Now& now) const {
  if (!shutdown_deadline_) return false;
  const bool has_remote_leader = state_.leader_id != nobody && state_.leader_id != config_.node_id;
  return !is_voter() || peers_.empty() || has_remote_leader || now.monotonic >= *shutdown_deadline_;
}

void RaftClient::close(Disk& disk) {
  if (log_) check(log_->close(disk));
}

// ---- What is due ------------------------------------------------------------------------------------------

void RaftClient::poll(NodeStep& step) {
  while (status_.ok() && poll_role(step)) {
  }
  if (!status_.ok()) return;
  if (step.now.monotonic >= next_cleaning_) clean_log(step);
  if (!status_.ok()) return;
  complete_fetches(step);
  const Instant wake = next_deadline(step.now.monotonic);
  if (wake == armed_) return;
  armed_ = wake;
  step.effects.set_timer(wake_up, wake);
}

size_t RaftClient::majority() const { return config_.voters.size() / 2 + 1; }

size_t RaftClient::votes_granted() const {
  return static_cast<size_t>(
      std::count_if(votes_.begin(), votes_.end(), [](const auto& v) { return v.second; }));
}

bool RaftClient::is_election_lost() const {
  return votes_granted() + config_.voters.size() - votes_.size() < majority();
}

/// True when the role changed, so that there may be more to do.
bool RaftClient::poll_role(NodeStep& step) {
  const bool timed_out = step.now.monotonic >= deadline_;
  // A node that shuts down begins no election. One under way goes on: who wins it can resign, and name a successor.
  const bool is_shutting_down = shutdown_deadline_.has_value();
  switch (role_) {
    case QuorumRole::unattached:
    case QuorumRole::voted:
      if (is_voter() && is_shutting_down) return false;
      if (is_voter() && (timed_out || config_.voters.size() == 1)) {
        become_prospective(step);
        return true;
      }
      send_fetch_to_any_voter(step);
      return false;
    case QuorumRole::prospective:
      if (votes_granted() >= majority() || config_.bugs.has(Bug::no_pre_vote)) {
        become_candidate(step);
        return true;
      }
      if (is_election_lost() || (timed_out && !is_shutting_down)) {
        note(step,
             is_election_lost()
                 ? "Insufficient remaining votes to become candidate."
                 : "Election timed out before receiving sufficient vote responses to become candidate.");
        lose_election(step);
        return true;
      }
      send_votes(step, /*pre_vote=*/true);
      return false;
    case QuorumRole::candidate:
      if (votes_granted() >= majority()) {
        become_leader(step);
        return true;
      }
      if (timed_out && !is_shutting_down) {
        become_prospective(step);
        return true;
      }
      send_votes(step, /*pre_vote=*/false);
      return false;
    case QuorumRole::leader:
      if (is_shutting_down) {
        become_resigned(step);
        return true;
      }
      if (step.now.monotonic >= leader_->check_quorum_deadline()) {
        note(
            step,
            "Did not receive fetch request from the majority of the voters within the check quorum timeout.");
        become_resigned(step);
        return true;
      }
      if (step.now.monotonic >= next_begin_quorum_) send_begin_quorum_epoch(step);
      return false;
    case QuorumRole::follower:
      if (is_shutting_down) return false;
      if (timed_out && is_voter()) {
        note(step, "Transitioning to Prospective state due to fetch timeout");
        become_prospective(step);
        return true;
      }
      if (timed_out) {
        send_fetch_to_any_voter(step);
      } else {
        if (step.now.monotonic >= update_voter_at_) send_update_voter(step);
        send_fetch_to_leader(step);
      }
      return false;
    case QuorumRole::resigned:
      if (timed_out && !is_shutting_down) {
        if (check(may_begin_epoch_after(state_.epoch))) become_unattached(step, state_.epoch + 1);
        return true;
      }
      send_end_quorum_epoch(step);
      return false;
  }
  return false;
}

/// When something becomes due by itself. What is due already was done, or waits for something else.
Instant RaftClient::next_deadline(Instant now) const {
  Instant next = never;
  const auto consider = [&](Instant at) {
    if (at > now) next = std::min(next, at);
  };
  consider(deadline_);
  consider(next_cleaning_);
  if (leader_) {
    consider(leader_->check_quorum_deadline());
    consider(next_begin_quorum_);
  } else {
    // Somebody to ask again after a failure. A leader asks at the times above.
    for (const auto& [id, peer] : peers_) {
      if (!peer.in_flight) consider(peer.retry_at);
    }
    if (role_ == QuorumRole::follower) consider(update_voter_at_);
  }
  for (const ParkedFetch& fetch : parked_fetches_) consider(fetch.deadline);
  if (shutdown_deadline_) consider(*shutdown_deadline_);
  return next;
}

template <class M>
void RaftClient::send(NodeStep& step, int32_t voter, M message, int16_t version, bool pre_vote) {
  Peer& peer = peers_.at(voter);
  peer.in_flight = next_token_++;
  peer.epoch = state_.epoch;
  peer.pre_vote = pre_vote;
  peer.retry_at = {};
  network_.send(step.now, step.effects, step.connections, voter, std::move(message), {version, version},
                *peer.in_flight);
}

void RaftClient::send_votes(NodeStep& step, bool pre_vote) {
  for (const auto& [voter, peer] : peers_) {
    if (votes_.contains(voter) || !can_ask(peer, step.now.monotonic)) continue;
    kafka::VoteRequest request =
        about_quorum<kafka::VoteRequest>({.replica_epoch = state_.epoch,
                                          .replica_id = config_.node_id,
                                          .replica_directory_id = config_.directory_id,
                                          .last_offset_epoch = log_->last_epoch(),
                                          .last_offset = log_->end_offset(),
                                          .pre_vote = pre_vote});
    request.cluster_id = config_.cluster_id;
    request.voter_id = voter;
    send(step, voter, std::move(request), 2, pre_vote);
  }
}

void RaftClient::send_begin_quorum_epoch(NodeStep& step) {
  const Duration period = config_.fetch_timeout / 2;
  for (const int32_t voter : leader_->silent_voters(step.now.monotonic, period)) {
    if (peers_.at(voter).in_flight) continue;
    kafka::BeginQuorumEpochRequest request = about_quorum<kafka::BeginQuorumEpochRequest>(
        {.leader_id = config_.node_id, .leader_epoch = state_.epoch});
    request.cluster_id = config_.cluster_id;
    request.voter_id = voter;
    const Address& address = config_.voters.at(config_.node_id);
    request.leader_endpoints.push_back(
        {.name = config_.listener, .host = address.host, .port = address.port});
    send(step, voter, std::move(request), 1);
  }
  next_begin_quorum_ = step.now.monotonic + period;
}

void RaftClient::send_end_quorum_epoch(NodeStep& step) {
  for (const int32_t voter : unaware_) {
    if (!can_ask(peers_.at(voter), step.now.monotonic)) continue;
    kafka::EndQuorumEpochRequest::PartitionData partition{.leader_id = config_.node_id,
                                                          .leader_epoch = state_.epoch};
    for (const int32_t successor : successors_)
      partition.preferred_candidates.push_back({.candidate_id = successor});
    kafka::EndQuorumEpochRequest request = about_quorum<kafka::EndQuorumEpochRequest>(std::move(partition));
    request.cluster_id = config_.cluster_id;
    send(step, voter, std::move(request), 1);
  }
}

void RaftClient::send_fetch_to_leader(NodeStep& step) {
  const Peer& leader = peers_.at(state_.leader_id);
  if (leader.in_flight) return;
  if (can_ask(leader, step.now.monotonic)) {
    if (fetching_snapshot_) {
      send_fetch_snapshot(step);
    } else {
      send_fetch(step, state_.leader_id);
    }
  } else {
    // The leader could not be reached just now; another voter may know a newer one.
    send_fetch_to_any_voter(step);
  }
}

void RaftClient::send_fetch_to_any_voter(NodeStep& step) {
  std::vector<int32_t> ready;
  for (const auto& [voter, peer] : peers_) {
    if (peer.in_flight) return;
    if (can_ask(peer, step.now.monotonic)) ready.push_back(voter);
  }
  if (!ready.empty()) send_fetch(step, ready[random_.below(ready.size())]);
}

void RaftClient::send_fetch(NodeStep& step, int32_t voter) {
  // The offset acknowledges everything below it, which must be on the disk first.
  if (log_->flushed_offset() < log_->end_offset()) return;
  kafka::FetchRequest request;
  request.cluster_id = config_.cluster_id;
  request.replica_state.replica_id = config_.node_id;
  request.max_wait_ms =
      static_cast<int32_t>(std::min(fetch_wait_max_ms, config_.fetch_timeout.milliseconds() / 2));
  request.max_bytes = fetch_max_bytes;
  auto& topic = request.topics.emplace_back();
  topic.topic = metadata_partition.topic;  // not sent; for the journal
  topic.topic_id = metadata_topic_id;
  topic.partitions.push_back({.partition = metadata_partition.partition,
                              .current_leader_epoch = state_.epoch,
                              .fetch_offset = log_->end_offset(),
                              .last_fetched_epoch = log_->last_epoch(),
                              .replica_directory_id = config_.directory_id,
                              .high_watermark = high_watermark_ > 0 ? high_watermark_ : -1});
  send(step, voter, std::move(request), 18);
}

void RaftClient::send_fetch_snapshot(NodeStep& step) {
  kafka::FetchSnapshotRequest request;
  request.cluster_id = config_.cluster_id;
  request.replica_id = config_.node_id;
  request.max_bytes = fetch_max_bytes;
  auto& topic = request.topics.emplace_back();
  topic.name = metadata_partition.topic;
  auto& partition = topic.partitions.emplace_back();
  partition.partition = metadata_partition.partition;
  partition.current_leader_epoch = state_.epoch;
  partition.snapshot_id = {.end_offset = fetching_snapshot_->id.end_offset,
                           .epoch = fetching_snapshot_->id.epoch};
  partition.position = fetching_snapshot_->bytes();
  partition.replica_directory_id = config_.directory_id;
  send(step, state_.leader_id, std::move(request), 1);
}

void RaftClient::send_update_voter(NodeStep& step) {
  if (!can_ask(peers_.at(state_.leader_id), step.now.monotonic)) return;
  kafka::UpdateRaftVoterRequest request;
  request.cluster_id = config_.cluster_id;
  request.current_leader_epoch = state_.epoch;
  request.voter_id = config_.node_id;
  request.voter_directory_id = config_.directory_id;
  const Address& address = config_.voters.at(config_.node_id);
  request.listeners.push_back({.name = config_.listener, .host = address.host, .port = address.port});
  request.kraft_version_feature = {.min_supported_version = 0, .max_supported_version = 0};
  update_voter_at_ = step.now.monotonic + one_and_a_half(config_.fetch_timeout);
  send(step, state_.leader_id, std::move(request), 0);
}

// ---- Inputs -----------------------------------------------------------------------------------------------

bool RaftClient::owns(const Input& input) const {
  if (const auto* timer = std::get_if<input::TimerFired>(&input)) {
    return timer->timer.kind >= first_timer_kind && timer->timer.kind <= last_timer_kind;
  }
  if (const auto* done = std::get_if<input::DiskDone>(&input)) return MetadataLog::owns(done->token);
  return network_.owns(input);
}

void RaftClient::handle_input(NodeStep& step, const Input& input) {
  if (!status_.ok()) return;
  if (const auto* timer = std::get_if<input::TimerFired>(&input);
      timer != nullptr && timer->timer == wake_up) {
    armed_ = never;
  } else if (const auto* done = std::get_if<input::DiskDone>(&input)) {
    if (!check(log_->flush_done(step.effects, *done))) return;
    log_was_flushed(step);
  } else {
    for (const Completion& completion : network_.handle(step.now, step.effects, step.connections, input)) {
      handle_completion(step, completion);
      if (!status_.ok()) return;
    }
  }
  poll(step);
}

// ---- The log ----------------------------------------------------------------------------------------------

std::optional<int64_t> RaftClient::append(NodeStep& step, int32_t epoch,
                                          const std::vector<kafka::MetadataRecord>& records) {
  BROKERLAB_ASSERT(!records.empty());
  if (!is_leader() || epoch != state_.epoch || !status_.ok()) return std::nullopt;
  const Result<int64_t> offset = log_->append(step.effects, records, epoch, step.now.wall_ms);
  if (!check(offset.status())) return std::nullopt;
  log_->flush(step.effects);
  log_was_flushed(step);
  complete_fetches(step);
  return *offset;
}

void RaftClient::log_was_flushed(NodeStep& step) {
  if (is_leader() && leader_->flushed(log_->flushed_offset())) {
    advance_high_watermark(step, *leader_->high_watermark());
  }
}

void RaftClient::advance_high_watermark(NodeStep& step, int64_t offset) {
  if (offset <= high_watermark_) return;
  BROKERLAB_ASSERT(offset <= log_->end_offset());
  high_watermark_ = offset;
  step.effects.emit(event::HighWatermarkAdvanced{.partition = metadata_partition,
                                                 .replica = config_.node_id,
                                                 .offset = offset,
                                                 .leader_epoch = state_.epoch,
                                                 .as_leader = is_leader()});
}

Result<std::vector<MetadataBatch>> RaftClient::committed_from(Disk& disk, int64_t offset) const {
  if (!log_ || offset >= high_watermark_) return std::vector<MetadataBatch>{};
  return log_->batches(disk, offset, high_watermark_, committed_read_bytes);
}

const Address* RaftClient::voter_address(int32_t id) const {
  const auto voter = config_.voters.find(id);
  return voter == config_.voters.end() ? nullptr : &voter->second;
}

bool RaftClient::check(Status status) {
  if (status_.ok() && !status.ok()) status_ = std::move(status);
  return status_.ok();
}

void RaftClient::note(NodeStep& step, std::string text) const {
  step.effects.emit(event::Noted{fmt::format("[RaftManager id={}] {}", config_.node_id, text)});
}

QuorumView RaftClient::describe(const Now& now) const {
  QuorumView view;
  if (!is_voter()) return view;
  view.role = to_string(role_);
  view.epoch = state_.epoch;
  view.leader_id = state_.leader_id;
  view.voted_id = state_.voted_id;
  if (role_ == QuorumRole::prospective || role_ == QuorumRole::candidate) {
    for (const auto& [id, granted] : votes_) view.votes += granted ? 1 : 0;
    view.votes_needed = static_cast<int32_t>(config_.voters.size() / 2 + 1);
  }
  view.log_end_offset = log_end_offset();
  view.high_watermark = high_watermark_;
  if (leader_) {
    for (const auto& [id, progress] : leader_->voters()) {
      const bool is_self = id == config_.node_id;
      view.voters.push_back({.replica = id,
                             .log_end_offset = is_self ? log_end_offset() : progress.end_offset,
                             .last_fetch_ms = is_self ? now.wall_ms : progress.last_fetch_ms,
                             .last_caught_up_ms = is_self ? now.wall_ms : progress.last_caught_up_ms});
    }
  }
  return view;
}

}  // namespace brokerlab
