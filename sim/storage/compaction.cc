#include "sim/storage/compaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/base/assert.h"
#include "sim/storage/batch_filter.h"
#include "sim/storage/batch_scanner.h"

namespace brokerlab {
namespace {

using kafka::RecordBatch;
using kafka::RecordBatchHeader;

constexpr int64_t millionths = 1'000'000;

int64_t dirty_millionths(const CleanableRange& range) {
  const uint64_t total = range.clean_bytes + range.dirty_bytes;
  return total == 0 ? 0 : static_cast<int64_t>(range.dirty_bytes * millionths / total);
}

/// How many segments begin below `offset`.
size_t segments_below(const Log& log, int64_t offset) {
  const auto segments = log.segments();
  return static_cast<size_t>(std::lower_bound(segments.begin(), segments.end(), offset,
                                              [](const Segment& segment, int64_t wanted) {
                                                return segment.base_offset() < wanted;
                                              }) -
                             segments.begin());
}

/// The segment that holds `offset`; the first one when it is lower.
size_t segment_of(const Log& log, int64_t offset) {
  const size_t below = segments_below(log, offset + 1);
  return below == 0 ? 0 : below - 1;
}

Status unreadable(const Log& log, const RecordBatchHeader& batch, std::string_view why) {
  return Status::error(StatusCode::invalid,
                       fmt::format("{}: the batch at offset {}: {}", log.folder(), batch.base_offset, why));
}

/// The type of the control record: its key is a version and the type, two numbers of 16 bits.
enum class Marker : int16_t { abort = 0, commit = 1, none = -1 };
Marker marker_in(const RecordBatch& batch) {
  kafka::RecordReader records(batch);
  kafka::Record record;
  if (!records.next(record) || !record.key || record.key->size() < 4) return Marker::none;
  const int type = record.key->data()[2] << 8 | record.key->data()[3];
  return type == 0 ? Marker::abort : type == 1 ? Marker::commit : Marker::none;
}

}  // namespace

// ---- what there is to do ----------------------------------------------------------------------------------

bool CleanableRange::is_worth_it(int64_t min_ratio_millionths) const {
  return dirty_bytes > 0 && (is_overdue || dirty_millionths(*this) > min_ratio_millionths);
}

bool CleanableRange::is_dirtier_than(const CleanableRange& other) const {
  return dirty_millionths(*this) > dirty_millionths(other);
}

CleanableRange cleanable_range(const Log& log, std::optional<int64_t> cleaned_up_to,
                               int64_t last_stable_offset, int64_t now_ms) {
  const LogConfig& config = log.config();
  const auto segments = log.segments();
  const size_t active = segments.size() - 1;
  CleanableRange range;
  const bool is_known =
      cleaned_up_to && *cleaned_up_to >= log.log_start_offset() && *cleaned_up_to <= log.log_end_offset();
  range.first_dirty_offset = is_known ? *cleaned_up_to : log.log_start_offset();
  const size_t first_dirty = segment_of(log, range.first_dirty_offset);

  int64_t end = std::min(last_stable_offset, segments[active].base_offset());
  for (size_t i = first_dirty; i < active; ++i) {
    const int64_t first_ms = segments[i].first_timestamp_ms();
    if (first_ms > 0 && now_ms - first_ms > config.max_compaction_lag_ms) range.is_overdue = true;
    if (config.min_compaction_lag_ms > 0 &&
        now_ms - segments[i].max_timestamp_ms() < config.min_compaction_lag_ms)
      end = std::min(end, segments[i].base_offset());
  }
  const size_t first_uncleanable = segment_of(log, std::max(end, range.first_dirty_offset));
  range.first_uncleanable_offset = segments[first_uncleanable].base_offset();
  for (size_t i = 0; i < segments_below(log, range.first_dirty_offset); ++i)
    range.clean_bytes += segments[i].size();
  for (size_t i = first_dirty; i < first_uncleanable; ++i) range.dirty_bytes += segments[i].size();
  return range;
}

// ---- transactions -----------------------------------------------------------------------------------------

void Compaction::Transactions::begin_aborted(int64_t up_to_offset) {
  for (; next_ < aborted_.size() && aborted_[next_].first_offset <= up_to_offset; ++next_)
    ongoing_aborted_.try_emplace(aborted_[next_].producer_id, false);
}

bool Compaction::Transactions::is_aborted(const RecordBatchHeader& batch) {
  begin_aborted(batch.last_offset());
  if (!batch.is_transactional()) return false;
  const auto aborted = ongoing_aborted_.find(batch.producer_id);
  if (aborted == ongoing_aborted_.end()) {
    ongoing_committed_.insert(batch.producer_id);
    return false;
  }
  aborted->second = true;
  return true;
}

bool Compaction::Transactions::ends_nothing(const RecordBatchHeader& marker, bool is_abort) {
  begin_aborted(marker.last_offset());
  if (!is_abort) return ongoing_committed_.erase(marker.producer_id) == 0;
  const auto aborted = ongoing_aborted_.extract(marker.producer_id);
  return aborted.empty() || !aborted.mapped();
}

// ---- the pass ---------------------------------------------------------------------------------------------

Compaction::Compaction(const Log& log, const CleanableRange& range, int64_t now_ms, uint64_t map_bytes)
    : range_(range),
      now_ms_(now_ms),
      log_version_(log.segments_version()),
      end_offset_(range.first_dirty_offset),
      map_(map_bytes) {}

void Compaction::begin(Phase phase, size_t first_segment) {
  phase_ = phase;
  segment_ = first_segment;
  position_ = 0;
}

/// The dirty section is read to its end.
bool Compaction::is_at_end(const Log& log) const {
  return log.segments()[segment_].base_offset() >= range_.first_uncleanable_offset;
}

/// Goes on reading the segment at `segment_`, as long as `left` bytes last. True when it is read to its end: then
/// `segment_` is the next one. Without `wants_records` `visit` gets the records of markers only.
template <class Visit>
Result<bool> Compaction::read_segment(const Log& log, Disk& disk, uint64_t& left, bool wants_records,
                                      Visit visit) {
  const Segment& segment = log.segments()[segment_];
  BatchScanner scanner(disk, segment.file(), position_, segment.size());
  while (left > 0) {
    const Result<std::optional<RecordBatchHeader>> next = scanner.next();
    if (!next) return next.status();
    if (!*next) {
      if (position_ != segment.size())
        return Status::error(StatusCode::invalid,
                             fmt::format("{}: no batch at byte {} of the segment {}", log.folder(), position_,
                                         segment.base_offset()));
      ++segment_;
      position_ = 0;
      return true;
    }
    RecordBatch batch{**next, {}};
    if (wants_records || batch.header.is_control()) {
      Result<Bytes> bytes = scanner.read_batch();
      if (!bytes) return bytes.status();
      batch.bytes = std::move(*bytes);
    }
    record_bytes_ = 0;
    if (Status status = visit(batch); !status) return status;
    position_ += batch.header.size();
    left -= std::min(left, std::max(batch.header.size(), record_bytes_));
  }
  return false;
}

Result<Compaction::Progress> Compaction::work(Log& log, Disk& disk, uint64_t max_bytes) {
  if (log.segments_version() != log_version_) {
    if (Status status = give_up(log, disk); !status) return status;
    return Progress::given_up;
  }
  uint64_t left = std::max<uint64_t>(max_bytes, 1);
  while (left > 0 && phase_ == Phase::finding_aborted) {
    if (is_at_end(log)) {
      begin(Phase::mapping, segment_of(log, range_.first_dirty_offset));
      std::erase_if(aborted_,
                    [&](const auto& aborted) { return aborted.last_offset < range_.first_dirty_offset; });
      transactions_ = Transactions(aborted_);
      break;
    }
    const Result<bool> read =
        read_segment(log, disk, left, false, [&](const RecordBatch& batch) { return note_aborted(batch); });
    if (!read) return read.status();
  }
  while (left > 0 && phase_ == Phase::mapping) {
    if (is_at_end(log) || map_is_full_) {
      if (Status grouped = group_segments(log, disk); !grouped) return grouped;
      break;
    }
    const Result<bool> read =
        read_segment(log, disk, left, true, [&](const RecordBatch& batch) { return map_keys(batch); });
    if (!read) return read.status();
    if (*read && !map_is_full_)
      end_offset_ = log.segments()[segment_].base_offset();  // over a gap at its end
  }
  while (left > 0 && phase_ == Phase::copying) {
    if (groups_.empty()) {
      phase_ = Phase::done;
      break;
    }
    if (!cleaned_)
      if (Status begun = begin_group(log, disk); !begun) return begun;
    const size_t end = first_of_group_ + groups_.front();
    if (segment_ < end) {
      const Result<bool> read =
          read_segment(log, disk, left, true, [&](const RecordBatch& batch) { return copy(log, batch); });
      if (!read) return read.status();
    }
    if (Status written = write_copied(log, disk); !written) return written;
    if (segment_ == end) {
      if (Status sealed = cleaned_->seal(disk, log.folder(), cleaned_suffix); !sealed) return sealed;
      phase_ = Phase::swapping;
      return Progress::flushing;
    }
  }
  if (phase_ == Phase::swapping) {
    Segment cleaned = *std::exchange(cleaned_, std::nullopt);
    if (Status status = log.replace_segments(disk, first_of_group_, groups_.front(), std::move(cleaned));
        !status)
      return status;
    log_version_ = log.segments_version();
    groups_.erase(groups_.begin());
    begin(Phase::copying, ++first_of_group_);
  }
  return phase_ == Phase::done ? Progress::done : Progress::working;
}

Status Compaction::give_up(const Log& log, Disk& disk) {
  phase_ = Phase::done;
  copied_.clear();
  if (!cleaned_) return {};
  return std::exchange(cleaned_, std::nullopt)->remove(disk, log.folder(), cleaned_suffix);
}

Status Compaction::note_aborted(const RecordBatch& batch) {
  const RecordBatchHeader& header = batch.header;
  if (!header.is_transactional()) return {};
  if (!header.is_control()) {
    open_transactions_.try_emplace(header.producer_id, header.base_offset);
    return {};
  }
  const auto open = open_transactions_.extract(header.producer_id);
  if (!open.empty() && marker_in(batch) == Marker::abort)
    aborted_.push_back({header.producer_id, open.mapped(), header.last_offset()});
  return {};
}

/// A batch may be much larger than its compressed bytes.
void Compaction::count(const kafka::Record& record) {
  record_bytes_ += (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
}

Status Compaction::map_keys(const RecordBatch& batch) {
  if (map_is_full_) return {};
  const RecordBatchHeader& header = batch.header;
  if (header.is_control()) {
    transactions_.ends_nothing(header, marker_in(batch) == Marker::abort);
  } else if (!transactions_.is_aborted(header) && header.last_offset() >= range_.first_dirty_offset) {
    kafka::RecordReader records(batch);
    for (kafka::Record record; records.next(record);) {
      count(record);
      if (!record.key || record.offset < range_.first_dirty_offset) continue;
      if (map_.put(record.key->text(), record.offset)) continue;
      map_is_full_ = true;
      return {};
    }
    if (!records.error())
      return Status::error(StatusCode::invalid, fmt::format("the batch at offset {}: {}", header.base_offset,
                                                            records.error().message));
  }
  end_offset_ = std::max(end_offset_, header.last_offset() + 1);
  return {};
}

/// Which segments become one: as many as fit in segment.bytes, in segment.index.bytes and in 2^31 offsets.
Status Compaction::group_segments(const Log& log, Disk& disk) {
  const auto segments = log.segments();
  const uint64_t max_index_bytes = log.config().index_max_bytes;
  const size_t count = segments_below(log, end_offset_);
  uint64_t bytes = 0;
  Segment::IndexBytes index;
  int64_t base_offset = 0;
  for (size_t i = 0; i < count; ++i) {
    const Result<Segment::IndexBytes> more = segments[i].index_bytes(disk, log.folder());
    if (!more) return more.status();
    const int64_t end = i + 1 < count ? segments[i + 1].base_offset() : range_.first_uncleanable_offset;
    const bool fits = !groups_.empty() && bytes + segments[i].size() <= log.config().segment_bytes &&
                      index.offsets + more->offsets <= max_index_bytes &&
                      index.times + more->times <= max_index_bytes &&
                      (segments[i].size() == 0 || end - 1 - base_offset <= INT32_MAX);
    if (!fits) {
      groups_.push_back(0);
      bytes = 0;
      index = {};
      base_offset = segments[i].base_offset();
    }
    ++groups_.back();
    bytes += segments[i].size();
    index.offsets += more->offsets;
    index.times += more->times;
  }
  transactions_ = Transactions(std::exchange(aborted_, {}));
  begin(Phase::copying, 0);
  return {};
}

Status Compaction::begin_group(const Log& log, Disk& disk) {
  Result<Segment> cleaned =
      Segment::open(disk, log.folder(), log.segments()[first_of_group_].base_offset(), cleaned_suffix);
  if (!cleaned) return cleaned.status();
  cleaned_ = std::move(*cleaned);
  return cleaned_->cut_uncounted(disk);  // of a pass that was given up
}

bool Compaction::keeps_record(const RecordBatchHeader& batch, const kafka::Record& record) const {
  if (record.offset >= end_offset_) return true;
  if (!record.key || record.offset < map_.latest_offset_of(record.key->text())) return false;
  return record.value || !batch.delete_horizon_ms() || now_ms_ < *batch.delete_horizon_ms();
}

/// Its last sequence number, or else its epoch, is known from this batch only.
bool Compaction::is_last_of_producer(const Log& log, const RecordBatchHeader& batch) const {
  if (batch.producer_id == no_producer_id) return false;
  const auto found = log.producers().entries().find(batch.producer_id);
  if (found == log.producers().entries().end()) return false;
  if (const ProducerState::Batch* latest = found->second.latest())
    return batch.last_offset() == latest->last_offset;
  return batch.is_control() && batch.producer_epoch == found->second.epoch;
}

/// What is left of the batch goes to `copied_`.
Status Compaction::copy(const Log& log, const RecordBatch& batch) {
  const RecordBatchHeader& header = batch.header;
  const std::optional<int64_t> horizon = header.delete_horizon_ms();
  const bool is_control = header.is_control();
  bool is_needless = false;
  if (!is_control) {
    is_needless = transactions_.is_aborted(header);
  } else if (header.record_count == 0) {
    is_needless = true;
  } else if (const Marker marker = marker_in(batch); marker != Marker::none) {
    is_needless = transactions_.ends_nothing(header, marker == Marker::abort);
  }
  const bool loses_all = is_needless && (!is_control || (horizon && *horizon <= now_ms_));
  const bool stays_empty =
      is_last_of_producer(log, header) || header.last_offset() + 1 == range_.first_uncleanable_offset;
  if (loses_all && !stays_empty) return {};

  std::vector<bool> keeps;
  bool has_tombstones = false;
  kafka::RecordReader records(batch);
  for (kafka::Record record; records.next(record);) {
    count(record);
    keeps.push_back(!loses_all && (is_control || keeps_record(header, record)));
    has_tombstones |= keeps.back() && !record.value;
  }
  if (!records.error()) return unreadable(log, header, records.error().message);
  if (std::find(keeps.begin(), keeps.end(), true) == keeps.end()) {
    if (stays_empty) copied_.push_back(empty_batch(header));
    return {};
  }
  const bool needs_horizon = !horizon && (has_tombstones || (is_needless && is_control));
  if (!needs_horizon && std::find(keeps.begin(), keeps.end(), false) == keeps.end()) {
    copied_.push_back(batch.bytes);
    return {};
  }
  const int64_t delay_ms = std::min(log.config().delete_retention_ms, INT64_MAX - now_ms_);
  Result<Bytes> kept =
      keep_records(batch, keeps, needs_horizon ? std::optional(now_ms_ + delay_ms) : std::nullopt);
  if (!kept) return unreadable(log, header, kept.status().message);
  copied_.push_back(std::move(*kept));
  return {};
}

Status Compaction::write_copied(const Log& log, Disk& disk) {
  if (copied_.empty()) return {};
  Slices slices;
  std::vector<RecordBatchHeader> headers;
  for (const Bytes& batch : copied_) {
    headers.push_back(*kafka::parse_batch_header(batch.span()));
    slices.emplace_back(batch);
  }
  copied_.clear();
  return cleaned_->append(disk, slices, headers, log.config().index_interval_bytes);
}

}  // namespace brokerlab
