#include "sim/storage/segment.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/storage/batch_scanner.h"
#include "sim/storage/checkpoint_text.h"

namespace brokerlab {
namespace {

constexpr std::string_view log_suffix = ".log";
constexpr std::string_view index_suffix = ".index";
constexpr std::string_view time_index_suffix = ".timeindex";
constexpr std::string_view transaction_index_suffix = ".txnindex";  // only in folders that Kafka wrote
constexpr size_t index_entry_bytes = 8;
constexpr size_t time_index_entry_bytes = 12;

template <class T>
void put(std::vector<uint8_t>& out, T value) {
  for (size_t i = sizeof(T); i-- > 0;)
    out.push_back(static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * i)));
}

template <class T>
T get(const uint8_t* from) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value = value << 8 | from[i];
  return static_cast<T>(value);
}

/// Opened, and with this content instead of what it had.
Result<FileId> write_open(Disk& disk, const std::string& path, std::vector<uint8_t> content) {
  const Result<FileId> file = disk.open(path, true);
  if (!file) return file;
  Status status = disk.truncate(*file, 0);
  const Slice slice = Bytes::adopt(std::move(content));
  if (status) status = disk.append(*file, {&slice, 1});
  if (status) return file;
  disk.close(*file);
  return status;
}

/// Takes the aborted transactions out of their index that end at `offset` or later. Only Kafka's folders have one.
Status cut_transaction_index(Disk& disk, const std::string& path, int64_t offset) {
  // version i16 | producer id i64 | first offset i64 | last offset i64 | last stable offset i64
  constexpr size_t entry_bytes = 34;
  constexpr size_t last_offset_at = 18;
  const Result<Bytes> index = disk.read_file(path);
  if (!index) return index.status().code == StatusCode::not_found ? Status{} : index.status();
  size_t kept = 0;
  while (kept + entry_bytes <= index->size() && get<int64_t>(index->data() + kept + last_offset_at) < offset)
    kept += entry_bytes;
  if (kept == index->size()) return {};
  return disk.replace_file(path, index->subview(0, kept), Durability::cached);
}

}  // namespace

std::string segment_path(std::string_view folder, int64_t base_offset, std::string_view suffix) {
  return fmt::format("{}/{:020}{}", folder, base_offset, suffix);
}

std::vector<int64_t> segment_offsets(Disk& disk, std::string_view folder, std::string_view suffix) {
  constexpr size_t digits = 20;
  std::vector<int64_t> offsets;
  for (const std::string& name : disk.list(folder)) {
    if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) continue;
    const std::optional<int64_t> offset = parse_number(std::string_view(name).substr(0, digits));
    if (offset && *offset >= 0 && *offset <= max_offset_ever) offsets.push_back(*offset);
  }
  return offsets;  // names of one length: sorted as text is sorted as numbers
}

Result<Segment> Segment::open(Disk& disk, std::string_view folder, int64_t base_offset,
                              std::string_view suffix) {
  Result<FileId> file = disk.open(segment_path(folder, base_offset, log_suffix).append(suffix), true);
  if (!file) return file.status();
  Segment segment;
  segment.base_offset_ = base_offset;
  segment.file_ = *file;
  return segment.uncounted();
}

Segment Segment::uncounted() const {
  Segment segment;
  segment.base_offset_ = base_offset_;
  segment.file_ = file_;
  segment.next_offset_ = base_offset_;
  segment.latest_.offset = base_offset_;
  return segment;
}

bool Segment::can_follow(const kafka::RecordBatchHeader& batch) const {
  return batch.base_offset >= next_offset_ && batch.base_offset <= max_offset_ever &&
         batch.last_offset_delta >= 0 && can_hold(batch.last_offset());
}

Status Segment::append(Disk& disk, std::span<const Slice> slices,
                       std::span<const kafka::RecordBatchHeader> batches, uint32_t index_interval_bytes) {
  BROKERLAB_ASSERT(!sealed_);
  if (Status status = disk.append(file_, slices); !status) return status;
  const uint64_t end = size_ + size_of(slices);
  for (const kafka::RecordBatchHeader& batch : batches) index_batch(batch, index_interval_bytes);
  BROKERLAB_ASSERT(size_ == end);
  return {};
}

void Segment::index_batch(const kafka::RecordBatchHeader& batch, uint32_t index_interval_bytes) {
  BROKERLAB_ASSERT(!sealed_ && can_hold(batch.last_offset()));
  if (size_ == 0) first_timestamp_ms_ = batch.max_timestamp;
  if (batch.max_timestamp > latest_.timestamp_ms) latest_ = {batch.max_timestamp, batch.last_offset()};
  if (bytes_since_entry_ > index_interval_bytes) {
    offsets_.push_back(
        {static_cast<uint32_t>(batch.last_offset() - base_offset_), static_cast<uint32_t>(size_)});
    note_time();
    bytes_since_entry_ = 0;
  }
  size_ += batch.size();
  next_offset_ = batch.last_offset() + 1;
  bytes_since_entry_ += batch.size();
}

