#include "sim/storage/log.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/storage/batch_scanner.h"
#include "sim/storage/checkpoint_text.h"
#include "sim/storage/segment_files.h"

namespace brokerlab {
namespace {

constexpr std::string_view epoch_checkpoint_name = "leader-epoch-checkpoint";

Status invalid(std::string message) { return Status::error(StatusCode::invalid, std::move(message)); }

/// Far below the end of int64_t, so that arithmetic with offsets of a damaged file cannot overflow.
constexpr int64_t max_offset_ever = INT64_MAX / 2;

bool has_possible_offsets(const kafka::RecordBatchHeader& header) {
  return header.base_offset >= 0 && header.base_offset <= max_offset_ever && header.last_offset_delta >= 0;
}

BatchInfo info_of(const kafka::RecordBatchHeader& header) {
  return {header.base_offset, header.last_offset(), header.partition_leader_epoch, header.crc,
          static_cast<uint32_t>(header.size())};
}

/// Kafka keeps no index of records: within a batch their timestamps are looked at one by one.
Result<std::optional<TimestampAndOffset>> first_record_at_or_after(const kafka::RecordBatch& batch,
                                                                   int64_t timestamp_ms, int64_t min_offset) {
  kafka::RecordReader records(batch);
  for (kafka::Record record; records.next(record);)
    if (record.timestamp_ms >= timestamp_ms && record.offset >= min_offset)
      return std::optional<TimestampAndOffset>(
          {record.timestamp_ms, record.offset, batch.header.partition_leader_epoch});
  if (!records.error().ok()) return invalid(records.error().message);
  return std::optional<TimestampAndOffset>();
}

/// Base offsets of the segments in a folder, in order.
std::vector<int64_t> segments_in(Disk& disk, std::string_view folder) {
  constexpr std::string_view suffix = ".log";
  constexpr size_t digits = 20;
  std::vector<int64_t> base_offsets;
  for (const std::string& name : disk.list(folder)) {
    if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) continue;
    const std::optional<int64_t> base_offset = parse_number(std::string_view(name).substr(0, digits));
    if (base_offset && *base_offset >= 0 && *base_offset <= max_offset_ever)
      base_offsets.push_back(*base_offset);
  }
  return base_offsets;  // names of one length: sorted as text is sorted as numbers
}

}  // namespace

// ---- opening ----------------------------------------------------------------------------------------------

Result<Log> Log::open(Disk& disk, std::string folder, const LogConfig& config,
                      const LogCheckpoints& checkpoints) {
  Log log;
  log.folder_ = std::move(folder);
  log.config_ = config;
  if (Status made = disk.make_folder(log.folder_); !made) return made;
  if (Status cleared = finish_file_changes(disk, log.folder_); !cleared) return cleared;

  // A checkpoint that is missing or broken is made again from the epochs in the batches.
  bool epochs_changed = false;
  if (const Result<Bytes> text = disk.read_file(log.epoch_checkpoint_path()); text.ok()) {
    if (Result<LeaderEpochCache> epochs = LeaderEpochCache::parse(text->text()); epochs.ok())
      log.epochs_ = *epochs;
  }

  if (Status loaded = log.load_segments(disk, checkpoints, epochs_changed); !loaded) return loaded;
  if (log.segments_.empty()) {
    if (Status created = log.add_segment(disk, checkpoints.log_start_offset); !created) return created;
  }

  log.log_start_offset_ = std::max(checkpoints.log_start_offset, log.segments_.front().base_offset());
  if (log.log_start_offset_ > log.log_end_offset_) {
    if (Status status = log.truncate_fully_and_start_at(disk, log.log_start_offset_); !status) return status;
  }
  log.recovery_point_ = checkpoints.clean_shutdown && log.bytes_cut_ == 0
                            ? log.log_end_offset_
                            : std::min(checkpoints.recovery_point, log.log_end_offset_);
  epochs_changed |= log.epochs_.truncate_from_end(log.log_end_offset_);
  epochs_changed |= log.epochs_.truncate_from_start(log.log_start_offset_);
  if (epochs_changed) {
    if (Status written = log.write_epochs(disk); !written) return written;
  }
  return log;
}

