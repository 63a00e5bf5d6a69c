// What one replica's log holds, as the journal tells it: batches, without their bytes.
//
// Bounded: only the newest batches are known. What lies before them, or was there before the journal was listened
// to, counts as present and right.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "sim/base/event.h"

namespace brokerlab {

struct LogEntry {
  int64_t first = 0;
  int64_t last = 0;
  int32_t epoch = 0;
  uint32_t crc = 0;
  int64_t producer_id = -1;
  int32_t base_sequence = -1;
  int16_t producer_epoch = -1;
  bool acked_by_leader = false;  ///< with acks=1

  bool is_same(const LogEntry& other) const {
    return first == other.first && last == other.last && epoch == other.epoch && crc == other.crc;
  }
  int64_t records() const { return last - first + 1; }
  std::string to_string() const;
};

class ReplicaLog {
 public:
  static constexpr size_t entries_kept = 8192;

  int64_t start() const { return start_; }
  int64_t end() const { return end_; }
  /// Whether it is known what stands at this offset.
  bool knows(int64_t offset) const { return offset >= known_from_ && offset < end_; }
  const std::deque<LogEntry>& entries() const { return entries_; }

  void append(const LogEntry& entry);
  /// Ends at `offset` now. What was cut off, oldest first.
  std::vector<LogEntry> truncate(int64_t offset);
  void move_start(int64_t offset);
  /// What stands below this offset is not known any more: it was compacted.
  void forget_before(int64_t offset);
  /// It was cut where compaction has left nothing that is known, and got nothing since: there may be no batch below its
  /// end, and when it is opened again it ends where its segment begins, as Kafka's does.
  bool may_end_earlier() const { return is_cut_into_unknown_; }
  /// It was opened and holds [start, end). What it held before behind that.
  std::vector<LogEntry> load(int64_t start, int64_t end);

  /// The entry with this offset in it; null when there is none, or none that is known.
  const LogEntry* at(int64_t offset) const;
  LogEntry* at(int64_t offset);
  /// The last entry that ends before this offset.
  const LogEntry* before(int64_t offset) const;
  /// Whether it holds this entry, as far as is known. What was deleted at its start counts.
  bool has(const LogEntry& entry) const;

  /// The newest batch of an idempotent producer that it holds.
  struct ProducerLast {
    int16_t epoch = -1;
    int32_t last_sequence = -1;
    int64_t offset = 0;
    int64_t last_offset = 0;
    /// The log was read again, opened or cut, when this batch was deleted already: Kafka's brokers keep no snapshot of
    /// producers at the log start or below it.
    bool may_be_forgotten = false;
  };
  const ProducerLast* producer(int64_t id) const;
  static int32_t sequence_after(int32_t sequence, int64_t count);

 private:
  size_t index_from(int64_t offset) const;
  void note_producer(const LogEntry& entry);
  void forget_producers(const std::vector<LogEntry>& removed);
  void doubt_deleted_producers();

  std::deque<LogEntry> entries_;
  int64_t start_ = 0;
  int64_t end_ = 0;
  int64_t known_from_ = 0;
  bool is_cut_into_unknown_ = false;
  std::map<int64_t, ProducerLast> producers_;
};

}  // namespace brokerlab
