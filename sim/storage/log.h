// The log of one replica: a folder `TOPIC-PARTITION` of segments, in Apache Kafka's formats (format.md).
//
// A value: it holds file ids and numbers, and every call is handed the disk. Record bytes are never copied on
// the way in or out: an append writes the network's memory, with the first bytes of the header replaced (base
// offset and leader epoch stand before what the CRC covers), and a read hands out slices of the file.
//
// KIP-98 (batch v2, idempotence), KIP-101/279/320 (leader epochs), KIP-74 (first batch whole).
//
// Invariants
// - Offsets increase; every batch is whole; `log_start_offset() <= log_end_offset()`.
// - Only the last segment grows. A segment's name is a lower bound of its offsets.
// - After an error of an append the log is what was there before, or that and some whole batches more. After one of
//   a truncation it has to be opened anew.
//
// Deviation: no aborted-transaction index yet.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/ids.h"
#include "sim/base/result.h"
#include "sim/storage/batch_scanner.h"
#include "sim/storage/disk.h"
#include "sim/storage/leader_epoch_cache.h"
#include "sim/storage/producer_snapshots.h"
#include "sim/storage/producer_state.h"
#include "sim/storage/segment.h"
#include "sim/wire/kafka/errors.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

struct LogConfig {
  uint32_t segment_bytes = 1u << 30;          ///< segment.bytes
  int64_t segment_ms = 7 * 24 * 3600 * 1000;  ///< segment.ms, measured between timestamps of batches
  uint32_t index_interval_bytes = 4096;       ///< index.interval.bytes
  uint32_t index_max_bytes = 10 << 20;        ///< segment.index.bytes
  bool log_append_time = false;               ///< message.timestamp.type=LogAppendTime
  int64_t producer_id_expiration_ms = 24 * 3600 * 1000;  ///< producer.id.expiration.ms, of the broker

  // How long records stay (retention.h, compaction.h).
  bool deletes = true;                             ///< cleanup.policy
  bool compacts = false;                           ///< cleanup.policy
  int64_t retention_ms = 7 * 24 * 3600 * 1000;     ///< -1: for ever
  int64_t retention_bytes = -1;                    ///< -1: as many as come
  int64_t file_delete_delay_ms = 0;                ///< 0: files go at once
  int64_t delete_retention_ms = 24 * 3600 * 1000;  ///< of tombstones
  int64_t min_compaction_lag_ms = 0;
  int64_t max_compaction_lag_ms = INT64_MAX;
  int64_t min_cleanable_ratio_millionths = 500'000;  ///< min.cleanable.dirty.ratio

  /// What is to be compacted in time must not stay in the active segment longer.
  int64_t max_segment_ms() const {
    return compacts ? std::min(segment_ms, max_compaction_lag_ms) : segment_ms;
  }
};

/// What the node's checkpoint files (checkpoint.h) say of a log that is about to be opened.
struct LogCheckpoints {
  bool clean_shutdown = false;  ///< there was a `.kafka_cleanshutdown`
  int64_t recovery_point = 0;   ///< below it everything was flushed
  int64_t log_start_offset = 0;
};

/// One batch as it lies in the log.
struct BatchInfo {
  int64_t first_offset = 0;
  int64_t last_offset = 0;
  int32_t leader_epoch = no_epoch;
  uint32_t crc = 0;
  uint32_t bytes = 0;
  int64_t producer_id = no_producer_id;
  int16_t producer_epoch = no_producer_epoch;
  int32_t base_sequence = no_sequence;
  int32_t records = 0;
};

/// A flush that is under way: these files, oldest first, and what is durable once they all are.
struct LogFlush {
  std::vector<FileId> files;
  int64_t up_to_offset = 0;
  uint64_t truncations = 0;  ///< of the log so far: another one makes the flush say nothing
};

struct LeaderAppend {
  /// `none`, or why the producer's batch was refused: OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH,
  /// RECORD_LIST_TOO_LARGE (it does not fit in a segment).
  kafka::ErrorCode error = kafka::ErrorCode::none;
  bool duplicate = false;           ///< nothing was written: the offsets are those of the first time
  BatchInfo batch;                  ///< of a duplicate only the offsets
  int64_t log_append_time_ms = -1;  ///< for the response; a duplicate has its batch's timestamp, as in Kafka
};

struct LogRead {
  Slices slices;  ///< whole batches, but the last one may be cut at the byte limit, as Kafka does
  uint64_t bytes = 0;
};

struct TimestampAndOffset {
  int64_t timestamp_ms = -1;
  int64_t offset = no_offset;
  int32_t leader_epoch = no_epoch;
};

class Log {
 public:
  /// Opens the folder, or makes it with an empty segment. Segments from the recovery point on are checked batch
  /// by batch after an unclean stop and cut at the first that is torn or has a wrong CRC; of the others only the
  /// end is looked at. Missing or impossible indexes are rebuilt, and so are leader epochs. Producers of a snapshot
  /// that have expired at `now_ms` are left out. Errors: those of the disk.
  static Result<Log> open(Disk& disk, std::string folder, const LogConfig& config,
                          const LogCheckpoints& checkpoints, int64_t now_ms = 0);

