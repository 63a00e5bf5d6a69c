#include "sim/brokers/log_cleaner.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

/// Below it every transaction has ended.
int64_t last_stable_offset(const Partition& partition) {
  int64_t offset = partition.high_watermark();
  for (const auto& [id, producer] : partition.log().producers().entries())
    offset = std::min(offset, producer.transaction_start.value_or(offset));
  return offset;
}

}  // namespace

Status LogCleaner::start(Disk& disk, Instant now) {
  if (!is_enabled_) return {};
  next_work_ = now + backoff_;
  Result<OffsetCheckpoint> checkpoint = read_offset_checkpoint(disk, cleaner_offset_checkpoint);
  // Without a good one everything counts as dirty.
  if (checkpoint) cleaned_up_to_ = std::move(*checkpoint);
  const StatusCode code = checkpoint.status().code;
  return checkpoint || code == StatusCode::not_found || code == StatusCode::invalid ? Status{}
                                                                                    : checkpoint.status();
}

Status LogCleaner::write_checkpoint(Disk& disk) const {
  return write_offset_checkpoint(disk, cleaner_offset_checkpoint, cleaned_up_to_);
}

/// Chooses the log of which most is dirty.
Status LogCleaner::begin_pass(std::map<PartitionKey, Partition>& partitions, const Now& now, Disk& disk) {
  BROKERLAB_ASSERT(!pass_);
  const Partition* dirtiest = nullptr;
  PartitionKey dirtiest_key;
  CleanableRange most;
  bool has_new_checkpoint = false;
  for (auto& [key, partition] : partitions) {
    Log& log = partition.log();
    if (!log.config().compacts || uncleanable_.contains(key)) continue;
    const auto known = cleaned_up_to_.find(partition.name());
    // What was written again after a truncation is not clean.
    if (const std::optional<int64_t> cut = log.take_lowest_cut(); cut && known != cleaned_up_to_.end()) {
      known->second = std::min(known->second, *cut);
      has_new_checkpoint = true;
    }
    const CleanableRange range =
        cleanable_range(log, known == cleaned_up_to_.end() ? std::nullopt : std::optional(known->second),
                        last_stable_offset(partition), now.wall_ms);
    if (!range.is_worth_it(log.config().min_cleanable_ratio_millionths)) continue;
    if (dirtiest != nullptr && !range.is_dirtier_than(most)) continue;
    dirtiest = &partition;
    dirtiest_key = key;
    most = range;
  }
  if (dirtiest != nullptr) pass_ = Pass{dirtiest_key, Compaction(dirtiest->log(), most, now.wall_ms)};
  return has_new_checkpoint ? write_checkpoint(disk) : Status{};
}

Result<bool> LogCleaner::poll(std::map<PartitionKey, Partition>& partitions, const Now& now,
                              Effects& effects) {
  if (is_flushing_ || now.monotonic < next_work_) return false;
  Disk& disk = effects.disk();
  if (!pass_) {
    if (Status begun = begin_pass(partitions, now, disk); !begun) return begun;
    if (!pass_) {
      next_work_ = now.monotonic + backoff_;
      return true;
    }
    const Partition& chosen = partitions.at(pass_->key);
    effects.emit(
        event::LogCompacted{chosen.name(), chosen.broker_id(), pass_->compaction.first_uncleanable_offset()});
  }
  next_work_ = now.monotonic + pause_between_pieces;
  Partition& partition = partitions.at(pass_->key);
  const Result<Compaction::Progress> progress = pass_->compaction.work(partition.log(), disk, piece_bytes);
  if (!progress && progress.status().code != StatusCode::invalid) return progress.status();
  if (!progress) {
    effects.emit(event::Noted{fmt::format("WARN Marking partition {} as uncleanable: {}",
                                          partition.name().to_string(), progress.status().message)});
    uncleanable_.insert(pass_->key);
    const Status given_up = pass_->compaction.give_up(partition.log(), disk);
    pass_.reset();
    return given_up ? Result<bool>(true) : Result<bool>(given_up);
  }
  switch (*progress) {
    case Compaction::Progress::working:
      return false;
    case Compaction::Progress::flushing:
      is_flushing_ = true;
      effects.flush(pass_->compaction.file_to_flush(), flush_);
      return false;
    case Compaction::Progress::given_up:
      pass_.reset();
      return true;
    case Compaction::Progress::done:
      break;
  }
  cleaned_up_to_[partition.name()] = pass_->compaction.end_offset();
  effects.emit(event::Noted{fmt::format("Log cleaner thread 0 cleaned log {} up to offset {}",
                                        partition.name().to_string(), pass_->compaction.end_offset())});
  pass_.reset();
  if (Status written = write_checkpoint(disk); !written) return written;
  return true;
}

Status LogCleaner::flushed(const Status& status, Instant now) {
  is_flushing_ = false;
  if (!pass_) return {};
  next_work_ = now;
  return status;
}

Status LogCleaner::forget(const PartitionKey& key, const Partition& partition, Disk& disk) {
  uncleanable_.erase(key);
  if (pass_ && pass_->key == key) {
    const Status given_up = pass_->compaction.give_up(partition.log(), disk);
    pass_.reset();
    if (!given_up) return given_up;
  }
  return cleaned_up_to_.erase(partition.name()) > 0 ? write_checkpoint(disk) : Status{};
}

Status LogCleaner::stop(std::map<PartitionKey, Partition>& partitions, Disk& disk) {
  next_work_ = never;
  if (!pass_) return {};
  const Status given_up = pass_->compaction.give_up(partitions.at(pass_->key).log(), disk);
  pass_.reset();
  return given_up;
}

}  // namespace brokerlab