Status Log::load_segments(Disk& disk, const LogCheckpoints& checkpoints, bool& epochs_changed) {
  const std::vector<int64_t> base_offsets = segments_in(disk, folder_);
  for (size_t i = 0; i < base_offsets.size(); ++i) {
    const int64_t next_base = i + 1 < base_offsets.size() ? base_offsets[i + 1] : INT64_MAX;
    const bool is_checked = !checkpoints.clean_shutdown && next_base > checkpoints.recovery_point;
    Result<Segment> segment = Segment::open(disk, folder_, base_offsets[i]);
    if (!segment) return segment.status();
    if (bytes_cut_ > 0) {  // what came after a damaged batch has no place any more
      if (Status removed = segment->remove(disk, folder_); !removed) return removed;
      continue;
    }
    const int64_t end_before = log_end_offset_;
    const Status scanned =
        scan(disk, *segment, next_base, is_checked,
             [&](const kafka::RecordBatchHeader& batch) { epochs_changed |= note_batch(batch); });
    if (!scanned) return scanned;
    if (!segments_.empty()) {
      // A power loss keeps the name of a file and loses what was in it: its offsets will be given again.
      if (is_checked && segment->size() == 0 && base_offsets[i] > end_before) {
        if (Status removed = segment->remove(disk, folder_); !removed) return removed;
        log_end_offset_ = end_before;
        continue;
      }
      const bool keep_index_files =
          checkpoints.clean_shutdown || base_offsets[i] <= checkpoints.recovery_point;
      if (Status sealed = segments_.back().seal(disk, folder_, keep_index_files); !sealed) return sealed;
    }
    segments_.push_back(std::move(segment).value());
  }
  return {};
}

/// Reads the headers of a segment that follows the log end: its indexes follow from them, and `visit` sees each. Cuts
/// the file where a batch is torn, out of order or (`is_checked`) damaged.
Status Log::scan(Disk& disk, Segment& segment, int64_t next_base, bool is_checked,
                 const std::function<void(const kafka::RecordBatchHeader&)>& visit) {
  const Result<uint64_t> file_size = disk.size(segment.file());
  if (!file_size) return file_size.status();
  int64_t expected_offset = std::max(log_end_offset_, segment.base_offset());
  BatchScanner scanner(disk, segment.file(), 0, *file_size);
  while (true) {
    Result<std::optional<kafka::RecordBatchHeader>> next = scanner.next();
    if (!next) return next.status();
    if (!*next) break;
    const kafka::RecordBatchHeader& header = **next;
    if (!has_possible_offsets(header) || header.base_offset < expected_offset ||
        header.last_offset() >= next_base || !segment.can_hold(header.last_offset()))
      break;
    if (is_checked) {
      const Result<Bytes> batch = scanner.read_batch();
      if (!batch) return batch.status();
      if (batch->size() != header.size() || !kafka::has_right_crc(*batch)) break;
    }
    segment.index_batch(header, config_.index_interval_bytes);
    visit(header);
    expected_offset = header.last_offset() + 1;
  }
  log_end_offset_ = expected_offset;
  bytes_cut_ += *file_size - segment.size();
  return segment.cut_uncounted(disk);
}

/// What follows from a batch that is in the log now. True when the epochs changed.
bool Log::note_batch(const kafka::RecordBatchHeader& header) {
  if (header.producer_id != no_producer_id) producers_.update(header);
  return header.partition_leader_epoch > epochs_.latest_epoch() &&
         epochs_.assign(header.partition_leader_epoch, header.base_offset);
}

Status Log::add_segment(Disk& disk, int64_t base_offset) {
  Result<Segment> segment = Segment::open(disk, folder_, base_offset);
  if (!segment) return segment.status();
  if (Status emptied = segment->cut_uncounted(disk); !emptied) return emptied;
  segments_.push_back(std::move(segment).value());
  return {};
}

std::string Log::epoch_checkpoint_path() const {
  return fmt::format("{}/{}", folder_, epoch_checkpoint_name);
}

Status Log::write_epochs(Disk& disk) const {
  return disk.replace_file(epoch_checkpoint_path(), Bytes::copy_of(epochs_.to_text()), Durability::cached);
}

// ---- appending --------------------------------------------------------------------------------------------

/// Whether a batch belongs into a new segment when the active one is filled so far.
bool Log::must_roll(const Fill& active, const kafka::RecordBatchHeader& batch) const {
  if (!segments_.back().can_hold(batch.last_offset())) return true;
  if (active.bytes == 0) return false;
  if (active.bytes + batch.size() > config_.segment_bytes) return true;
  if (segments_.back().index_room(config_.index_max_bytes) == 0) return true;
  return active.first_timestamp_ms >= 0 && batch.max_timestamp >= 0 &&
         batch.max_timestamp - active.first_timestamp_ms > config_.max_segment_ms();
}

