// Record batches as JSON, for people who look into them and for anyone's vectors.
//
// One object for each batch: baseOffset, lastOffset, codec, timestampType, producerId ... and `records`, each
// with offset, timestamp, sequence, key_hex, value_hex and headers (key, value_hex), in the words of the
// recordings in tests/golden. Keys and values are hexadecimal, null where they are null. Unused attribute
// bits are not shown.
#pragma once

#include <string>
#include <string_view>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab::kafka {

/// `invalid` for a wrong CRC or damaged records, in the words of RecordReader.
Result<std::string> to_json(const RecordBatch& batch);
/// The way back. What follows from the rest is computed and may be absent (sizeInBytes, crc, lastSequence,
/// count); other absent fields are as in a batch of a plain producer. Compressed bytes need not be those of
/// another library.
Result<Bytes> batch_from_json(std::string_view json);

}  // namespace brokerlab::kafka