/// Adds the latest time to the time index, which has each time once.
void Segment::note_time() {
  if (latest_.timestamp_ms > (times_.empty() ? -1 : times_.back().timestamp_ms)) times_.push_back(latest_);
}

void Segment::end_count() {
  note_time();
  bytes_since_entry_ = 0;
}

Status Segment::cut_uncounted(Disk& disk) { return disk.truncate(file_, size_); }

// ---- index files --------------------------------------------------------------------------------------------

/// What the files say; empty when one is missing or is none: their numbers increase.
std::optional<Segment::Indexes> Segment::read_indexes(Disk& disk, std::string_view folder) const {
  const Result<Bytes> index = disk.read_file(segment_path(folder, base_offset_, index_suffix));
  const Result<Bytes> times = disk.read_file(segment_path(folder, base_offset_, time_index_suffix));
  if (!index || !times) return std::nullopt;
  if (index->size() % index_entry_bytes != 0 || times->size() % time_index_entry_bytes != 0)
    return std::nullopt;
  Indexes indexes;
  indexes.offsets.reserve(index->size() / index_entry_bytes);
  OffsetEntry last;
  for (size_t at = 0; at < index->size(); at += index_entry_bytes) {
    const OffsetEntry entry{get<uint32_t>(index->data() + at), get<uint32_t>(index->data() + at + 4)};
    if (entry.relative_offset <= last.relative_offset || entry.position <= last.position) return std::nullopt;
    indexes.offsets.push_back(last = entry);
  }
  Time latest{-1, base_offset_ - 1};
  indexes.times.reserve(times->size() / time_index_entry_bytes);
  for (size_t at = 0; at < times->size(); at += time_index_entry_bytes) {
    const Time entry{get<int64_t>(times->data() + at), base_offset_ + get<uint32_t>(times->data() + at + 8)};
    if (entry.timestamp_ms <= latest.timestamp_ms || entry.offset <= latest.offset) return std::nullopt;
    indexes.times.push_back(latest = entry);
  }
  return indexes;
}

Result<bool> Segment::load(Disk& disk, std::string_view folder, std::optional<int64_t> next_base_offset,
                           uint32_t index_interval_bytes) {
  BROKERLAB_ASSERT(size_ == 0 && !sealed_);
  std::optional<Indexes> indexes = read_indexes(disk, folder);
  if (!indexes) return false;
  return count_by(disk, std::move(*indexes), next_base_offset, index_interval_bytes);
}

/// Takes over index entries, and counts the batches from the last of them on. False when they do not fit the log.
Result<bool> Segment::count_by(Disk& disk, Indexes indexes, std::optional<int64_t> next_base_offset,
                               uint32_t index_interval_bytes) {
  *this = uncounted();
  const Result<uint64_t> file_size = disk.size(file_);
  if (!file_size) return file_size.status();
  const OffsetEntry last = indexes.offsets.empty() ? OffsetEntry{} : indexes.offsets.back();
  const Time closing = indexes.times.empty() ? Time{-1, base_offset_} : indexes.times.back();
  if (*file_size == 0) {
    const bool fits = indexes.offsets.empty() && indexes.times.empty();
    sealed_ = fits && next_base_offset.has_value();
    return fits;
  }
  Segment counted = *this;
  BatchScanner first_batch(disk, file_, 0, *file_size);
  const Result<std::optional<kafka::RecordBatchHeader>> first = first_batch.next();
  if (!first) return first.status();
  if (!*first) return false;
  counted.first_timestamp_ms_ = (*first)->max_timestamp;

  // The batch that has the latest time may lie between two entries of the offset index.
  OffsetEntry before_closing;
  for (const OffsetEntry& entry : indexes.offsets)
    if (base_offset_ + entry.relative_offset <= closing.offset) before_closing = entry;
  bool is_closing_found = indexes.times.empty();
  if (before_closing.position < last.position) {
    BatchScanner scanner(disk, file_, before_closing.position, last.position);
    while (!is_closing_found) {
      const Result<std::optional<kafka::RecordBatchHeader>> next = scanner.next();
      if (!next) return next.status();
      if (!*next || (*next)->last_offset() > closing.offset) return false;
      is_closing_found =
          (*next)->last_offset() == closing.offset && (*next)->max_timestamp == closing.timestamp_ms;
    }
  }

  counted.latest_ = closing;
  counted.size_ = last.position;
  BatchScanner scanner(disk, file_, last.position, *file_size);
  while (true) {
    const Result<std::optional<kafka::RecordBatchHeader>> next = scanner.next();
    if (!next) return next.status();
    if (!*next) break;
    const kafka::RecordBatchHeader& batch = **next;
    if (!counted.can_follow(batch) || (next_base_offset && batch.last_offset() >= *next_base_offset)) break;
    const bool is_indexed = counted.size_ == last.position && last.position > 0;
    if (is_indexed && batch.last_offset() != base_offset_ + last.relative_offset) return false;
    // An entry is missing here, even if the interval was counted anew once, when the log was opened.
    if (counted.size_ - last.position > uint64_t{2} * index_interval_bytes) return false;
    if (batch.last_offset() == closing.offset && batch.max_timestamp == closing.timestamp_ms)
      is_closing_found = true;
    if (batch.max_timestamp > counted.latest_.timestamp_ms)
      counted.latest_ = {batch.max_timestamp, batch.last_offset()};
    counted.size_ += batch.size();
    counted.next_offset_ = batch.last_offset() + 1;
  }
  if (!is_closing_found || counted.size_ == last.position) return false;
  if (next_base_offset) {
    if (counted.size_ != *file_size || counted.latest_.timestamp_ms != closing.timestamp_ms) return false;
    counted.sealed_ = true;
  } else {
    counted.offsets_ = std::move(indexes.offsets);
    counted.times_ = std::move(indexes.times);
  }
  *this = std::move(counted);
  return true;
}