  const std::string& folder() const { return folder_; }
  const LogConfig& config() const { return config_; }
  void set_config(const LogConfig& config) { config_ = config; }
  int64_t log_start_offset() const { return log_start_offset_; }
  /// The offset that the next record will get.
  int64_t log_end_offset() const { return log_end_offset_; }
  uint64_t size_bytes() const;
  /// By base offset; the last one is active.
  std::span<const Segment> segments() const { return segments_; }
  /// Where a segment's offsets end: at the next one's base, or with the log.
  int64_t end_of_segment(size_t index) const {
    return index + 1 < segments_.size() ? segments_[index + 1].base_offset() : log_end_offset_;
  }
  /// Everything below it is known to be durable.
  int64_t recovery_point() const { return recovery_point_; }

  /// What recovery cut off when the log was opened: a torn or damaged batch and all behind it.
  uint64_t bytes_cut() const { return bytes_cut_; }

  /// Appends one batch and gives it its offsets and `leader_epoch`. `batch` is one whole batch v2 that was
  /// validated (size, CRC, count); it is not looked into beyond its header, except that a topic with
  /// LogAppendTime gets `now_ms` and a new CRC.
  Result<LeaderAppend> append_as_leader(Disk& disk, const Bytes& batch, int32_t leader_epoch, int64_t now_ms);
  /// Appends the whole batches at the start of `records`, as a leader sent them; what is incomplete at the end,
  /// and what comes from a later epoch than `leader_epoch`, is ignored. `invalid` when bytes, a CRC or an offset
  /// are wrong: then nothing is written.
  Result<std::vector<BatchInfo>> append_as_follower(Disk& disk, const Bytes& records, int32_t leader_epoch);

  /// From the batch that holds `offset` (it may begin before) up to `max_offset` (exclusive: high watermark, last
  /// stable offset or log end) and to `max_bytes`, within one segment. With `at_least_one_batch` the first batch
  /// is whole whatever its size; without, it must fit or nothing is read.
  /// REQUIRES: log_start_offset() <= offset <= log_end_offset().
  Result<LogRead> read(Disk& disk, int64_t offset, int64_t max_offset, uint64_t max_bytes,
                       bool at_least_one_batch) const;
  /// The same range as bytes, with at least one batch: for nodes that look into records.
  Result<Bytes> read_bytes(Disk& disk, int64_t offset, int64_t max_offset, uint64_t max_bytes) const;
  /// The batch that holds `offset`, or the next one. REQUIRES: log_start_offset() <= offset < log_end_offset().
  Result<BatchInfo> batch_at(Disk& disk, int64_t offset) const;

  /// The earliest record with a timestamp at or after this one (ListOffsets by time); empty when there is none.
  Result<std::optional<TimestampAndOffset>> offset_for_timestamp(Disk& disk, int64_t timestamp_ms) const;
  /// The first record with the largest timestamp of the log (KIP-734); empty when the log is.
  Result<std::optional<TimestampAndOffset>> offset_of_max_timestamp(Disk& disk) const;

  /// Removes every batch that holds `offset` or comes after it: the log ends at `offset`, or before it when that
  /// was in the middle of a batch. No effect when it ends there already.
  Status truncate_to(Disk& disk, int64_t offset);
  /// Removes everything; the log starts and ends at `offset`.
  Status truncate_fully_and_start_at(Disk& disk, int64_t offset);
  /// DeleteRecords: what is below `offset` is gone; its segments stay on disk until `delete_oldest_segments`.
  /// REQUIRES: offset <= log_end_offset(). Never moves back.
  Status advance_log_start(Disk& disk, int64_t offset);
  /// Takes away the first `count` segments; the log starts behind them. When these are all, a new one begins at the
  /// log end. REQUIRES: the active segment is not among them when it is empty.
  Status delete_oldest_segments(Disk& disk, size_t count);
  /// Compaction: `cleaned`, which is sealed and whose files end with `.cleaned`, takes the place of `count` segments.
  Status replace_segments(Disk& disk, size_t first, size_t count, Segment cleaned);
  /// Changes whenever a segment goes.
  uint64_t segments_version() const { return segments_version_; }
  /// The lowest offset that the log was cut to since the last call; empty when it was not. What was compacted behind it
  /// is not there any more.
  std::optional<int64_t> take_lowest_cut() { return std::exchange(lowest_cut_, std::nullopt); }
  /// Files that were renamed since the last call, because they are to be removed once file.delete.delay.ms is over.
  std::vector<std::string> take_deleted_files() { return std::exchange(deleted_files_, {}); }

  /// `no_epoch` when nothing was ever written.
  int32_t latest_epoch() const { return epochs_.latest_epoch(); }
  const LeaderEpochCache& epochs() const { return epochs_; }
  /// A new leader notes where its epoch starts before it writes.
  Status assign_epoch_start(Disk& disk, int32_t epoch);
  /// Answers OffsetForLeaderEpoch and finds diverging followers (KIP-279).
  EpochEndOffset end_offset_for_epoch(int32_t epoch) const {
    return epochs_.end_offset_for(epoch, log_end_offset_);
  }
  /// Where this log has to be cut when its leader says that `leader.epoch` ends at `leader.end_offset` there
  /// (KIP-101, KIP-279). One more question may be needed afterwards: the next fetch asks it.
  int64_t truncation_offset_for(EpochEndOffset leader) const;

