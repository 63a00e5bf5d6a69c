// Which segments of a log are old enough to go: cleanup.policy=delete, and what DeleteRecords left behind.
//
// Whole segments, from the oldest on, as Kafka's UnifiedLog chooses them:
// - those wholly below the log start, whatever the policy;
// - by size: as long as what is left is still at least retention.bytes;
// - by time: while a segment's largest timestamp is more than retention.ms ago.
// Never one that reaches beyond the high watermark. The active segment goes too when it has records and all of them
// are old: a new one begins at the log end then.
//
// Deviation: for a segment without any timestamp Kafka takes the time when its file was last written, which a node
// here does not know. It goes with the next segment that has one, and stays when there is none.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/storage/log.h"

namespace brokerlab {

/// How many of the oldest segments are to go: for Log::delete_oldest_segments.
size_t count_old_segments(const Log& log, int64_t high_watermark, int64_t now_ms);

}  // namespace brokerlab
