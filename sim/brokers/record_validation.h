// What a broker checks before it appends what a producer sent, and what it answers when something is wrong:
// Kafka's ProduceRequest.validateRecords, then LogValidator.
//
// Exactly one whole batch v2 (KIP-98, KIP-724). The order of the checks decides which error a producer sees
// when several apply; it is that of Kafka 4.3.1, as recorded in record-batches-live.jsonl: shape of the
// batches, codec, transactional id, base offset, size, CRC, offsets and count, then the records one by one. A topic
// with a codec of its own (compression.type) gets the batch compressed anew.
//
// Deviation: records whose offsets are not 0, 1, 2 … within their batch are refused with INVALID_RECORD. What
// Kafka answers to them is not recorded; no known client sends them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/wire/kafka/compression.h"
#include "sim/wire/kafka/errors.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

/// What request and topic say about the batches that may come.
struct RecordRules {
  std::string_view topic_partition{};  ///< "orders-0", for messages
  bool has_transactional_id = false;   ///< of the request; a transactional batch needs one
  bool accepts_zstd = true;            ///< of the request: from version 7 on (KIP-110)
  bool is_compacted = false;           ///< cleanup.policy: every record needs a key
  bool is_log_append_time = false;     ///< message.timestamp.type: the producer's timestamps do not count
  uint64_t max_message_bytes = 1048588;
  int64_t timestamp_before_max_ms = INT64_MAX;      ///< message.timestamp.before.max.ms
  int64_t timestamp_after_max_ms = 3'600'000;       ///< message.timestamp.after.max.ms
  std::optional<kafka::Compression> compression{};  ///< to store with; empty: as it came
  kafka::DecompressionLimits decompression{};
};

/// A response's RecordErrors (KIP-467).
struct RecordError {
  int32_t batch_index = 0;
  std::string message;
};

struct ValidatedRecords {
  kafka::ErrorCode error = kafka::ErrorCode::none;
  std::string error_message;  ///< for the response; empty where Kafka sends null
  std::vector<RecordError> record_errors;
  /// Whether the response names the log start offset with the error: Kafka's does once its log has had the
  /// batch.
  bool names_log_start_offset = false;
  /// Without an error: the one batch, without what came after it incomplete, as it is to be stored.
  kafka::RecordBatch batch;
};

/// Validates the records of one partition of a Produce request (v3 or later). `now_ms` is the wall clock.
/// Not checked here, because it needs state: sequence numbers, producer epochs, transactions.
ValidatedRecords validate_records(const Bytes& records, const RecordRules& rules, int64_t now_ms);

}  // namespace brokerlab