  const ProducerState& producers() const { return producers_; }
  /// Every producer.id.expiration.check.interval.ms.
  void expire_producers(int64_t now_ms);

  /// Where the active segment begins. A roll leaves what is below it to be flushed.
  int64_t active_base_offset() const { return segments_.back().base_offset(); }
  /// What has to be flushed (`Effects::flush`) so that everything below `up_to_offset`, where a segment or the log
  /// ends, is durable.
  LogFlush begin_flush(int64_t up_to_offset) const;
  /// All files of `flush` are durable.
  void end_flush(Disk& disk, const LogFlush& flush);

  /// Nothing more is appended: writes what is kept in memory of the indexes, and the producers' state. Flush it, then
  /// `close`.
  Status seal(Disk& disk);
  /// Closes the files, after `seal` if that was not called. The log cannot be used afterwards.
  Status close(Disk& disk);
  /// Closes the files and removes the folder; or renames it, when that has to wait. The log cannot be used afterwards.
  Status remove(Disk& disk);
  Status rename_folder(Disk& disk, std::string_view new_name);

 private:
  /// Where a batch lies.
  struct Place {
    size_t segment = 0;  ///< index in `segments_`
    uint64_t position = 0;
    kafka::RecordBatchHeader batch;
  };
  struct Range {
    FileId file;
    uint64_t position = 0;
    uint64_t length = 0;
  };
  /// What opening has found out so far.
  struct Loading {
    LogCheckpoints checkpoints;
    int64_t checked_from = INT64_MAX;  ///< base offset of the first segment that was checked
    bool epochs_fit = true;            ///< the checkpoint has the epochs of the batches
  };
  /// How full a segment is.
  struct Fill {
    uint64_t bytes = 0;
    int64_t first_timestamp_ms = -1;
  };

  Log() = default;

  Status load(Disk& disk, const LogCheckpoints& checkpoints, int64_t now_ms);
  Status load_segments(Disk& disk, Loading& loading);
  Result<bool> load_or_scan(Disk& disk, Segment& segment, std::optional<int64_t> next_base, Loading& loading);
  Result<bool> has_known_epoch(Disk& disk, const Segment& segment, int64_t log_start) const;
  Status rebuild_epochs(Disk& disk);
  Status scan(Disk& disk, Segment& segment, int64_t next_base, bool is_checked);
  Status activate_last_segment(Disk& disk, uint64_t position, int64_t offset);
  bool note_epoch(const kafka::RecordBatchHeader& header);
  void note_producer(const kafka::RecordBatchHeader& header, const Bytes& batch);
  Status load_producers(Disk& disk, int64_t snapshots_from);
  Status replay_producers(Disk& disk, const Segment& segment, int64_t from_offset);
  Status take_producer_snapshot(Disk& disk, int64_t offset);
  Status add_segment(Disk& disk, int64_t base_offset);
  std::string epoch_checkpoint_path() const;
  Status write_epochs(Disk& disk) const;

  Fill active_fill() const;
  bool must_roll(const Fill& active, const kafka::RecordBatchHeader& batch) const;
  Status roll(Disk& disk, int64_t base_offset);
  Status append_to_active(Disk& disk, std::span<const Slice> slices,
                          std::span<const kafka::RecordBatchHeader> batches, const Bytes& bytes);

  Result<BatchScanner> scanner_from(Disk& disk, const Segment& segment, int64_t offset) const;
  Result<int64_t> offset_to_look_from(Disk& disk, const Segment& segment, int64_t timestamp_ms) const;
  Result<std::optional<Place>> find_in_segment(Disk& disk, size_t segment, int64_t offset) const;
  Result<std::optional<Place>> find(Disk& disk, int64_t offset) const;
  Result<Range> find_range(Disk& disk, int64_t offset, int64_t max_offset, uint64_t max_bytes,
                           bool at_least_one_batch) const;

  Status discard_files(Disk& disk, Segment& segment);
  Status discard(Disk& disk, Segment& segment);
  Status discard_last(Disk& disk);
  void close_files(Disk& disk);

  std::string folder_;
  LogConfig config_;
  std::vector<Segment> segments_;  ///< by base offset; the last one is active; empty only when closed
  std::vector<std::string> deleted_files_;
  uint64_t segments_version_ = 0;
  std::optional<int64_t> lowest_cut_;
  int64_t log_start_offset_ = 0;
  int64_t log_end_offset_ = 0;
  int64_t recovery_point_ = 0;
  uint64_t bytes_cut_ = 0;
  uint64_t truncations_ = 0;
  LeaderEpochCache epochs_;
  ProducerState producers_;
  ProducerSnapshots snapshots_;
  int64_t producers_expired_at_ms_ =
      0;  ///< the last time; a truncation does not bring back who was forgotten
};

}  // namespace brokerlab
