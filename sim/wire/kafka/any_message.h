// A message whose type is known only when the program runs: by API key, or by the name of its schema.
//
// The table behind `find_message` lists everything that the codec declares. For programs that meet any
// message: `brokerlab decode`, tests, fuzzers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

enum class MessageKind : uint8_t { request, response };

/// Null when the codec declares no such message. Names are the schemas': "FetchRequest", "OffsetCommitValue".
const MessageSchema* find_message(std::string_view schema_name);
const MessageSchema* find_message(int16_t api_key, MessageKind kind);

class AnyMessage {
 public:
  /// The body of a request, a response or a header; the key or the value of a record with what stands before
  /// its body (Framing), where `version` must be the one that is found there. Bytes after the end are
  /// ignored.
  static Result<AnyMessage> decode(const MessageSchema& schema, int16_t version, const Bytes& bytes);
  /// As `kafka::from_json`.
  static Result<AnyMessage> from_json(const MessageSchema& schema, int16_t version, std::string_view json,
                                      std::span<const Bytes> records = {});

  Bytes encode() const;
  std::string to_json() const;
  /// What the JSON says only the size of.
  std::vector<Bytes> records() const;
  /// How many bytes were decoded.
  size_t consumed() const { return consumed_; }

 private:
  AnyMessage(const MessageSchema& schema, int16_t version);

  const MessageSchema* schema_;
  int16_t version_;
  size_t consumed_ = 0;
  std::shared_ptr<void> message_;  ///< unchanged once made, so copies share it
};

}  // namespace brokerlab::kafka
