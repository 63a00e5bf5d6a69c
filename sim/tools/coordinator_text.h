// What kafka-dump-log's --offsets-decoder and --transaction-log-decoder make of a record: the key and the value of
// `__consumer_offsets` and `__transaction_state` as JSON.
//
// DumpLogSegments of Apache Kafka 4.3.1. Deviations: records of share and streams groups, which the codec does not
// declare, are of an unknown type here; why bytes cannot be read is said in the codec's words.
#pragma once

#include <optional>
#include <string>

#include "sim/wire/kafka/record_batch.h"

namespace brokerlab {

struct DecodedRecord {
  std::string key;                     ///< JSON, or why there is none
  std::optional<std::string> payload;  ///< JSON, or <DELETE> for a tombstone
};

/// REQUIRES: the record has a key.
DecodedRecord decode_group_record(const kafka::Record& record);
DecodedRecord decode_transaction_record(const kafka::Record& record);

}  // namespace brokerlab
