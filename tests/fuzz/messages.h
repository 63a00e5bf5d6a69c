// Any message of the protocol, as bytes that somebody sent.
#pragma once

#include "sim/wire/kafka/any_message.h"
#include "tests/fuzz/fuzz.h"

namespace brokerlab::fuzz {

/// What decoding, encoding and printing a message may hold: an array of the smallest elements is the worst case
/// (an empty string takes one byte on the wire and 32 in memory, and a vector that grows holds up to three times
/// its content), and a byte of it prints as a quoted, escaped name and value.
inline uint64_t message_memory(size_t input_bytes) { return (uint64_t{1} << 16) + 512 * input_bytes; }

/// Decodes the bytes; what is accepted encodes, and that decodes to what encodes to the same bytes.
inline void check_message(const kafka::MessageSchema& schema, int16_t version, const Bytes& bytes) {
  const Result<kafka::AnyMessage> message = kafka::AnyMessage::decode(schema, version, bytes);
  if (!message) return;
  FUZZ_CHECK(message->consumed() <= bytes.size());
  const Bytes encoded = message->encode();
  const Result<kafka::AnyMessage> again = kafka::AnyMessage::decode(schema, version, encoded);
  FUZZ_CHECK(again.ok());
  FUZZ_CHECK(again->consumed() == encoded.size());
  FUZZ_CHECK(again->encode() == encoded);
  FUZZ_CHECK(again->to_json() == message->to_json());
}

}  // namespace brokerlab::fuzz
