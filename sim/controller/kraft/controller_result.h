// What a decision of the controller is: records for the metadata log, and the answer for when they are
// committed.
//
// A decision only reads; it becomes true when its records are replayed.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/wire/kafka/errors.h"
#include "sim/wire/kafka/metadata_records.h"

namespace brokerlab {

using MetadataRecords = std::vector<kafka::MetadataRecord>;

template <class Response>
struct ControllerResult {
  Response response;
  MetadataRecords records;
};

/// An error code with the words that clients print; no message where Kafka sends null.
struct ApiError {
  kafka::ErrorCode code = kafka::ErrorCode::none;
  std::optional<std::string> message;
  bool is_failure() const { return code != kafka::ErrorCode::none; }
};

}  // namespace brokerlab
