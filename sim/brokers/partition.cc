#include "sim/brokers/partition.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/storage/retention.h"

namespace brokerlab {

using kafka::ErrorCode;

Partition::Partition(TopicPartition name, Uuid topic_id, int32_t broker_id, PartitionConfig config, Log log,
                     int64_t high_watermark)
    : name_(std::move(name)),
      topic_id_(topic_id),
      broker_id_(broker_id),
      config_(config),
      log_(std::move(log)),
      high_watermark_(std::clamp(high_watermark, log_.log_start_offset(), log_.log_end_offset())) {}

bool Partition::contains(const std::vector<int32_t>& ids, int32_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

void Partition::note_load(Effects& effects) const {
  effects.emit(event::LogLoaded{name_, broker_id_, topic_id_, log_.log_start_offset(), log_.log_end_offset(),
                                log_.latest_epoch(), high_watermark_});
}

void Partition::note_append(const BatchInfo& batch, Effects& effects) const {
  effects.emit(event::LogAppended{name_, broker_id_, batch.first_offset, batch.last_offset,
                                  batch.leader_epoch, batch.crc, batch.bytes, is_leader_, batch.producer_id,
                                  batch.producer_epoch, batch.base_sequence, batch.records});
}

bool Partition::has_replica(int32_t broker) const { return contains(replicas_, broker); }

void Partition::set_config(const PartitionConfig& config, const LogConfig& log_config) {
  config_ = config;
  log_.set_config(log_config);
}

// ---- roles ------------------------------------------------------------------------------------------------

Result<bool> Partition::apply(const PartitionRegistration& registration, const MetadataImage& image,
                              const Now& now, Effects& effects) {
  // An answer to AlterPartition may have brought this epoch already; what happened since must not be undone.
  if (registration.partition_epoch <= partition_epoch_) return false;
  BROKERLAB_ASSERT(registration.leader_epoch >= leader_epoch_);
  const bool is_new_epoch = registration.leader_epoch > leader_epoch_;
  const bool was_leader = is_leader_;
  is_leader_ = registration.leader == broker_id_;
  leader_ = registration.leader;
  leader_epoch_ = registration.leader_epoch;
  partition_epoch_ = registration.partition_epoch;
  replicas_ = registration.replicas;
  pending_ = Pending::none;
  proposed_isr_.clear();
  unsent_.reset();
  if (!is_leader_) {
    isr_.clear();
    followers_.clear();
    leader_epoch_start_ = 0;
    if (config_.bugs.has(Bug::kip_101_hw_truncation) && is_new_epoch && leader_ != no_leader &&
        high_watermark_ < log_.log_end_offset())
      if (Status status = truncate_to(high_watermark_, effects); !status) return status;
    return false;
  }
  isr_ = registration.isr;
  std::erase_if(followers_, [&](const auto& follower) { return !has_replica(follower.first); });
  if (is_new_epoch || !was_leader) {
    leader_epoch_start_ = log_.log_end_offset();
    if (Status status = log_.assign_epoch_start(effects.disk(), leader_epoch_); !status) return status;
  }
  for (const int32_t replica : replicas_) {
    if (replica == broker_id_) continue;
    Follower& follower = followers_[replica];
    if (!is_new_epoch && was_leader) continue;
    // Members of the in-sync set have until replica.lag.time.max.ms from now on to fetch from their new
    // leader.
    const std::optional<Instant> since =
        contains(isr_, replica) ? std::optional(now.monotonic) : std::nullopt;
    if (!was_leader) follower = Follower{};
    follower.leader_end_offset_at_fetch = log_.log_end_offset();
    follower.last_fetch = was_leader ? since : std::nullopt;
    follower.last_caught_up = since;
  }
  return advance_high_watermark(image, now, effects);
}

ErrorCode Partition::check(int32_t current_leader_epoch, bool must_lead) const {
  if (current_leader_epoch >= 0 && current_leader_epoch < leader_epoch_)
    return ErrorCode::fenced_leader_epoch;
  if (current_leader_epoch > leader_epoch_) return ErrorCode::unknown_leader_epoch;
  if (must_lead && !is_leader_) return ErrorCode::not_leader_or_follower;
  return ErrorCode::none;
}

// ---- a leader ---------------------------------------------------------------------------------------------

int32_t Partition::effective_min_isr() const {
  return std::min(config_.min_in_sync_replicas, static_cast<int32_t>(replicas_.size()));
}

std::vector<int32_t> Partition::maximal_isr() const {
  return pending_ == Pending::expand ? proposed_isr_ : isr_;
}

Result<Partition::Append> Partition::append_as_leader(const Bytes& batch, int16_t acks,
                                                      const MetadataImage& image, const Now& now,
                                                      Effects& effects) {
  Append append;
  if (!is_leader_) {
    append.error = ErrorCode::not_leader_or_follower;
    return append;
  }
  if (acks == -1 && static_cast<int32_t>(isr_.size()) < effective_min_isr()) {
    append.error = ErrorCode::not_enough_replicas;
    return append;
  }
  Result<LeaderAppend> appended = log_.append_as_leader(effects.disk(), batch, leader_epoch_, now.wall_ms);
  if (!appended) return appended.status();
  append.error = appended->error;
  if (append.error != ErrorCode::none) return append;
  append.first_offset = appended->batch.first_offset;
  append.last_offset = appended->batch.last_offset;
  append.log_append_time_ms = appended->log_append_time_ms;
  append.duplicate = appended->duplicate;
  if (!append.duplicate) note_append(appended->batch, effects);
  append.high_watermark_advanced = advance_high_watermark(image, now, effects);
  return append;
}

Partition::Committed Partition::is_committed(int64_t offset) const {
  if (!is_leader_) return {true, ErrorCode::not_leader_or_follower};
  if (high_watermark_ < offset) return {false, ErrorCode::none};
  const bool enough = static_cast<int32_t>(maximal_isr().size()) >= effective_min_isr();
  return {true, enough ? ErrorCode::none : ErrorCode::not_enough_replicas_after_append};
}

ErrorCode Partition::check_fetch(const FetchPartition& request, const Fetcher& fetcher) const {
  const bool must_lead = fetcher.is_follower() || !fetcher.may_read_from_follower;
  const int32_t current_leader_epoch =
      config_.bugs.has(Bug::kip_320_unfenced_fetch) ? -1 : request.current_leader_epoch;
  if (const ErrorCode error = check(current_leader_epoch, must_lead); error != ErrorCode::none) return error;
  if (!fetcher.is_follower()) return ErrorCode::none;
  const auto follower = followers_.find(fetcher.replica_id);
  if (follower == followers_.end())
    // A reassignment that this leader has not heard of yet makes the follower try again.
    return request.current_leader_epoch >= 0 ? ErrorCode::unknown_leader_epoch
                                             : ErrorCode::not_leader_or_follower;
  const bool is_stale = fetcher.broker_epoch != -1 && fetcher.broker_epoch < follower->second.broker_epoch;
  return is_stale ? ErrorCode::not_leader_or_follower : ErrorCode::none;
}

std::optional<EpochEndOffset> Partition::find_divergence(const FetchPartition& request,
                                                         ErrorCode& error) const {
  if (request.last_fetched_epoch < 0 || config_.bugs.has(Bug::kip_320_unfenced_fetch)) return std::nullopt;
  const EpochEndOffset end = log_.end_offset_for_epoch(request.last_fetched_epoch);
  if (end.is_undefined() || request.fetch_offset < log_.log_start_offset()) {
    error = ErrorCode::offset_out_of_range;
    return std::nullopt;
  }
  const bool is_unknown_epoch =
      end.epoch < request.last_fetched_epoch && !config_.bugs.has(Bug::kip_279_unknown_epoch);
  if (is_unknown_epoch || end.end_offset < request.fetch_offset) return end;
  return std::nullopt;
}

Result<Partition::Read> Partition::read(const FetchPartition& request, const Fetcher& fetcher,
                                        uint64_t max_bytes, bool at_least_one_batch, Disk& disk) const {
  Read read;
  read.error = check_fetch(request, fetcher);
  if (read.error != ErrorCode::none) return read;
  read.diverging = find_divergence(request, read.error);
  if (read.error != ErrorCode::none) return read;
  read.high_watermark = high_watermark_;
  read.log_start_offset = log_.log_start_offset();
  read.log_end_offset = log_.log_end_offset();
  if (read.diverging) return read;
  if (request.fetch_offset < log_.log_start_offset() || request.fetch_offset > log_.log_end_offset()) {
    read = Read{};
    read.error = ErrorCode::offset_out_of_range;
    return read;
  }
  const int64_t end = fetcher.isolation == FetchIsolation::log_end ? log_.log_end_offset() : high_watermark_;
  // Of a follower out of sync each fetch counts: it may be let in again.
  read.is_settled =
      request.fetch_offset >= end && (!fetcher.is_follower() || contains(isr_, fetcher.replica_id));
  if (request.fetch_offset >= end || (max_bytes == 0 && !at_least_one_batch)) return read;
  Result<LogRead> records = log_.read(disk, request.fetch_offset, end, max_bytes, at_least_one_batch);
  if (!records) return records.status();
  read.up_to_offset = end;
  read.records = std::move(records->slices);
  read.bytes = records->bytes;
  return read;
}

Partition::Peek Partition::peek(const FetchPartition& request, const Fetcher& fetcher) const {
  Peek peek;
  peek.error = check_fetch(request, fetcher);
  if (peek.error != ErrorCode::none) return peek;
  peek.is_diverging = find_divergence(request, peek.error).has_value();
  if (peek.error != ErrorCode::none || peek.is_diverging) return peek;
  if (request.fetch_offset < log_.log_start_offset() || request.fetch_offset > log_.log_end_offset()) {
    peek.error = ErrorCode::offset_out_of_range;
    return peek;
  }
  const int64_t end = fetcher.isolation == FetchIsolation::log_end ? log_.log_end_offset() : high_watermark_;
  peek.has_records = request.fetch_offset < end;
  return peek;
}

bool Partition::record_fetch(int32_t replica, int64_t broker_epoch, int64_t offset, int64_t log_start_offset,
                             int64_t leader_end_offset, const MetadataImage& image, const Now& now,
                             Effects& effects) {
  BROKERLAB_ASSERT(is_leader_);
  Follower& follower = followers_.at(replica);
  const int64_t end_before = follower.log_end_offset;
  // Caught up now, or with this fetch up to where the log ended at the fetch before (Kafka's Replica).
  if (offset >= leader_end_offset)
    follower.last_caught_up = now.monotonic;
  else if (offset >= follower.leader_end_offset_at_fetch && follower.last_fetch)
    follower.last_caught_up = std::max(follower.last_caught_up.value_or(Instant{}), *follower.last_fetch);
  follower.log_end_offset = offset;
  follower.log_start_offset = log_start_offset;
  follower.leader_end_offset_at_fetch = std::max(leader_end_offset, follower.leader_end_offset_at_fetch);
  follower.last_fetch = now.monotonic;
  follower.broker_epoch = broker_epoch;
  maybe_expand_isr(replica, follower, image, effects);
  return end_before != offset && advance_high_watermark(image, now, effects);
}

void Partition::note_seen(int32_t replica, Instant last_fetch) {
  const auto follower = followers_.find(replica);
  if (follower == followers_.end() || !follower->second.last_fetch) return;
  follower->second.last_fetch = std::max(*follower->second.last_fetch, last_fetch);
  follower->second.last_caught_up = std::max(follower->second.last_caught_up.value_or(Instant{}), last_fetch);
}

// ---- high watermark and the in-sync set -------------------------------------------------------------------

bool Partition::is_caught_up(const Follower& follower, Instant now) const {
  return follower.log_end_offset == log_.log_end_offset() ||
         (follower.last_caught_up && now - *follower.last_caught_up <= config_.replica_lag_time_max);
}

bool Partition::is_eligible(int32_t replica, const Follower& follower, const MetadataImage& image) const {
  const BrokerRegistration* broker = image.broker(replica);
  return broker != nullptr && broker->is_active() &&
         (follower.broker_epoch == -1 || follower.broker_epoch == broker->epoch);  // not while it is empty
}

bool Partition::advance_high_watermark(const MetadataImage& image, const Now& now, Effects& effects) {
  BROKERLAB_ASSERT(is_leader_);
  if (static_cast<int32_t>(isr_.size()) < effective_min_isr()) return false;
  const std::vector<int32_t> in_sync = maximal_isr();
  int64_t offset = log_.log_end_offset();
  for (const auto& [replica, follower] : followers_) {
    if (follower.log_end_offset >= offset) continue;
    const bool counts = contains(in_sync, replica) ||
                        (is_caught_up(follower, now.monotonic) && is_eligible(replica, follower, image));
    if (counts) offset = follower.log_end_offset;
  }
  if (offset <= high_watermark_) return false;
  set_high_watermark(offset, effects);
  return true;
}

void Partition::set_high_watermark(int64_t offset, Effects& effects) {
  BROKERLAB_ASSERT(offset > high_watermark_ && offset <= log_.log_end_offset());
  high_watermark_ = offset;
  effects.emit(event::HighWatermarkAdvanced{name_, broker_id_, offset, leader_epoch_, is_leader_});
}

void Partition::maybe_expand_isr(int32_t replica, const Follower& follower, const MetadataImage& image,
                                 Effects& effects) {
  if (pending_ != Pending::none || contains(isr_, replica) || !is_eligible(replica, follower, image)) return;
  if (follower.log_end_offset < high_watermark_ || follower.log_end_offset < leader_epoch_start_) return;
  std::vector<int32_t> isr = isr_;
  isr.push_back(replica);
  propose(Pending::expand, std::move(isr), effects);
}

void Partition::maybe_shrink_isr(const Now& now, Effects& effects) {
  if (!is_leader_ || pending_ != Pending::none) return;
  std::vector<int32_t> isr = isr_;
  std::erase_if(isr, [&](int32_t replica) {
    return replica != broker_id_ && !is_caught_up(followers_.at(replica), now.monotonic);
  });
  if (isr.size() < isr_.size()) propose(Pending::shrink, std::move(isr), effects);
}

void Partition::propose(Pending kind, std::vector<int32_t> isr, Effects& effects) {
  std::sort(isr.begin(), isr.end());
  pending_ = kind;
  proposed_isr_ = isr;
  unsent_ = IsrProposal{std::move(isr), leader_epoch_, partition_epoch_};
  effects.emit(
      event::IsrProposed{name_, broker_id_, proposed_isr_, kind == Pending::expand ? "expand" : "shrink"});
}

int64_t Partition::broker_epoch_of(int32_t replica, int64_t own_epoch) const {
  if (replica == broker_id_) return own_epoch;
  const auto follower = followers_.find(replica);
  return follower == followers_.end() ? -1 : follower->second.broker_epoch.value_or(-1);
}

bool Partition::answer_isr(const IsrProposal& proposed, const IsrAnswer& answer, const MetadataImage& image,
                           const Now& now, Effects& effects) {
  const bool is_current = is_leader_ && pending_ != Pending::none && proposed.leader_epoch == leader_epoch_ &&
                          proposed.partition_epoch == partition_epoch_;
  if (!is_current) return false;  // newer metadata came first
  switch (answer.error) {
    case ErrorCode::none:
      if (answer.leader_epoch != leader_epoch_ || answer.partition_epoch < partition_epoch_) return false;
      // A smaller set counts when metadata tells of it: with min.insync.replicas, by which who left is eligible.
      if (pending_ == Pending::shrink) return false;
      isr_ = answer.isr;
      partition_epoch_ = answer.partition_epoch;
      pending_ = Pending::none;
      effects.emit(event::IsrAccepted{name_, broker_id_, leader_epoch_, partition_epoch_, isr_});
      return advance_high_watermark(image, now, effects);
    case ErrorCode::operation_not_attempted:
    case ErrorCode::ineligible_replica:
      pending_ = Pending::none;  // it was not done, and is asked again when there is a reason again
      return false;
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::invalid_update_version:
    case ErrorCode::invalid_request:
    case ErrorCode::new_leader_elected:
      return false;  // newer metadata is on its way and decides; until then what was asked for may be true
    default:
      unsent_ = proposed;
      return false;
  }
}

// ---- a follower -------------------------------------------------------------------------------------------

Status Partition::append_as_follower(const Bytes& records, int64_t leader_high_watermark,
                                     int64_t leader_log_start_offset, Effects& effects) {
  BROKERLAB_ASSERT(!is_leader_);
  if (!records.empty()) {
    if (Status status = begin_with_batch_of(records, effects); !status) return status;
    Result<std::vector<BatchInfo>> appended = log_.append_as_follower(effects.disk(), records, leader_epoch_);
    if (!appended) return appended.status();
    for (const BatchInfo& batch : *appended) note_append(batch, effects);
  }
  const int64_t offset = std::min(leader_high_watermark, log_.log_end_offset());
  if (offset > high_watermark_) set_high_watermark(offset, effects);
  if (leader_log_start_offset > log_.log_start_offset() && leader_log_start_offset <= high_watermark_)
    return advance_log_start(leader_log_start_offset, "leader offset increment", effects);
  return {};
}

/// DeleteRecords may leave the leader a log that begins in the middle of a batch. Who begins there gets the whole batch.
Status Partition::begin_with_batch_of(const Bytes& records, Effects& effects) {
  const int64_t end = log_.log_end_offset();
  const auto first = kafka::parse_batch_header(records.span());
  const bool is_cut_by_start = first && log_.log_start_offset() == end && first->base_offset >= 0 &&
                               first->base_offset < end && first->last_offset() >= end;
  return is_cut_by_start ? start_over_at(first->base_offset, effects) : Status{};
}

Status Partition::truncate_to_leader(EpochEndOffset leader, Effects& effects) {
  return truncate_to(leader.is_undefined() ? high_watermark_ : log_.truncation_offset_for(leader), effects);
}

Status Partition::truncate_to(int64_t offset, Effects& effects) {
  const int64_t from = log_.log_end_offset();
  return note_truncation(from, log_.truncate_to(effects.disk(), offset), effects);
}

Status Partition::start_over_at(int64_t offset, Effects& effects) {
  const int64_t from = log_.log_end_offset();
  return note_truncation(from, log_.truncate_fully_and_start_at(effects.disk(), offset), effects);
}

Status Partition::note_truncation(int64_t from_offset, Status status, Effects& effects) {
  BROKERLAB_ASSERT(!is_leader_);
  // Also where what follows the cut failed: the records are gone.
  if (log_.log_end_offset() != from_offset)
    effects.emit(event::LogTruncated{name_, broker_id_, log_.log_end_offset(), from_offset, leader_epoch_});
  if (!status) return status;
  high_watermark_ = std::clamp(high_watermark_, log_.log_start_offset(), log_.log_end_offset());
  return status;
}

// ---- how long records stay --------------------------------------------------------------------------------

Result<Partition::DeletedRecords> Partition::delete_records(int64_t offset, const MetadataImage& image,
                                                            Effects& effects) {
  constexpr int64_t all_readable = -1;
  DeletedRecords deleted;
  const int64_t target = offset == all_readable ? high_watermark_ : offset;
  if (!is_leader_) {
    deleted.error = ErrorCode::not_leader_or_follower;
  } else if (log_.config().compacts && !log_.config().deletes) {
    deleted.error = ErrorCode::policy_violation;
  } else if (target < 0 || target > high_watermark_) {
    deleted.error = ErrorCode::offset_out_of_range;
  } else {
    if (Status status = advance_log_start(target, "client delete records request", effects); !status)
      return status;
    deleted.offset = target;
    deleted.low_watermark = low_watermark(image);
  }
  return deleted;
}

int64_t Partition::low_watermark(const MetadataImage& image) const {
  BROKERLAB_ASSERT(is_leader_);
  int64_t offset = log_.log_start_offset();
  for (const auto& [replica, follower] : followers_) {
    const BrokerRegistration* broker = image.broker(replica);
    if (broker != nullptr && !broker->fenced) offset = std::min(offset, follower.log_start_offset);
  }
  return offset;
}

Status Partition::delete_old_segments(const Now& now, Effects& effects) {
  const size_t count = count_old_segments(log_, high_watermark_, now.wall_ms);
  const int64_t from = log_.log_start_offset();
  const Status status = log_.delete_oldest_segments(effects.disk(), count);
  if (status) note_log_start(from, "segment deletion", effects);
  return status;
}

Status Partition::advance_log_start(int64_t offset, std::string_view reason, Effects& effects) {
  BROKERLAB_ASSERT(offset <= high_watermark_);
  const int64_t from = log_.log_start_offset();
  const Status status = log_.advance_log_start(effects.disk(), offset);
  if (status) note_log_start(from, reason, effects);
  return status;
}

void Partition::note_log_start(int64_t from_offset, std::string_view reason, Effects& effects) const {
  if (log_.log_start_offset() == from_offset) return;
  effects.emit(
      event::Noted{fmt::format("[UnifiedLog partition={}] Incremented log start offset to {} due to {}",
                               name_.to_string(), log_.log_start_offset(), reason)});
  effects.emit(
      event::LogStartMoved{name_, broker_id_, from_offset, log_.log_start_offset(), std::string(reason)});
}

// ---- description ------------------------------------------------------------------------------------------

ReplicaView Partition::describe() const {
  ReplicaView view;
  view.topic = name_.topic;
  view.partition = name_.partition;
  view.role = is_leader_ ? "leader" : "follower";
  view.leader_epoch = leader_epoch_;
  view.log_start_offset = log_.log_start_offset();
  view.high_watermark = high_watermark_;
  view.log_end_offset = log_.log_end_offset();
  view.size_bytes = static_cast<int64_t>(log_.size_bytes());
  for (const auto& [replica, follower] : followers_) {
    FollowerProgressView& progress = view.followers.emplace_back();
    progress.replica = replica;
    progress.log_end_offset = follower.log_end_offset;
    progress.in_sync = contains(isr_, replica);
  }
  return view;
}

}  // namespace brokerlab