Log::Fill Log::active_fill() const {
  return {segments_.back().size(), segments_.back().first_timestamp_ms()};
}

Status Log::roll(Disk& disk, int64_t base_offset) {
  if (Status sealed = segments_.back().seal(disk, folder_, false); !sealed) return sealed;
  return add_segment(disk, base_offset);
}

/// Writes batches that follow the log end, which `slices` are, into the active segment.
Status Log::append_to_active(Disk& disk, std::span<const Slice> slices,
                             std::span<const kafka::RecordBatchHeader> batches) {
  if (Status status = segments_.back().append(disk, slices, batches, config_.index_interval_bytes); !status)
    return status;
  log_end_offset_ = batches.back().last_offset() + 1;
  bool epochs_changed = false;
  for (const kafka::RecordBatchHeader& batch : batches) epochs_changed |= note_batch(batch);
  return epochs_changed ? write_epochs(disk) : Status{};
}

Result<LeaderAppend> Log::append_as_leader(Disk& disk, const Bytes& batch, int32_t leader_epoch,
                                           int64_t now_ms) {
  std::optional<kafka::RecordBatchHeader> header = kafka::parse_batch_header(batch.span());
  if (!header || header->size() != batch.size() || header->last_offset_delta < 0)
    return invalid("not one whole batch");
  LeaderAppend result;
  if (batch.size() > config_.segment_bytes) {
    result.error = kafka::ErrorCode::record_list_too_large;
    return result;
  }
  header->base_offset = log_end_offset_;
  header->partition_leader_epoch = leader_epoch;
  if (header->producer_id != no_producer_id && !header->is_control()) {
    const ProducerState::Verdict verdict = producers_.check(*header);
    result.error = verdict.error;
    if (verdict.duplicate_of != nullptr) {
      result.duplicate = true;
      result.batch.first_offset = verdict.duplicate_of->base_offset();
      result.batch.last_offset = verdict.duplicate_of->last_offset;
      result.log_append_time_ms = verdict.duplicate_of->timestamp_ms;
    }
    if (result.duplicate || result.error != kafka::ErrorCode::none) return result;
  }

  if (config_.log_append_time) {
    header->stamp_log_append_time(now_ms);
    result.log_append_time_ms = now_ms;
  }
  const Slices slices = kafka::rewrite_header(batch, *header);
  if (must_roll(active_fill(), *header)) {
    if (Status rolled = roll(disk, header->base_offset); !rolled) return rolled;
  }
  if (Status status = append_to_active(disk, slices, {&*header, 1}); !status) return status;
  result.batch = info_of(*header);
  return result;
}

Result<std::vector<BatchInfo>> Log::append_as_follower(Disk& disk, const Bytes& records,
                                                       int32_t leader_epoch) {
  std::vector<kafka::RecordBatchHeader> batches;
  int64_t expected_offset = log_end_offset_;
  for (size_t position = 0; records.size() - position >= kafka::RecordBatchHeader::bytes;) {
    const std::optional<kafka::RecordBatchHeader> header =
        kafka::parse_batch_header(records.span().subspan(position));
    if (!header) return invalid(fmt::format("{}: no batch at byte {} of a fetch", folder_, position));
    if (header->size() > records.size() - position) break;
    if (header->partition_leader_epoch > leader_epoch) break;
    if (!has_possible_offsets(*header) || header->base_offset < expected_offset)
      return invalid(fmt::format("{}: a batch at offset {} where {} comes next", folder_, header->base_offset,
                                 expected_offset));
    if (!kafka::has_right_crc(records.subview(position, header->size())))
      return invalid(fmt::format("{}: wrong CRC of the batch at offset {}", folder_, header->base_offset));
    batches.push_back(*header);
    expected_offset = header->last_offset() + 1;
    position += header->size();
  }

  // One write for all batches that go into the same segment.
  std::vector<BatchInfo> appended;
  appended.reserve(batches.size());
  size_t position = 0;
  for (size_t first = 0; first < batches.size();) {
    if (must_roll(active_fill(), batches[first])) {
      if (Status rolled = roll(disk, batches[first].base_offset); !rolled) return rolled;
    }
    Fill fill = active_fill();
    if (fill.bytes == 0) fill.first_timestamp_ms = batches[first].max_timestamp;
    const size_t most = std::max<size_t>(segments_.back().index_room(config_.index_max_bytes), 1);
    size_t end = first;
    size_t bytes = 0;
    do {
      appended.push_back(info_of(batches[end]));
      fill.bytes += batches[end].size();
      bytes += batches[end].size();
      ++end;
    } while (end < batches.size() && end - first < most && !must_roll(fill, batches[end]));
    const Slice slice = records.subview(position, bytes);
    if (Status status = append_to_active(disk, {&slice, 1}, std::span(batches).subspan(first, end - first));
        !status)
      return status;
    position += bytes;
    first = end;
  }
  return appended;
}

