#include "sim/storage/log.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/storage/batch_scanner.h"
#include "sim/storage/segment_files.h"

namespace brokerlab {
namespace {

constexpr std::string_view epoch_checkpoint_name = "leader-epoch-checkpoint";

Status invalid(std::string message) { return Status::error(StatusCode::invalid, std::move(message)); }

bool has_possible_offsets(const kafka::RecordBatchHeader& header) {
  return header.base_offset >= 0 && header.base_offset <= max_offset_ever && header.last_offset_delta >= 0;
}

BatchInfo info_of(const kafka::RecordBatchHeader& header) {
  return {header.base_offset,
          header.last_offset(),
          header.partition_leader_epoch,
          header.crc,
          static_cast<uint32_t>(header.size()),
          header.producer_id,
          header.producer_epoch,
          header.base_sequence,
          header.record_count};
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

}  // namespace

// ---- opening ----------------------------------------------------------------------------------------------

Result<Log> Log::open(Disk& disk, std::string folder, const LogConfig& config,
                      const LogCheckpoints& checkpoints, int64_t now_ms) {
  Log log;
  log.folder_ = std::move(folder);
  log.config_ = config;
  if (Status made = disk.make_folder(log.folder_); !made) return made;
  if (Status cleared = finish_file_changes(disk, log.folder_); !cleared) return cleared;
  if (Status loaded = log.load(disk, checkpoints, now_ms); !loaded) return loaded;
  return log;
}

Status Log::load(Disk& disk, const LogCheckpoints& checkpoints, int64_t now_ms) {
  Loading loading{checkpoints};
  const Result<Bytes> epochs_file = disk.read_file(epoch_checkpoint_path());
  const std::string stored_epochs(epochs_file ? epochs_file->text() : "");
  const Result<LeaderEpochCache> epochs = LeaderEpochCache::parse(stored_epochs);
  loading.epochs_fit = epochs.ok();
  if (epochs) epochs_ = *epochs;
  snapshots_ = ProducerSnapshots::in(disk, folder_);
  if (Status loaded = load_segments(disk, loading); !loaded) return loaded;
  if (segments_.empty()) {
    if (Status created = add_segment(disk, checkpoints.log_start_offset); !created) return created;
  }

  log_start_offset_ = std::max(checkpoints.log_start_offset, segments_.front().base_offset());
  if (log_start_offset_ > log_end_offset_) {
    if (Status status = truncate_fully_and_start_at(disk, log_start_offset_); !status) return status;
  }
  recovery_point_ = checkpoints.clean_shutdown && bytes_cut_ == 0
                        ? log_end_offset_
                        : std::min(checkpoints.recovery_point, log_end_offset_);
  if (!loading.epochs_fit) {
    if (Status rebuilt = rebuild_epochs(disk); !rebuilt) return rebuilt;
  }
  epochs_.truncate_from_end(log_end_offset_);
  epochs_.truncate_from_start(log_start_offset_);
  const bool is_new = stored_epochs.empty() && epochs_.entries().empty();
  if (!is_new && epochs_.to_text() != stored_epochs) {
    if (Status written = write_epochs(disk); !written) return written;
  }

  std::vector<int64_t> base_offsets;
  for (const Segment& segment : segments_) base_offsets.push_back(segment.base_offset());
  if (Status removed = snapshots_.remove_strays(disk, folder_, base_offsets); !removed) return removed;
  // What was written after the recovery point is as doubtful as the segments that it speaks of.
  Status removed = snapshots_.remove_outside(disk, folder_, log_start_offset_,
                                             std::min(log_end_offset_, loading.checked_from));
  if (!removed) return removed;
  producers_expired_at_ms_ = now_ms;
  return load_producers(disk, loading.checked_from);
}

Status Log::load_segments(Disk& disk, Loading& loading) {
  const std::vector<int64_t> base_offsets = segment_offsets(disk, folder_, ".log");
  for (size_t i = 0; i < base_offsets.size(); ++i) {
    Result<Segment> segment = Segment::open(disk, folder_, base_offsets[i]);
    if (!segment) return segment.status();
    if (bytes_cut_ > 0) {  // what came after a damaged batch has no place any more
      if (Status discarded = discard(disk, *segment); !discarded) return discarded;
      continue;
    }
    const std::optional<int64_t> next_base =
        i + 1 < base_offsets.size() ? std::optional(base_offsets[i + 1]) : std::nullopt;
    const int64_t end_before = log_end_offset_;
    const Result<bool> is_checked = load_or_scan(disk, *segment, next_base, loading);
    if (!is_checked) return is_checked.status();
    // A power loss takes the end of a file and may leave the next one, or its name: the offsets between would be missing
    // for ever. They will be given again.
    if (!segments_.empty() && *is_checked && (segment->size() == 0 || !config_.compacts) &&
        base_offsets[i] > std::max(end_before, loading.checkpoints.recovery_point)) {
      if (Status discarded = discard(disk, *segment); !discarded) return discarded;
      log_end_offset_ = end_before;
      continue;
    }
    if (!segments_.empty() && !segments_.back().is_sealed()) {
      if (Status sealed = segments_.back().seal(disk, folder_); !sealed) return sealed;
    }
    segments_.push_back(std::move(segment).value());
  }
  if (segments_.empty() || !segments_.back().is_sealed()) return {};
  return activate_last_segment(disk, segments_.back().size(), segments_.back().next_offset());
}

/// Counts what is in a segment that follows the log end: by its index files, or batch by batch. Whether it was
/// checked.
Result<bool> Log::load_or_scan(Disk& disk, Segment& segment, std::optional<int64_t> next_base,
                               Loading& loading) {
  const LogCheckpoints& checkpoints = loading.checkpoints;
  const bool is_checked =
      !checkpoints.clean_shutdown && next_base.value_or(INT64_MAX) > checkpoints.recovery_point;
  const Result<bool> fits = has_known_epoch(disk, segment, checkpoints.log_start_offset);
  if (!fits) return fits;
  loading.epochs_fit = loading.epochs_fit && *fits;
  if (is_checked) loading.checked_from = std::min(loading.checked_from, segment.base_offset());

  Result<bool> loaded = false;
  if (!is_checked) loaded = segment.load(disk, folder_, next_base, config_.index_interval_bytes);
  if (!loaded) return loaded;
  const Result<uint64_t> file_size = disk.size(segment.file());
  if (!file_size) return file_size.status();
  if (*loaded) {
    log_end_offset_ = segment.next_offset();
  } else {
    if (Status scanned = scan(disk, segment, next_base.value_or(INT64_MAX), is_checked); !scanned)
      return scanned;
  }
  bytes_cut_ += *file_size - segment.size();
  if (Status cut = segment.cut_uncounted(disk); !cut) return cut;
  return is_checked;
}

/// Reads the headers of a segment that follows the log end: its indexes follow from them, and new epochs. Stops where
/// a batch is torn, out of order or (`is_checked`) damaged.
Status Log::scan(Disk& disk, Segment& segment, int64_t next_base, bool is_checked) {
  const Result<uint64_t> file_size = disk.size(segment.file());
  if (!file_size) return file_size.status();
  BatchScanner scanner(disk, segment.file(), 0, *file_size);
  while (true) {
    Result<std::optional<kafka::RecordBatchHeader>> next = scanner.next();
    if (!next) return next.status();
    if (!*next) break;
    const kafka::RecordBatchHeader& header = **next;
    if (!segment.can_follow(header) || header.last_offset() >= next_base) break;
    if (is_checked) {
      const Result<Bytes> batch = scanner.read_batch();
      if (!batch) return batch.status();
      if (batch->size() != header.size() || !kafka::has_right_crc(*batch)) break;
    }
    segment.index_batch(header, config_.index_interval_bytes);
    note_epoch(header);
  }
  segment.end_count();
  log_end_offset_ = segment.next_offset();
  return {};
}

/// The last segment, cut at `position`, where a batch begins that holds `offset`, takes appends again.
Status Log::activate_last_segment(Disk& disk, uint64_t position, int64_t offset) {
  Segment& last = segments_.back();
  const Result<bool> counted = last.cut(disk, folder_, position, offset, config_.index_interval_bytes);
  if (!counted) return counted.status();
  if (!*counted) {
    if (Status scanned = scan(disk, last, INT64_MAX, false); !scanned) return scanned;
  }
  return last.cut_uncounted(disk);
}

// ---- what follows from batches ------------------------------------------------------------------------------

/// Whether the epochs say of the segment's first batch what it says itself. If not, their checkpoint was lost, or is
/// older than the log: an epoch may begin anywhere in the segments before.
Result<bool> Log::has_known_epoch(Disk& disk, const Segment& segment, int64_t log_start) const {
  const Result<uint64_t> file_size = disk.size(segment.file());
  if (!file_size) return file_size.status();
  BatchScanner scanner(disk, segment.file(), 0, *file_size);
  const Result<std::optional<kafka::RecordBatchHeader>> first = scanner.next();
  if (!first) return first.status();
  if (!*first || (*first)->base_offset < log_start) return true;
  return epochs_.epoch_of((*first)->base_offset) == (*first)->partition_leader_epoch;
}

Status Log::rebuild_epochs(Disk& disk) {
  epochs_.clear();
  for (const Segment& segment : segments_) {
    BatchScanner scanner(disk, segment.file(), 0, segment.size());
    while (true) {
      const Result<std::optional<kafka::RecordBatchHeader>> next = scanner.next();
      if (!next) return next.status();
      if (!*next) break;
      note_epoch(**next);
    }
  }
  return {};
}

/// A batch that is in the log now. True when the epochs changed.
bool Log::note_epoch(const kafka::RecordBatchHeader& header) {
  return header.partition_leader_epoch > epochs_.latest_epoch() && header.base_offset >= 0 &&
         epochs_.assign(header.partition_leader_epoch, header.base_offset);
}

/// The same for producers. `batch` is read for transaction markers only.
void Log::note_producer(const kafka::RecordBatchHeader& header, const Bytes& batch) {
  if (header.producer_id == no_producer_id) return;
  if (!header.is_control()) return producers_.update(header);
  if (const std::optional<TransactionMarker> marker = marker_of({header, batch}))
    producers_.update(header, *marker);
}

/// The newest snapshot, and what the log has behind it. Snapshots are taken, as in Kafka, where the last two segments
/// begin, where those do that begin at `snapshots_from` or later, and at the log end.
Status Log::load_producers(Disk& disk, int64_t snapshots_from) {
  Result<std::optional<ProducerState>> loaded = snapshots_.load_latest(disk, folder_);
  if (!loaded) return loaded.status();
  producers_ = *loaded ? std::move(**loaded) : ProducerState();
  producers_.expire(producers_expired_at_ms_, config_.producer_id_expiration_ms);
  int64_t known_to = snapshots_.latest_offset().value_or(log_start_offset_);
  for (size_t i = 0; i < segments_.size(); ++i) {
    const int64_t end = i + 1 < segments_.size() ? segments_[i + 1].base_offset() : log_end_offset_;
    if (end <= known_to) continue;
    known_to = std::max(known_to, segments_[i].base_offset());
    if (segments_[i].base_offset() >= snapshots_from || i + 2 >= segments_.size()) {
      if (Status taken = take_producer_snapshot(disk, known_to); !taken) return taken;
    }
    if (Status replayed = replay_producers(disk, segments_[i], known_to); !replayed) return replayed;
  }
  return take_producer_snapshot(disk, log_end_offset_);
}

Status Log::replay_producers(Disk& disk, const Segment& segment, int64_t from_offset) {
  Result<BatchScanner> scanner = scanner_from(disk, segment, from_offset);
  if (!scanner) return scanner.status();
  while (true) {
    const Result<std::optional<kafka::RecordBatchHeader>> next = scanner->next();
    if (!next) return next.status();
    if (!*next) return {};
    if ((*next)->last_offset() < from_offset) continue;
    Result<Bytes> batch = Bytes();
    if ((*next)->is_control()) batch = scanner->read_batch();
    if (!batch) return batch.status();
    note_producer(**next, *batch);
  }
}

Status Log::take_producer_snapshot(Disk& disk, int64_t offset) {
  if (offset <= snapshots_.latest_offset().value_or(log_start_offset_)) return {};
  return snapshots_.write(disk, folder_, offset, producers_);
}

void Log::expire_producers(int64_t now_ms) {
  producers_expired_at_ms_ = now_ms;
  producers_.expire(now_ms, config_.producer_id_expiration_ms);
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
  if (Status sealed = segments_.back().seal(disk, folder_); !sealed) return sealed;
  if (Status added = add_segment(disk, base_offset); !added) return added;
  return take_producer_snapshot(disk, base_offset);
}

/// Writes batches that follow the log end, which `slices` are, into the active segment. `bytes` are the same batches
/// as they came, perhaps with other headers.
Status Log::append_to_active(Disk& disk, std::span<const Slice> slices,
                             std::span<const kafka::RecordBatchHeader> batches, const Bytes& bytes) {
  if (Status status = segments_.back().append(disk, slices, batches, config_.index_interval_bytes); !status)
    return status;
  log_end_offset_ = batches.back().last_offset() + 1;
  bool epochs_changed = false;
  size_t position = 0;
  for (const kafka::RecordBatchHeader& batch : batches) {
    epochs_changed |= note_epoch(batch);
    note_producer(batch, batch.is_control() ? bytes.subview(position, batch.size()) : Bytes());
    position += batch.size();
  }
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
  if (Status status = append_to_active(disk, slices, {&*header, 1}, batch); !status) return status;
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
    const Bytes written = records.subview(position, bytes);
    const Slice slice = written;
    Status status =
        append_to_active(disk, {&slice, 1}, std::span(batches).subspan(first, end - first), written);
    if (!status) return status;
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

/// From the batch that holds `offset`, or one before it.
Result<BatchScanner> Log::scanner_from(Disk& disk, const Segment& segment, int64_t offset) const {
  const Result<Segment::Position> entry = segment.position_at_or_before(disk, folder_, offset);
  if (!entry) return entry.status();
  BatchScanner scanner(disk, segment.file(), entry->position, segment.size());
  if (entry->position == 0) return scanner;
  const Result<std::optional<kafka::RecordBatchHeader>> indexed = scanner.peek();
  if (!indexed) return indexed.status();
  if (*indexed && (*indexed)->last_offset() == entry->offset) return scanner;
  return BatchScanner(disk, segment.file(), 0, segment.size());  // a wrong index costs time, not records
}

/// The first batch of the segment that ends at or after `offset`; empty when there is none.
Result<std::optional<Log::Place>> Log::find_in_segment(Disk& disk, size_t segment, int64_t offset) const {
  Result<BatchScanner> scanner = scanner_from(disk, segments_[segment], offset);
  if (!scanner) return scanner.status();
  while (true) {
    Result<std::optional<kafka::RecordBatchHeader>> next = scanner->next();
    if (!next) return next.status();
    if (!*next) return std::optional<Place>();
    if ((*next)->last_offset() >= offset) return std::optional<Place>({segment, scanner->position(), **next});
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

/// No batch before the one that holds this offset is as young as `timestamp_ms`.
Result<int64_t> Log::offset_to_look_from(Disk& disk, const Segment& segment, int64_t timestamp_ms) const {
  const Result<Segment::Time> entry = segment.time_at_or_before(disk, folder_, timestamp_ms);
  if (!entry) return entry.status();
  Result<BatchScanner> scanner = scanner_from(disk, segment, entry->offset);
  if (!scanner) return scanner.status();
  while (true) {
    const Result<std::optional<kafka::RecordBatchHeader>> next = scanner->next();
    if (!next) return next.status();
    if (!*next) return segment.base_offset();
    if ((*next)->last_offset() < entry->offset) continue;
    const bool is_right =
        (*next)->last_offset() == entry->offset && (*next)->max_timestamp == entry->timestamp_ms;
    return is_right ? entry->offset : segment.base_offset();  // a wrong index costs time, not records
  }
}

Result<std::optional<TimestampAndOffset>> Log::offset_for_timestamp(Disk& disk, int64_t timestamp_ms) const {
  for (const Segment& segment : segments_) {
    if (segment.max_timestamp_ms() < timestamp_ms) continue;
    const Result<int64_t> from = offset_to_look_from(disk, segment, timestamp_ms);
    if (!from) return from.status();
    Result<BatchScanner> scanner = scanner_from(disk, segment, std::max(*from, log_start_offset_));
    if (!scanner) return scanner.status();
    while (true) {
      Result<std::optional<kafka::RecordBatchHeader>> next = scanner->next();
      if (!next) return next.status();
      if (!*next) break;
      if ((*next)->max_timestamp < timestamp_ms) continue;
      const Result<Bytes> batch = scanner->read_batch();
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
  if (offset >= log_end_offset_) {
    // A leader that lost its role before it wrote anything has noted its epoch at the end of its log. Left there, it
    // would be the epoch of the next fetch, which diverges again, for ever.
    return epochs_.truncate_from_end(offset) ? write_epochs(disk) : Status{};
  }
  lowest_cut_ = std::min(lowest_cut_.value_or(offset), offset);
  if (offset <= segments_.front().base_offset()) return truncate_fully_and_start_at(disk, offset);
  ++truncations_;
  while (segments_.back().base_offset() >= offset) {
    if (Status discarded = discard_last(disk); !discarded) return discarded;
  }
  const Result<std::optional<Place>> cut = find_in_segment(disk, segments_.size() - 1, offset);
  if (!cut) return cut.status();
  uint64_t position = segments_.back().size();
  if (*cut) {
    position = (*cut)->position;
    offset = std::min(offset, (*cut)->batch.base_offset);
  }
  if (Status status = activate_last_segment(disk, position, offset); !status) return status;
  log_end_offset_ = offset;
  log_start_offset_ = std::min(log_start_offset_, offset);
  recovery_point_ = std::min(recovery_point_, offset);
  Status removed = snapshots_.remove_outside(disk, folder_, log_start_offset_, log_end_offset_);
  if (!removed) return removed;
  if (!producers_.entries().empty()) {  // else nobody is left who could come back
    if (Status loaded = load_producers(disk, INT64_MAX); !loaded) return loaded;
  }
  return epochs_.truncate_from_end(offset) ? write_epochs(disk) : Status{};
}

Status Log::discard_last(Disk& disk) {
  if (Status discarded = discard(disk, segments_.back()); !discarded) return discarded;
  log_end_offset_ = segments_.back().base_offset();
  segments_.pop_back();
  return {};
}

Status Log::truncate_fully_and_start_at(Disk& disk, int64_t offset) {
  BROKERLAB_ASSERT(offset >= 0);
  ++truncations_;
  lowest_cut_ = 0;
  while (!segments_.empty()) {
    if (Status discarded = discard_last(disk); !discarded) return discarded;
  }
  if (Status removed = snapshots_.remove_outside(disk, folder_, offset, offset); !removed) return removed;
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
  for (size_t i = 0; i < count; ++i) {
    Segment& old = begin[static_cast<ptrdiff_t>(i)];
    // What is known of producers where the cleaned segment begins stays true.
    const bool keeps_snapshot = old.base_offset() == cleaned.base_offset();
    if (Status gone = keeps_snapshot ? discard_files(disk, old) : discard(disk, old); !gone) return gone;
  }
  if (Status status = cleaned.rename(disk, folder_, swap_suffix, ""); !status) return status;
  if (Status opened = cleaned.reopen(disk, folder_); !opened) return opened;
  *begin = std::move(cleaned);
  segments_.erase(begin + 1, begin + static_cast<ptrdiff_t>(count));
  return {};
}

/// Removes what is there of a segment that is no longer one of the log's, or will not be; its files now or later.
Status Log::discard(Disk& disk, Segment& segment) {
  if (Status removed = snapshots_.remove(disk, folder_, segment.base_offset()); !removed) return removed;
  return discard_files(disk, segment);
}

Status Log::discard_files(Disk& disk, Segment& segment) {
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

LogFlush Log::begin_flush(int64_t up_to_offset) const {
  LogFlush flush{{}, up_to_offset, truncations_};
  for (size_t i = segments_.size(); i-- > 0;) {
    const Segment& segment = segments_[i];
    if (segment.base_offset() >= up_to_offset) continue;
    const int64_t end = i + 1 < segments_.size() ? segments_[i + 1].base_offset() : log_end_offset_;
    const std::vector<FileId> indexes = segment.unflushed_indexes();
    if (end <= recovery_point_ && indexes.empty()) break;
    flush.files.insert(flush.files.end(), indexes.rbegin(), indexes.rend());
    flush.files.push_back(segment.file());
  }
  std::reverse(flush.files.begin(), flush.files.end());
  return flush;
}

void Log::end_flush(Disk& disk, const LogFlush& flush) {
  if (flush.truncations != truncations_) return;  // what was written since then may not be durable
  recovery_point_ = std::max(recovery_point_, std::min(flush.up_to_offset, log_end_offset_));
  for (Segment& segment : segments_) {
    const std::vector<FileId> indexes = segment.unflushed_indexes();
    const bool are_flushed = std::all_of(indexes.begin(), indexes.end(), [&](FileId file) {
      return std::find(flush.files.begin(), flush.files.end(), file) != flush.files.end();
    });
    if (are_flushed) segment.indexes_flushed(disk);
  }
}

Status Log::seal(Disk& disk) {
  if (!segments_.back().is_sealed()) {
    if (Status sealed = segments_.back().seal(disk, folder_); !sealed) return sealed;
  }
  return take_producer_snapshot(disk, log_end_offset_);
}

Status Log::close(Disk& disk) {
  Status sealed = seal(disk);
  close_files(disk);
  return sealed;
}

void Log::close_files(Disk& disk) {
  for (Segment& segment : segments_) segment.close(disk);
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
