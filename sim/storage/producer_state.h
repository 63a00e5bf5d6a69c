// What one log remembers of its idempotent producers: enough to tell a retry from a gap.
//
// KIP-98 (sequence numbers), KIP-360 (an unknown producer may start with any number). The last five batches of
// each producer id are kept, as many as a producer may have in flight. Rebuilt from the log when it is opened
// (Kafka keeps snapshots: a later issue). Transactions are not tracked yet; their markers only move the
// producer epoch.
//
// Deviation: nothing is forgotten after producer.id.expiration.ms (a day).
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "sim/wire/kafka/errors.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

inline constexpr int64_t no_producer_id = -1;
inline constexpr int16_t no_producer_epoch = -1;
inline constexpr int32_t no_sequence = -1;

class ProducerState {
 public:
  static constexpr size_t batches_remembered = 5;

  struct Batch {
    int32_t base_sequence = no_sequence;
    int32_t last_sequence = no_sequence;
    int64_t last_offset = 0;
    int32_t last_offset_delta = 0;
    int64_t timestamp_ms = -1;
    int64_t base_offset() const { return last_offset - last_offset_delta; }
  };

  /// One producer id.
  struct Entry {
    int16_t epoch = no_producer_epoch;
    int64_t last_offset = -1;  ///< of its latest batch or transaction marker
    size_t count = 0;
    std::array<Batch, batches_remembered> batches;  ///< the first `count`, oldest first

    const Batch* latest() const { return count == 0 ? nullptr : &batches[count - 1]; }
  };

  struct Verdict {
    kafka::ErrorCode error = kafka::ErrorCode::none;
    const Batch* duplicate_of =
        nullptr;  ///< a retry of this one: answer with its offsets. Valid until a change.
  };

  /// A leader asks before it appends a client's batch: OUT_OF_ORDER_SEQUENCE_NUMBER for a gap, for a new epoch
  /// that does not start at 0 and for anything older than what is remembered; INVALID_PRODUCER_EPOCH for an
  /// older epoch.
  Verdict check(const kafka::RecordBatchHeader& batch) const;
  /// Notes a batch that is in the log now; leaders, followers and recovery alike. REQUIRES: it has a producer id.
  void update(const kafka::RecordBatchHeader& batch);
  /// Whether it speaks of an offset at or after `offset`: after a truncation to there it must be rebuilt.
  bool reaches(int64_t offset) const;
  void clear() { entries_.clear(); }

  const std::map<int64_t, Entry>& entries() const { return entries_; }

 private:
  std::map<int64_t, Entry> entries_;
};

}  // namespace brokerlab
