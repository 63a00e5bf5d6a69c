// One segment of a log: `BASE.log` with its sparse offset index `BASE.index` and time index `BASE.timeindex`.
//
// Formats: format.md. The newest segment of a log is active: it grows, and keeps its two indexes in memory (an
// entry for each index.interval.bytes of log). When it is sealed they are written, and from then on read from
// their files. So an idle log preallocates nothing, and after a crash only indexes of unsealed segments are
// missing; they are rebuilt.
//
// Index files have no checksum, so they are believed only as far as the log bears them out: `load` compares their
// last entries with the batches there, and whoever looks something up checks that the batch is where the entry says.
//
// A value: it points at no disk; every call is handed the one that its file ids belong to, and the log's folder.
#pragma once

#include <cstdint>
#include <optional>
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

/// Far below the end of int64_t, so that arithmetic with offsets of a damaged file cannot overflow.
inline constexpr int64_t max_offset_ever = INT64_MAX / 2;
/// What the names of files end with that are about to go, that are being written, and that take the place of others
/// (segment_files.h).
inline constexpr std::string_view deleted_suffix = ".deleted";
inline constexpr std::string_view cleaned_suffix = ".cleaned";
inline constexpr std::string_view swap_suffix = ".swap";

/// `FOLDER/00000000000000000042.log`
std::string segment_path(std::string_view folder, int64_t base_offset, std::string_view suffix);
/// The offsets for which the folder has a file with this suffix, in order.
std::vector<int64_t> segment_offsets(Disk& disk, std::string_view folder, std::string_view suffix);

class Segment {
 public:
  /// Opens the `.log` file, or creates it. It is active, with empty indexes: `index_batch` each batch in it, or
  /// `load` it. `suffix` comes behind the names of its files.
  static Result<Segment> open(Disk& disk, std::string_view folder, int64_t base_offset,
                              std::string_view suffix = "");

  /// The same open file, active, with nothing counted: after it was cut its batches are indexed again.
  Segment uncounted() const;
  /// Counts the batches in the file by its index files alone, and by the few batches behind their last entries. With
  /// the base offset of the segment behind it, it is sealed then; without, it stays active and the file may end in
  /// something that is no batch. False, and nothing counted, when the index files are missing or do not fit.
  /// REQUIRES: nothing is counted.
  Result<bool> load(Disk& disk, std::string_view folder, std::optional<int64_t> next_base_offset,
                    uint32_t index_interval_bytes);

  int64_t base_offset() const { return base_offset_; }
  FileId file() const { return file_; }
  uint64_t size() const { return size_; }
  bool is_sealed() const { return sealed_; }
  /// Behind the last batch that was counted.
  int64_t next_offset() const { return next_offset_; }
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

  /// Whether a batch with this header may come behind those counted so far.
  bool can_follow(const kafka::RecordBatchHeader& batch) const;

  /// REQUIRES: active; `slices` are exactly `batches`.
  Status append(Disk& disk, std::span<const Slice> slices, std::span<const kafka::RecordBatchHeader> batches,
                uint32_t index_interval_bytes);
  /// Counts a batch that is in the file already, behind those counted so far.
  void index_batch(const kafka::RecordBatchHeader& batch, uint32_t index_interval_bytes);
  /// All batches in the file are counted. As after Kafka's recovery, the time index has the latest time then, and the
  /// next index entry comes an interval later.
  void end_count();
  /// Cuts the file behind the batches that were counted; nothing when it ends there.
  Status cut_uncounted(Disk& disk);
  /// Cuts the file at `position`, where the batch begins that holds `offset`, and is active again. As in Kafka, the
  /// next index entry comes an interval later. False when its index files do not fit: then nothing is counted.
  Result<bool> cut(Disk& disk, std::string_view folder, uint64_t position, int64_t offset,
                   uint32_t index_interval_bytes);

  /// Writes both index files. The segment cannot grow any more.
  Status seal(Disk& disk, std::string_view folder, std::string_view suffix = "");
  /// The index files that `seal` wrote and nobody flushed yet.
  std::vector<FileId> unflushed_indexes() const;
  void indexes_flushed(Disk& disk);
  void close(Disk& disk);
  /// Gives its files another suffix, and notes in `renamed` what they are called now. A file that is not there, such as
  /// the indexes of an active segment, is passed over. REQUIRES: closed.
  Status rename(Disk& disk, std::string_view folder, std::string_view from, std::string_view to,
                std::vector<std::string>* renamed = nullptr) const;
  /// Opens its file again, under its name without a suffix.
  Status reopen(Disk& disk, std::string_view folder);
  Status remove(Disk& disk, std::string_view folder, std::string_view suffix = "");

  /// An entry of the offset index: at `position` begins the batch whose last record has `offset`.
  struct Position {
    int64_t offset = 0;
    uint64_t position = 0;
    friend bool operator==(const Position&, const Position&) = default;
  };
  /// An entry of the time index. No batch up to the one that ends with `offset`, which has this time, has a later one.
  struct Time {
    int64_t timestamp_ms = -1;
    int64_t offset = 0;
  };
  /// Where to start looking for the batch that holds `offset`: at that batch or before it. Position 0 is no entry.
  Result<Position> position_at_or_before(Disk& disk, std::string_view folder, int64_t offset) const;
  /// The last entry that is not later than `timestamp_ms`. Timestamp -1 is none: look from the base offset on.
  Result<Time> time_at_or_before(Disk& disk, std::string_view folder, int64_t timestamp_ms) const;

 private:
  struct OffsetEntry {
    uint32_t relative_offset = 0;  ///< of the last record of a batch
    uint32_t position = 0;         ///< where that batch starts
  };
  struct Indexes {
    std::vector<OffsetEntry> offsets;
    std::vector<Time> times;
  };

  Segment() = default;
  void note_time();
  std::optional<Indexes> read_indexes(Disk& disk, std::string_view folder) const;
  Result<bool> count_by(Disk& disk, Indexes indexes, std::optional<int64_t> next_base_offset,
                        uint32_t index_interval_bytes);
  Result<Position> position_in_index(Disk& disk, FileId index, int64_t offset) const;

  int64_t base_offset_ = 0;
  FileId file_;
  std::optional<FileId> index_file_;  ///< open from `seal` until they are flushed
  std::optional<FileId> time_index_file_;
  uint64_t size_ = 0;  ///< of the batches counted
  bool sealed_ = false;
  int64_t next_offset_ = 0;
  int64_t first_timestamp_ms_ = -1;
  Time latest_;
  uint64_t bytes_since_entry_ = 0;
  std::vector<OffsetEntry> offsets_;  ///< empty when sealed
  std::vector<Time> times_;
};

}  // namespace brokerlab