Result<bool> Segment::cut(Disk& disk, std::string_view folder, uint64_t position, int64_t offset,
                          uint32_t index_interval_bytes) {
  std::optional<Indexes> indexes =
      sealed_ ? read_indexes(disk, folder) : std::optional(Indexes{std::move(offsets_), std::move(times_)});
  indexes_flushed(disk);
  if (Status status = disk.truncate(file_, position); !status) return status;
  const std::string transactions = segment_path(folder, base_offset_, transaction_index_suffix);
  if (Status status = cut_transaction_index(disk, transactions, offset); !status) return status;
  *this = uncounted();
  if (!indexes) return false;
  std::erase_if(indexes->offsets,
                [&](const OffsetEntry& entry) { return base_offset_ + entry.relative_offset >= offset; });
  std::erase_if(indexes->times, [&](const Time& entry) { return entry.offset >= offset; });
  return count_by(disk, std::move(*indexes), std::nullopt, index_interval_bytes);
}

Status Segment::seal(Disk& disk, std::string_view folder, std::string_view suffix) {
  BROKERLAB_ASSERT(!sealed_);
  note_time();
  std::vector<uint8_t> index;
  index.reserve(offsets_.size() * index_entry_bytes);
  for (const OffsetEntry& entry : offsets_) {
    put(index, entry.relative_offset);
    put(index, entry.position);
  }
  std::vector<uint8_t> times;
  times.reserve(times_.size() * time_index_entry_bytes);
  for (const Time& entry : times_) {
    put(times, entry.timestamp_ms);
    put(times, static_cast<uint32_t>(entry.offset - base_offset_));
  }
  const Result<FileId> index_file =
      write_open(disk, segment_path(folder, base_offset_, index_suffix).append(suffix), std::move(index));
  if (!index_file) return index_file.status();
  index_file_ = *index_file;
  const Result<FileId> time_index_file = write_open(
      disk, segment_path(folder, base_offset_, time_index_suffix).append(suffix), std::move(times));
  if (!time_index_file) {
    indexes_flushed(disk);
    return time_index_file.status();
  }
  time_index_file_ = *time_index_file;
  offsets_ = {};
  times_ = {};
  sealed_ = true;
  return {};
}

std::vector<FileId> Segment::unflushed_indexes() const {
  std::vector<FileId> files;
  for (const std::optional<FileId>& file : {index_file_, time_index_file_})
    if (file) files.push_back(*file);
  return files;
}

void Segment::indexes_flushed(Disk& disk) {
  for (std::optional<FileId>* file : {&index_file_, &time_index_file_}) {
    if (*file) disk.close(**file);
    file->reset();
  }
}

void Segment::close(Disk& disk) {
  indexes_flushed(disk);
  disk.close(file_);
}

Status Segment::rename(Disk& disk, std::string_view folder, std::string_view from, std::string_view to,
                       std::vector<std::string>* renamed) const {
  for (const std::string_view kind :
       {log_suffix, index_suffix, time_index_suffix, transaction_index_suffix}) {
    const std::string path = segment_path(folder, base_offset_, kind);
    const std::string old_name = path + std::string(from);
    if (!disk.exists(old_name)) continue;
    const std::string new_name = path + std::string(to);
    if (Status status = disk.rename(old_name, new_name); !status) return status;
    if (renamed != nullptr) renamed->push_back(new_name);
  }
  return {};
}

