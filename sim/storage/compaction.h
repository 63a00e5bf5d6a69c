// One pass of compaction over one log: of each key only the latest record stays (cleanup.policy=compact).
//
// The rules of Kafka's LogCleanerManager and Cleaner:
// - The dirty section begins where the last pass ended. It ends before the active segment, before the last stable
//   offset, and before the first segment with a record younger than min.compaction.lag.ms; always with a segment.
// - First the keys of the dirty section are mapped to their latest offsets. Then every segment up to there is written
//   anew, the clean ones before it too, several into one as long as they stay below segment.bytes and
//   segment.index.bytes: a record goes when the map has a later offset for its key, or when it has no key.
// - A tombstone (no value) stays until the delete horizon of its batch, which is set when the batch is first compacted
//   and lies delete.retention.ms ahead (KIP-534).
// - Offsets stay. A batch that holds a producer's last sequence number, and the last batch of the pass, stay at least
//   as an empty header.
// - Records of aborted transactions go. A transaction's marker goes when no batch of it is left, once its own delete
//   horizon has passed.
// - New segments are written as `.cleaned`, flushed, and swapped in (segment_files.h).
//
// A pass works in pieces, so that no step of its node takes long: a value that remembers how far it is. It holds no
// part of the log; when segments went meanwhile (a truncation), it gives up and leaves the log as it was.
//
// Deviations: Kafka reads aborted transactions from `.txnindex`; here the markers in the log tell.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "sim/base/result.h"
#include "sim/storage/disk.h"
#include "sim/storage/log.h"
#include "sim/storage/offset_map.h"

namespace brokerlab {

/// What a pass would do, and whether it is time.
struct CleanableRange {
  int64_t first_dirty_offset = 0;
  int64_t first_uncleanable_offset = 0;  ///< the base of a segment
  uint64_t clean_bytes = 0;
  uint64_t dirty_bytes = 0;  ///< that can be cleaned
  bool is_overdue = false;   ///< something is older than max.compaction.lag.ms

  /// More than min.cleanable.dirty.ratio of it is dirty, or it is overdue.
  bool is_worth_it(int64_t min_ratio_millionths) const;
  /// Whether more of this log is dirty than of the other.
  bool is_dirtier_than(const CleanableRange& other) const;
};
/// `cleaned_up_to` is what cleaner-offset-checkpoint says; a value that the log contradicts counts as none.
CleanableRange cleanable_range(const Log& log, std::optional<int64_t> cleaned_up_to,
                               int64_t last_stable_offset, int64_t now_ms);

class Compaction {
 public:
  static constexpr uint64_t default_map_bytes = 64 << 20;

  Compaction(const Log& log, const CleanableRange& range, int64_t now_ms,
             uint64_t map_bytes = default_map_bytes);

  enum class Progress : uint8_t {
    working,   ///< call `work` again
    flushing,  ///< `file_to_flush` must be durable before the next `work`
    done,
    given_up,  ///< the log was changed in a way that this pass cannot go on with
  };
  /// Reads about `max_bytes` of records, decompressed, and at least one batch. Errors: those of the disk; `invalid` for a batch that
  /// cannot be read. After an error the pass is over: `give_up`.
  Result<Progress> work(Log& log, Disk& disk, uint64_t max_bytes);
  FileId file_to_flush() const { return cleaned_->file(); }
  /// Removes the files of the segment that is being written.
  Status give_up(const Log& log, Disk& disk);

  /// Nothing is removed from here on, whatever it finds.
  int64_t first_uncleanable_offset() const { return range_.first_uncleanable_offset; }
  /// Once it is done: the log is clean up to here.
  int64_t end_offset() const { return end_offset_; }

 private:
  enum class Phase : uint8_t { finding_aborted, mapping, copying, swapping, done };

  struct AbortedTransaction {
    int64_t producer_id = 0;
    int64_t first_offset = 0;
    int64_t last_offset = 0;
  };
  /// Which transactions the batches that come by belong to.
  class Transactions {
   public:
    explicit Transactions(std::vector<AbortedTransaction> aborted = {}) : aborted_(std::move(aborted)) {}
    /// Whether a batch is part of an aborted transaction.
    bool is_aborted(const kafka::RecordBatchHeader& batch);
    /// Whether nothing came by of the transaction that the marker ends.
    bool ends_nothing(const kafka::RecordBatchHeader& marker, bool is_abort);

   private:
    void begin_aborted(int64_t up_to_offset);

    std::vector<AbortedTransaction> aborted_;  ///< by first offset
    size_t next_ = 0;
    std::map<int64_t, bool> ongoing_aborted_;  ///< producer id, and whether a batch of it came by
    std::set<int64_t> ongoing_committed_;
  };
  template <class Visit>
  Result<bool> read_segment(const Log& log, Disk& disk, uint64_t& left, bool wants_records, Visit visit);
  void begin(Phase phase, size_t first_segment);
  bool is_at_end(const Log& log) const;
  Status note_aborted(const kafka::RecordBatch& batch);
  Status map_keys(const kafka::RecordBatch& batch);
  Status group_segments(const Log& log, Disk& disk);
  Status begin_group(const Log& log, Disk& disk);
  Status copy(const Log& log, const kafka::RecordBatch& batch);
  void count(const kafka::Record& record);
  bool keeps_record(const kafka::RecordBatchHeader& batch, const kafka::Record& record) const;
  bool is_last_of_producer(const Log& log, const kafka::RecordBatchHeader& batch) const;
  Status write_copied(const Log& log, Disk& disk);

  CleanableRange range_;
  int64_t now_ms_;
  uint64_t log_version_;
  Phase phase_ = Phase::finding_aborted;
  size_t segment_ = 0;      ///< index in the log's segments
  uint64_t position_ = 0;   ///< in that segment
  int64_t end_offset_ = 0;  ///< behind the last offset that the map knows
  OffsetMap map_;
  bool map_is_full_ = false;
  std::map<int64_t, int64_t> open_transactions_;  ///< first offset, by producer id
  std::vector<AbortedTransaction> aborted_;
  Transactions transactions_;
  std::vector<size_t> groups_;  ///< how many segments become one, in order; the first group comes next
  uint64_t record_bytes_ = 0;   ///< of the batch that is being looked at, decompressed
  size_t first_of_group_ = 0;   ///< index of its first segment
  std::optional<Segment> cleaned_;
  std::vector<Bytes> copied_;  ///< batches that are not written yet
};

}  // namespace brokerlab
