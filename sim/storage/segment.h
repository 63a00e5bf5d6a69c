// One segment of a log: `BASE.log` with its sparse offset index `BASE.index` and time index `BASE.timeindex`.
//
// Formats: format.md. The newest segment of a log is active: it grows, and keeps its two indexes in memory (an
// entry for each index.interval.bytes of log). When it is sealed they are written, and from then on read from
// their files. So an idle log preallocates nothing, and after a crash only indexes of unsealed segments are
// missing; they are rebuilt.
//
// A value: it points at no disk; every call is handed the one that its file id belongs to, and the log's folder.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/ids.h"
#include "sim/base/result.h"
#include "sim/storage/disk.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

/// What the names of files end with that are about to go, that are being written, and that take the place of others
/// (segment_files.h).
inline constexpr std::string_view deleted_suffix = ".deleted";
inline constexpr std::string_view cleaned_suffix = ".cleaned";
inline constexpr std::string_view swap_suffix = ".swap";

/// `FOLDER/00000000000000000042.log`
std::string segment_path(std::string_view folder, int64_t base_offset, std::string_view suffix);

class Segment {
 public:
  /// Opens the `.log` file, or creates it. It is active, with empty indexes: `index_batch` each batch in it. `suffix`
  /// comes behind the names of its files.
  static Result<Segment> open(Disk& disk, std::string_view folder, int64_t base_offset,
                              std::string_view suffix = "");

  /// The same open file, active, with nothing counted: after it was cut its batches are indexed again.
  Segment uncounted() const;

  int64_t base_offset() const { return base_offset_; }
  FileId file() const { return file_; }
  uint64_t size() const { return size_; }
  int64_t max_timestamp_ms() const { return latest_.timestamp_ms; }  ///< -1 while it has none
  /// The batch that has `max_timestamp_ms()` ends with this offset.
  int64_t offset_of_max_timestamp() const { return latest_.offset; }
  int64_t first_timestamp_ms() const { return first_timestamp_ms_; }
  /// Whether `offset` can be written as an unsigned 32-bit distance from the base, as the indexes do.
  bool can_hold(int64_t offset) const { return offset >= base_offset_ && offset - base_offset_ <= INT32_MAX; }
  /// How many batches fit at least before one of the indexes has reached `max_bytes`. REQUIRES: active.
  size_t index_room(uint32_t max_bytes) const;
  /// How large the index files are. REQUIRES: sealed.
  struct IndexBytes {
    uint64_t offsets = 0;
    uint64_t times = 0;
  };
  Result<IndexBytes> index_bytes(Disk& disk, std::string_view folder) const;

  /// REQUIRES: active; `slices` are exactly `batches`.
  Status append(Disk& disk, std::span<const Slice> slices, std::span<const kafka::RecordBatchHeader> batches,
                uint32_t index_interval_bytes);
  /// Counts a batch that is in the file already, behind those counted so far.
  void index_batch(const kafka::RecordBatchHeader& batch, uint32_t index_interval_bytes);
  /// Cuts the file behind the batches that were counted; nothing when it ends there.
  Status cut_uncounted(Disk& disk);

  /// Writes both index files; `keep_sane_files` leaves those that are there and possible as they are. The segment
  /// cannot grow any more.
  Status seal(Disk& disk, std::string_view folder, bool keep_sane_files, std::string_view suffix = "");
  void close(Disk& disk) const { disk.close(file_); }
  /// Gives its files another suffix, and notes in `renamed` what they are called now. A file that is not there, such as
  /// the indexes of an active segment, is passed over. REQUIRES: closed.
  Status rename(Disk& disk, std::string_view folder, std::string_view from, std::string_view to,
                std::vector<std::string>* renamed = nullptr) const;
  /// Opens its file again, under its name without a suffix.
  Status reopen(Disk& disk, std::string_view folder);
  Status remove(Disk& disk, std::string_view folder, std::string_view suffix = "");

  /// Where to start looking for the batch that holds `offset`: at that batch or before it.
  Result<uint64_t> position_at_or_before(Disk& disk, std::string_view folder, int64_t offset) const;
  /// No batch before the one that holds the answer is as young as `timestamp_ms`.
  Result<int64_t> offset_at_or_before_time(Disk& disk, std::string_view folder, int64_t timestamp_ms) const;

 private:
  struct OffsetEntry {
    uint32_t relative_offset = 0;  ///< of the last record of a batch
    uint32_t position = 0;         ///< where that batch starts
  };
  struct TimeEntry {
    int64_t timestamp_ms = -1;
    int64_t offset = 0;  ///< the last of the first batch with this time; no batch up to it has a later one
  };

  Segment() = default;
  void note_time();
  bool has_sane_index_files(Disk& disk, std::string_view folder) const;
  Result<uint64_t> position_in_index(Disk& disk, FileId index, int64_t offset) const;

  int64_t base_offset_ = 0;
  FileId file_;
  uint64_t size_ = 0;  ///< of the batches counted
  bool sealed_ = false;
  int64_t first_timestamp_ms_ = -1;
  TimeEntry latest_;
  uint64_t bytes_since_entry_ = 0;
  std::vector<OffsetEntry> offsets_;  ///< empty when sealed
  std::vector<TimeEntry> times_;
};

}  // namespace brokerlab