Status Segment::reopen(Disk& disk, std::string_view folder) {
  const Result<FileId> file = disk.open(segment_path(folder, base_offset_, log_suffix), false);
  if (!file) return file.status();
  file_ = *file;
  return {};
}

size_t Segment::index_room(uint32_t max_bytes) const {
  BROKERLAB_ASSERT(!sealed_);
  const size_t offsets = max_bytes / index_entry_bytes;
  const size_t times =
      max_bytes / time_index_entry_bytes;  // one of them stays free for the end of the segment
  return std::min(offsets - std::min(offsets, offsets_.size()), times - std::min(times, times_.size() + 1));
}

Result<Segment::IndexBytes> Segment::index_bytes(Disk& disk, std::string_view folder) const {
  BROKERLAB_ASSERT(sealed_);
  const auto size_of_file = [&](std::optional<FileId> open_file,
                                std::string_view suffix) -> Result<uint64_t> {
    if (open_file) return disk.size(*open_file);
    const Result<FileId> file = disk.open(segment_path(folder, base_offset_, suffix), false);
    if (!file) return file.status();
    Result<uint64_t> size = disk.size(*file);
    disk.close(*file);
    return size;
  };
  const Result<uint64_t> offsets = size_of_file(index_file_, index_suffix);
  if (!offsets) return offsets.status();
  const Result<uint64_t> times = size_of_file(time_index_file_, time_index_suffix);
  if (!times) return times.status();
  return IndexBytes{*offsets, *times};
}

Status Segment::remove(Disk& disk, std::string_view folder, std::string_view suffix) {
  close(disk);
  for (const std::string_view kind : {index_suffix, time_index_suffix, transaction_index_suffix}) {
    const Status status = disk.remove_file(segment_path(folder, base_offset_, kind).append(suffix));
    if (!status && status.code != StatusCode::not_found) return status;
  }
  return disk.remove_file(segment_path(folder, base_offset_, log_suffix).append(suffix));
}

// ---- looking up -----------------------------------------------------------------------------------------------

Result<Segment::Position> Segment::position_at_or_before(Disk& disk, std::string_view folder,
                                                         int64_t offset) const {
  if (!sealed_) {
    const auto above = std::upper_bound(offsets_.begin(), offsets_.end(), offset,
                                        [this](int64_t wanted, const OffsetEntry& entry) {
                                          return wanted < base_offset_ + entry.relative_offset;
                                        });
    if (above == offsets_.begin()) return Position{base_offset_, 0};
    return Position{base_offset_ + (above - 1)->relative_offset, (above - 1)->position};
  }
  if (index_file_) return position_in_index(disk, *index_file_, offset);
  // A binary search that reads eight bytes a step: a sealed index is not worth keeping in memory.
  const Result<FileId> index = disk.open(segment_path(folder, base_offset_, index_suffix), false);
  if (!index) return index.status();
  Result<Position> position = position_in_index(disk, *index, offset);
  disk.close(*index);
  return position;
}

Result<Segment::Position> Segment::position_in_index(Disk& disk, FileId index, int64_t offset) const {
  const Result<uint64_t> size = disk.size(index);
  if (!size) return size.status();
  Position found{base_offset_, 0};
  for (uint64_t low = 0, high = *size / index_entry_bytes; low < high;) {
    const uint64_t middle = low + (high - low) / 2;
    const Result<Bytes> entry = disk.read(index, middle * index_entry_bytes, index_entry_bytes);
    if (!entry) return entry.status();
    if (entry->size() < index_entry_bytes)
      return Status::error(StatusCode::io_error, "an index became shorter");
    const int64_t indexed = base_offset_ + get<uint32_t>(entry->data());
    if (indexed <= offset) {
      found = {indexed, get<uint32_t>(entry->data() + 4)};
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return found;
}

Result<Segment::Time> Segment::time_at_or_before(Disk& disk, std::string_view folder,
                                                 int64_t timestamp_ms) const {
  Time found{-1, base_offset_};
  if (!sealed_) {
    for (const Time& entry : times_)
      if (entry.timestamp_ms <= timestamp_ms) found = entry;
    return found;
  }
  const Result<Bytes> times = disk.read_file(segment_path(folder, base_offset_, time_index_suffix));
  if (!times) return times.status();
  for (size_t at = 0; at + time_index_entry_bytes <= times->size(); at += time_index_entry_bytes)
    if (const auto time_ms = get<int64_t>(times->data() + at); time_ms <= timestamp_ms)
      found = {time_ms, base_offset_ + get<uint32_t>(times->data() + at + 8)};
  return found;
}

}  // namespace brokerlab