// ---- reading ----------------------------------------------------------------------------------------------

uint64_t Log::size_bytes() const {
  uint64_t total = 0;
  for (const Segment& segment : segments_) total += segment.size();
  return total;
}

/// The first batch of the segment that ends at or after `offset`; empty when there is none.
Result<std::optional<Log::Place>> Log::find_in_segment(Disk& disk, size_t segment, int64_t offset) const {
  const Segment& searched = segments_[segment];
  const Result<uint64_t> start = searched.position_at_or_before(disk, folder_, offset);
  if (!start) return start.status();
  BatchScanner scanner(disk, searched.file(), *start, searched.size());
  while (true) {
    Result<std::optional<kafka::RecordBatchHeader>> next = scanner.next();
    if (!next) return next.status();
    if (!*next) return std::optional<Place>();
    if ((*next)->last_offset() >= offset) return std::optional<Place>({segment, scanner.position(), **next});
  }
}

/// The batch that holds `offset`, or the first one after it.
Result<std::optional<Log::Place>> Log::find(Disk& disk, int64_t offset) const {
  auto above = std::upper_bound(segments_.begin(), segments_.end(), offset,
                                [](int64_t wanted, const Segment& s) { return wanted < s.base_offset(); });
  size_t segment = above == segments_.begin() ? 0 : static_cast<size_t>(above - segments_.begin()) - 1;
  for (; segment < segments_.size(); ++segment) {
    Result<std::optional<Place>> place = find_in_segment(disk, segment, offset);
    if (!place || *place) return place;
  }
  return std::optional<Place>();
}

/// Which bytes of which file `read` and `read_bytes` give.
Result<Log::Range> Log::find_range(Disk& disk, int64_t offset, int64_t max_offset, uint64_t max_bytes,
                                   bool at_least_one_batch) const {
  BROKERLAB_ASSERT(log_start_offset_ <= offset && offset <= log_end_offset_ && max_offset <= log_end_offset_);
  if (offset >= max_offset) return Range{};
  const Result<std::optional<Place>> first = find(disk, offset);
  if (!first) return first.status();
  if (!*first || (*first)->batch.last_offset() >= max_offset) return Range{};
  const Place& place = **first;
  const Segment& segment = segments_[place.segment];
  uint64_t end = segment.size();
  if (max_offset < end_of_segment(place.segment)) {
    const Result<std::optional<Place>> limit = find_in_segment(disk, place.segment, max_offset);
    if (!limit) return limit.status();
    if (*limit) end = (*limit)->position;
  }
  uint64_t length = std::min(end - place.position, max_bytes);
  if (length < place.batch.size()) length = at_least_one_batch ? place.batch.size() : 0;
  return Range{segment.file(), place.position, length};
}

Result<LogRead> Log::read(Disk& disk, int64_t offset, int64_t max_offset, uint64_t max_bytes,
                          bool at_least_one_batch) const {
  const Result<Range> range = find_range(disk, offset, max_offset, max_bytes, at_least_one_batch);
  if (!range) return range.status();
  if (range->length == 0) return LogRead{};
  Result<Slices> slices = disk.slices(range->file, range->position, range->length);
  if (!slices) return slices.status();
  return LogRead{std::move(slices).value(), range->length};
}

Result<Bytes> Log::read_bytes(Disk& disk, int64_t offset, int64_t max_offset, uint64_t max_bytes) const {
  const Result<Range> range = find_range(disk, offset, max_offset, max_bytes, true);
  if (!range) return range.status();
  if (range->length == 0) return Bytes();
  return disk.read(range->file, range->position, range->length);
}

