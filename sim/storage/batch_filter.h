// What compaction leaves of one record batch (Kafka's MemoryRecords.filterTo).
//
// Records keep their offsets and timestamps; base offset, last offset, producer and base sequence stay as they were,
// so that gaps appear, and no sequence number is missed. A batch with tombstones gets its delete horizon the first
// time it is compacted (KIP-534): it stands in the place of the base timestamp. What is compressed is compressed
// again. A batch of which nothing is taken out keeps its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/result.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

/// The batch with these of its records only, `keeps` having one entry for each. `delete_horizon_ms` is given to one
/// that has none. REQUIRES: at least one record is kept. `invalid` when the records cannot be read.
Result<Bytes> keep_records(const kafka::RecordBatch& batch, const std::vector<bool>& keeps,
                           std::optional<int64_t> delete_horizon_ms);
/// The header alone, with no records: what tells that offsets and sequence numbers up to there are used.
Bytes empty_batch(const kafka::RecordBatchHeader& header);

}  // namespace brokerlab
