// Whether the records of a Produce may be appended: Kafka's ProduceRequest.validateRecords, then
// LogValidator.
//
// Exactly one whole batch v2 with base offset 0, a right CRC, at most max.message.bytes, and records that are
// what the header says (KIP-98, KIP-724). A topic with a codec of its own gets the batch compressed anew.
// Every code and message is Kafka 4.3.1's (golden: record-batches-live.jsonl).
//
// Deviations: records compressed with a codec that is not built in are taken on the word of their header and
// never compressed anew; timestamps are not compared with the broker's clock (Kafka refuses those more than
// an hour ahead), because a lab that was slowed down or paused is behind its clients.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/base/bytes.h"
#include "sim/wire/kafka/field.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

struct ValidatedRecords {
  kafka::ErrorCode error = kafka::ErrorCode::none;
  std::string message;  ///< for the answer; empty: none
  bool reached_log =
      true;     ///< false: refused before the log was looked at, so the answer does not tell its start
  Bytes batch;  ///< the one to append
};

struct ProduceRules {
  int16_t version = 9;  ///< of the Produce request
  bool has_transactional_id = false;
  uint32_t max_message_bytes = 1'048'588;
  std::optional<kafka::Compression> compression{};  ///< to store with; empty: as it came
};

/// `records`: as they came, not null.
ValidatedRecords validate_records(const Bytes& records, const ProduceRules& rules);

}  // namespace brokerlab