Result<BatchInfo> Log::batch_at(Disk& disk, int64_t offset) const {
  BROKERLAB_ASSERT(log_start_offset_ <= offset && offset < log_end_offset_);
  const Result<std::optional<Place>> place = find(disk, offset);
  if (!place) return place.status();
  if (!*place) return invalid(fmt::format("{}: no batch at offset {}", folder_, offset));
  return info_of((*place)->batch);
}

Result<std::optional<TimestampAndOffset>> Log::offset_for_timestamp(Disk& disk, int64_t timestamp_ms) const {
  for (const Segment& segment : segments_) {
    if (segment.max_timestamp_ms() < timestamp_ms) continue;
    const Result<int64_t> from = segment.offset_at_or_before_time(disk, folder_, timestamp_ms);
    if (!from) return from.status();
    const Result<uint64_t> position =
        segment.position_at_or_before(disk, folder_, std::max(*from, log_start_offset_));
    if (!position) return position.status();
    BatchScanner scanner(disk, segment.file(), *position, segment.size());
    while (true) {
      Result<std::optional<kafka::RecordBatchHeader>> next = scanner.next();
      if (!next) return next.status();
      if (!*next) break;
      if ((*next)->max_timestamp < timestamp_ms) continue;
      const Result<Bytes> batch = scanner.read_batch();
      if (!batch) return batch.status();
      Result<std::optional<TimestampAndOffset>> found =
          first_record_at_or_after({**next, *batch}, timestamp_ms, log_start_offset_);
      if (!found || *found) return found;
    }
  }
  return std::optional<TimestampAndOffset>();
}

Result<std::optional<TimestampAndOffset>> Log::offset_of_max_timestamp(Disk& disk) const {
  int64_t latest_ms = -1;
  for (size_t i = 0; i < segments_.size(); ++i)
    if (end_of_segment(i) > log_start_offset_)
      latest_ms = std::max(latest_ms, segments_[i].max_timestamp_ms());
  if (latest_ms < 0) return std::optional<TimestampAndOffset>();
  return offset_for_timestamp(disk, latest_ms);
}

// ---- cutting ----------------------------------------------------------------------------------------------

Status Log::truncate_to(Disk& disk, int64_t offset) {
  BROKERLAB_ASSERT(offset >= 0);
  if (offset >= log_end_offset_) return {};
  lowest_cut_ = std::min(lowest_cut_.value_or(offset), offset);
  if (offset <= segments_.front().base_offset()) return truncate_fully_and_start_at(disk, offset);
  while (segments_.back().base_offset() >= offset) {
    if (Status discarded = discard(disk, segments_.back()); !discarded) return discarded;
    segments_.pop_back();
  }
  const Result<std::optional<Place>> cut = find_in_segment(disk, segments_.size() - 1, offset);
  if (!cut) return cut.status();
  Segment& last = segments_.back();
  if (*cut) {
    if (Status status = disk.truncate(last.file(), (*cut)->position); !status) return status;
    offset = std::min(offset, (*cut)->batch.base_offset);
  }
  // Read again: it may have been sealed, and its indexes end earlier now.
  last = last.uncounted();
  log_end_offset_ = last.base_offset();
  if (Status status = scan(disk, last, INT64_MAX, false, [](const kafka::RecordBatchHeader&) {}); !status)
    return status;
  log_end_offset_ = offset;
  log_start_offset_ = std::min(log_start_offset_, offset);
  recovery_point_ = std::min(recovery_point_, offset);
  if (producers_.reaches(offset)) {
    if (Status rebuilt = rebuild_producers(disk); !rebuilt) return rebuilt;
  }
  return epochs_.truncate_from_end(offset) ? write_epochs(disk) : Status{};
}

Status Log::rebuild_producers(Disk& disk) {
  producers_.clear();
  for (const Segment& segment : segments_) {
    BatchScanner scanner(disk, segment.file(), 0, segment.size());
    while (true) {
      Result<std::optional<kafka::RecordBatchHeader>> next = scanner.next();
      if (!next) return next.status();
      if (!*next) break;
      if ((*next)->producer_id != no_producer_id) producers_.update(**next);
    }
  }
  return {};
}

