#include "sim/storage/segment.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/assert.h"

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

}  // namespace

std::string segment_path(std::string_view folder, int64_t base_offset, std::string_view suffix) {
  return fmt::format("{}/{:020}{}", folder, base_offset, suffix);
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
  segment.latest_.offset = base_offset_;
  return segment;
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
  bytes_since_entry_ += batch.size();
}

/// Adds the latest time to the time index, which has each time once.
void Segment::note_time() {
  if (latest_.timestamp_ms > (times_.empty() ? -1 : times_.back().timestamp_ms)) times_.push_back(latest_);
}

Status Segment::cut_uncounted(Disk& disk) { return disk.truncate(file_, size_); }

bool Segment::has_sane_index_files(Disk& disk, std::string_view folder) const {
  const Result<Bytes> index = disk.read_file(segment_path(folder, base_offset_, index_suffix));
  const Result<Bytes> times = disk.read_file(segment_path(folder, base_offset_, time_index_suffix));
  if (!index || !times) return false;
  if (index->size() % index_entry_bytes != 0 || times->size() % time_index_entry_bytes != 0) return false;
  if (index->empty() != offsets_.empty() || times->empty() != times_.empty()) return false;
  OffsetEntry last;
  for (size_t at = 0; at < index->size(); at += index_entry_bytes) {
    const OffsetEntry entry{get<uint32_t>(index->data() + at), get<uint32_t>(index->data() + at + 4)};
    if (entry.relative_offset <= last.relative_offset || entry.position <= last.position ||
        entry.position >= size_)
      return false;
    last = entry;
  }
  int64_t last_timestamp_ms = -1;
  for (size_t at = 0; at < times->size(); at += time_index_entry_bytes) {
    const int64_t timestamp_ms = get<int64_t>(times->data() + at);
    if (timestamp_ms <= last_timestamp_ms) return false;
    last_timestamp_ms = timestamp_ms;
  }
  return true;
}

Status Segment::seal(Disk& disk, std::string_view folder, bool keep_sane_files, std::string_view suffix) {
  BROKERLAB_ASSERT(!sealed_);
  note_time();
  if (!keep_sane_files || !has_sane_index_files(disk, folder)) {
    std::vector<uint8_t> index;
    index.reserve(offsets_.size() * index_entry_bytes);
    for (const OffsetEntry& entry : offsets_) {
      put(index, entry.relative_offset);
      put(index, entry.position);
    }
    std::vector<uint8_t> times;
    times.reserve(times_.size() * time_index_entry_bytes);
    for (const TimeEntry& entry : times_) {
      put(times, entry.timestamp_ms);
      put(times, static_cast<uint32_t>(entry.offset - base_offset_));
    }
    Status status = disk.replace_file(segment_path(folder, base_offset_, index_suffix).append(suffix),
                                      Bytes::adopt(std::move(index)), Durability::cached);
    if (!status) return status;
    status = disk.replace_file(segment_path(folder, base_offset_, time_index_suffix).append(suffix),
                               Bytes::adopt(std::move(times)), Durability::cached);
    if (!status) return status;
  }
  offsets_ = {};
  times_ = {};
  sealed_ = true;
  return {};
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
  const auto size_of_file = [&](std::string_view suffix) -> Result<uint64_t> {
    const Result<FileId> file = disk.open(segment_path(folder, base_offset_, suffix), false);
    if (!file) return file.status();
    Result<uint64_t> size = disk.size(*file);
    disk.close(*file);
    return size;
  };
  const Result<uint64_t> offsets = size_of_file(index_suffix);
  if (!offsets) return offsets.status();
  const Result<uint64_t> times = size_of_file(time_index_suffix);
  if (!times) return times.status();
  return IndexBytes{*offsets, *times};
}

Status Segment::remove(Disk& disk, std::string_view folder, std::string_view suffix) {
  close(disk);
  for (const std::string_view kind : {index_suffix, time_index_suffix}) {
    const Status status = disk.remove_file(segment_path(folder, base_offset_, kind).append(suffix));
    if (!status && status.code != StatusCode::not_found) return status;
  }
  return disk.remove_file(segment_path(folder, base_offset_, log_suffix).append(suffix));
}

Result<uint64_t> Segment::position_at_or_before(Disk& disk, std::string_view folder, int64_t offset) const {
  if (!sealed_) {
    const auto above = std::upper_bound(offsets_.begin(), offsets_.end(), offset,
                                        [this](int64_t wanted, const OffsetEntry& entry) {
                                          return wanted < base_offset_ + entry.relative_offset;
                                        });
    return above == offsets_.begin() ? uint64_t{0} : uint64_t{(above - 1)->position};
  }
  // A binary search that reads eight bytes a step: a sealed index is not worth keeping in memory.
  const Result<FileId> index = disk.open(segment_path(folder, base_offset_, index_suffix), false);
  if (!index) return index.status();
  Result<uint64_t> position = position_in_index(disk, *index, offset);
  disk.close(*index);
  return position;
}

Result<uint64_t> Segment::position_in_index(Disk& disk, FileId index, int64_t offset) const {
  const Result<uint64_t> size = disk.size(index);
  if (!size) return size.status();
  uint64_t position = 0;
  for (uint64_t low = 0, high = *size / index_entry_bytes; low < high;) {
    const uint64_t middle = low + (high - low) / 2;
    const Result<Bytes> entry = disk.read(index, middle * index_entry_bytes, index_entry_bytes);
    if (!entry) return entry.status();
    if (entry->size() < index_entry_bytes)
      return Status::error(StatusCode::io_error, "an index became shorter");
    if (base_offset_ + get<uint32_t>(entry->data()) <= offset) {
      position = get<uint32_t>(entry->data() + 4);
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return position;
}

Result<int64_t> Segment::offset_at_or_before_time(Disk& disk, std::string_view folder,
                                                  int64_t timestamp_ms) const {
  int64_t offset = base_offset_;
  if (!sealed_) {
    for (const TimeEntry& entry : times_)
      if (entry.timestamp_ms <= timestamp_ms) offset = entry.offset;
    return offset;
  }
  const Result<Bytes> times = disk.read_file(segment_path(folder, base_offset_, time_index_suffix));
  if (!times) return times.status();
  for (size_t at = 0; at + time_index_entry_bytes <= times->size(); at += time_index_entry_bytes)
    if (get<int64_t>(times->data() + at) <= timestamp_ms)
      offset = base_offset_ + get<uint32_t>(times->data() + at + 8);
  return offset;
}

}  // namespace brokerlab
