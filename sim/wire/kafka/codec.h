// Encodes, decodes and prints the messages of Kafka's protocol.
//
// Every message is a plain struct with one list of its fields (field.h); `M::schema()` is that list as a
// table, and the functions behind these templates walk it. Classic and compact encodings, nullable and tagged
// fields as in the schemas of 4.3.1; unknown tagged fields are kept and written again in tag order.
//
// Bytes from outside are never trusted: a length or a count is compared with the bytes that are left before
// anything is allocated, and memory grows only with what was really read. Bytes after the end of a body are
// ignored, as Kafka does (librdkafka 2.0.2 sends some).
//
// Invariants: an encoded message is one allocation, whatever its size, plus the record slices it was given;
// a decoded one holds views into the frame (`Bytes` that share its owner), strings excepted.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/wire/kafka/field.h"
#include "sim/wire/kafka/writer.h"

namespace brokerlab::kafka {

namespace untyped {  // what the templates below stand on; `message` points at the struct of the schema

void encode(const void* message, const MessageSchema& schema, int16_t version, Writer& writer);
Slices encode(const void* message, const MessageSchema& schema, int16_t version);
/// On success `consumed` is where the body ended.
Status decode(void* message, const MessageSchema& schema, int16_t version, const Bytes& body,
              size_t& consumed);
Bytes encode_framed(const void* message, const MessageSchema& schema, int16_t version);
/// What stands before the body says the version. On success `consumed` is where the body ended.
Result<int16_t> decode_framed(void* message, const MessageSchema& schema, const Bytes& bytes,
                              size_t& consumed);
std::string to_json(const void* message, const MessageSchema& schema, int16_t version);
/// The records that the message holds, in its order; none for null. REQUIRES: records in memory.
std::vector<Bytes> records_of(const void* message, const MessageSchema& schema, int16_t version);
Status from_json(void* message, const MessageSchema& schema, int16_t version, std::string_view json,
                 std::span<const Bytes> records);

}  // namespace untyped

/// REQUIRES (our bug otherwise): a version of the schema, and no null where the version has none. Fields that
/// the version does not have are left out. Strings over 32767 bytes, which no reader takes, are cut.
template <class M>
void encode(const M& message, int16_t version, Writer& writer) {
  untyped::encode(&message, M::schema(), version, writer);
}
/// The whole body: one piece of memory, cut where record slices stand between.
template <class M>
Slices encode(const M& message, int16_t version) {
  return untyped::encode(&message, M::schema(), version);
}

/// `invalid` when the version is not in the schema, the body ends too early, or a length, a count or a null
/// is not allowed there; the message says in which field, and at which byte of the body.
template <class M>
Result<M> decode(const Bytes& body, int16_t version, size_t* consumed = nullptr) {
  M message;
  size_t end = 0;
  Status status = untyped::decode(&message, M::schema(), version, body, end);
  if (!status.ok()) return status;
  if (consumed != nullptr) *consumed = end;
  return message;
}

/// The key or the value of a record, with what stands before its body (Framing).
template <class M>
Bytes encode_framed(const M& message, int16_t version) {
  return untyped::encode_framed(&message, M::schema(), version);
}
/// `invalid` also for another record type or frame version.
template <class M>
Result<M> decode_framed(const Bytes& bytes, int16_t* version = nullptr) {
  M message;
  size_t end = 0;
  const Result<int16_t> found = untyped::decode_framed(&message, M::schema(), bytes, end);
  if (!found.ok()) return found.status();
  if (version != nullptr) *version = *found;
  return message;
}

/// Kafka's own JSON (its JsonConverters): bytes in base64, ids in URL-safe base64, of records only their
/// size. Unknown tagged fields are not shown.
template <class M>
std::string to_json(const M& message, int16_t version) {
  return untyped::to_json(&message, M::schema(), version);
}
/// The way back. Absent fields keep their defaults; records, which the JSON does not hold, are taken from
/// `records` in the order of the message.
template <class M>
Result<M> from_json(std::string_view json, int16_t version, std::span<const Bytes> records = {}) {
  M message;
  Status status = untyped::from_json(&message, M::schema(), version, json, records);
  if (!status.ok()) return status;
  return message;
}

}  // namespace brokerlab::kafka