Status Log::truncate_fully_and_start_at(Disk& disk, int64_t offset) {
  BROKERLAB_ASSERT(offset >= 0);
  lowest_cut_ = 0;
  while (!segments_.empty()) {
    if (Status discarded = discard(disk, segments_.back()); !discarded) return discarded;
    segments_.pop_back();
  }
  if (Status added = add_segment(disk, offset); !added) return added;
  log_start_offset_ = log_end_offset_ = recovery_point_ = offset;
  producers_.clear();
  return epochs_.clear() ? write_epochs(disk) : Status{};
}

Status Log::advance_log_start(Disk& disk, int64_t offset) {
  BROKERLAB_ASSERT(offset <= log_end_offset_);
  if (offset <= log_start_offset_) return {};
  log_start_offset_ = offset;
  return epochs_.truncate_from_start(offset) ? write_epochs(disk) : Status{};
}

Status Log::delete_oldest_segments(Disk& disk, size_t count) {
  BROKERLAB_ASSERT(count <= segments_.size());
  if (count == 0) return {};
  if (count == segments_.size()) {
    BROKERLAB_ASSERT(segments_.back().size() > 0);
    if (Status rolled = roll(disk, log_end_offset_); !rolled) return rolled;
  }
  if (Status advanced = advance_log_start(disk, segments_[count].base_offset()); !advanced) return advanced;
  for (; count > 0; --count) {
    if (Status discarded = discard(disk, segments_.front()); !discarded) return discarded;
    segments_.erase(segments_.begin());
  }
  return {};
}

Status Log::replace_segments(Disk& disk, size_t first, size_t count, Segment cleaned) {
  BROKERLAB_ASSERT(count > 0 && first + count < segments_.size());
  const auto begin = segments_.begin() + static_cast<ptrdiff_t>(first);
  cleaned.close(disk);
  if (Status status = cleaned.rename(disk, folder_, cleaned_suffix, swap_suffix); !status) return status;
  for (size_t i = 0; i < count; ++i)
    if (Status discarded = discard(disk, begin[static_cast<ptrdiff_t>(i)]); !discarded) return discarded;
  if (Status status = cleaned.rename(disk, folder_, swap_suffix, ""); !status) return status;
  if (Status opened = cleaned.reopen(disk, folder_); !opened) return opened;
  *begin = std::move(cleaned);
  segments_.erase(begin + 1, begin + static_cast<ptrdiff_t>(count));
  return {};
}

/// Removes the files of a segment that is no longer one of the log's, now or later.
Status Log::discard(Disk& disk, Segment& segment) {
  ++segments_version_;
  if (config_.file_delete_delay_ms == 0) return segment.remove(disk, folder_);
  segment.close(disk);
  return segment.rename(disk, folder_, "", deleted_suffix, &deleted_files_);
}

// ---- epochs -----------------------------------------------------------------------------------------------

Status Log::assign_epoch_start(Disk& disk, int32_t epoch) {
  if (epoch <= latest_epoch()) return {};
  return epochs_.assign(epoch, log_end_offset_) ? write_epochs(disk) : Status{};
}

int64_t Log::truncation_offset_for(EpochEndOffset leader) const {
  BROKERLAB_ASSERT(!leader.is_undefined());
  const EpochEndOffset ours = end_offset_for_epoch(leader.epoch);
  return std::min(leader.end_offset, ours.is_undefined() ? log_end_offset_ : ours.end_offset);
}

// ---- durability -------------------------------------------------------------------------------------------

std::vector<FileId> Log::unflushed_files() const {
  std::vector<FileId> files;
  for (size_t i = 0; i < segments_.size(); ++i) {
    const int64_t end = i + 1 < segments_.size() ? segments_[i + 1].base_offset() : log_end_offset_;
    if (end > recovery_point_) files.push_back(segments_[i].file());
  }
  return files;
}

void Log::mark_flushed(int64_t up_to_offset) {
  recovery_point_ = std::max(recovery_point_, std::min(up_to_offset, log_end_offset_));
}

Status Log::close(Disk& disk) {
  Status sealed = segments_.back().seal(disk, folder_, false);
  close_files(disk);
  return sealed;
}

void Log::close_files(Disk& disk) {
  for (const Segment& segment : segments_) segment.close(disk);
  segments_.clear();
}

Status Log::remove(Disk& disk) {
  close_files(disk);
  return disk.remove_folder(folder_);
}

Status Log::rename_folder(Disk& disk, std::string_view new_name) {
  close_files(disk);
  return disk.rename(folder_, new_name);
}

}  // namespace brokerlab
