// What one log remembers of its idempotent producers: enough to tell a retry from a gap.
//
// KIP-98 (sequence numbers), KIP-360 (an unknown producer may start with any number). The last five batches of
// each producer id are kept, as many as a producer may have in flight. A producer that has written nothing for
// producer.id.expiration.ms is forgotten, and is an unknown one then. The state at one offset is a file
// (producer_snapshots.h): of the batches it has only the latest, as Kafka's.
//
// Of transactions it knows where the open one of a producer begins, and its coordinator's epoch: what a snapshot
// holds. Nothing reads that yet.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "sim/base/result.h"
#include "sim/wire/kafka/errors.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

inline constexpr int64_t no_producer_id = -1;
inline constexpr int16_t no_producer_epoch = -1;
inline constexpr int32_t no_sequence = -1;
inline constexpr int32_t no_coordinator_epoch = -1;

/// The control record that ends a transaction in a log (KIP-98).
struct TransactionMarker {
  int32_t coordinator_epoch = no_coordinator_epoch;
  int64_t timestamp_ms = -1;
};
/// The marker in a control batch; empty when it holds none (compaction took it out) or another record.
std::optional<TransactionMarker> marker_of(const kafka::RecordBatch& batch);

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
    friend bool operator==(const Batch&, const Batch&) = default;
  };

  /// One producer id.
  struct Entry {
    int16_t epoch = no_producer_epoch;
    int32_t coordinator_epoch = no_coordinator_epoch;  ///< of the marker that ended its last transaction
    int64_t last_timestamp_ms = -1;                    ///< of its latest batch or marker
    std::optional<int64_t> transaction_start;          ///< the first offset of its open transaction
    size_t count = 0;
    std::array<Batch, batches_remembered> batches;  ///< the first `count`, oldest first

    const Batch* latest() const { return count == 0 ? nullptr : &batches[count - 1]; }
    /// As a snapshot knows it: of the batches only the latest.
    Entry abridged() const;
    friend bool operator==(const Entry&, const Entry&) = default;
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
  /// Notes a batch of records that is in the log now; leaders, followers and recovery alike. REQUIRES: it has a
  /// producer id, and is no control batch.
  void update(const kafka::RecordBatchHeader& batch);
  /// The same of a control batch: the marker ends the producer's transaction and may raise its epoch.
  void update(const kafka::RecordBatchHeader& batch, const TransactionMarker& marker);
  /// Forgets who has been silent for `expiration_ms`; not those in a transaction.
  void expire(int64_t now_ms, int64_t expiration_ms);
  void clear() { entries_.clear(); }

  const std::map<int64_t, Entry>& entries() const { return entries_; }

  /// Content of a snapshot file: format.md. Entries are sorted by producer id (Kafka's follow its hash map).
  Bytes to_snapshot() const;
  /// `invalid` when it is of another version, cut off, or its CRC or a number in it is wrong.
  static Result<ProducerState> parse_snapshot(const Bytes& content);

 private:
  Entry& entry_of(const kafka::RecordBatchHeader& batch);

  std::map<int64_t, Entry> entries_;
};

}  // namespace brokerlab
