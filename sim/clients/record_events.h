// What the lab's own clients tell the journal of the records that they sent and took: where they are, and which
// they are. A record is known by a hash, so that a checker of histories (sim/observe) can tell a lost one from one
// that became another, without its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/base/event.h"
#include "sim/clients/consumer.h"
#include "sim/clients/producer.h"

namespace brokerlab {

/// Over key, value and timestamp; alike for who sends a record and who takes it.
uint32_t record_hash(const std::optional<Bytes>& key, const std::optional<Bytes>& value,
                     int64_t timestamp_ms);

/// `unanswered`: records of this producer that still wait.
event::RecordsSent sent_event(const Delivery& delivery, const ProducerConfig& config, size_t unanswered);

/// One event for each run of offsets without a gap in one partition.
std::vector<event::RecordsConsumed> consumed_events(std::span<const ConsumedRecord> records);

}  // namespace brokerlab
