// How a message declares its fields.
//
// Each struct of the protocol has one `fields(f)` that calls `f(name, member, versions)` for every field in
// the order of the wire; `name` is how Kafka prints it in JSON. Encoding, decoding and JSON (codec.h) all
// come from that one list. What a default-constructed struct holds are the schema's defaults: a tagged field
// that equals its default is absent from the bytes.
//
// The protocol's types: https://kafka.apache.org/protocol; flexible versions and tagged fields are KIP-482.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/bytes.h"

namespace brokerlab::kafka {

/// A range of versions, both ends included.
struct Versions {
  int16_t first = 0;
  int16_t last = INT16_MAX;
  constexpr bool contains(int16_t version) const { return first <= version && version <= last; }
  constexpr bool empty() const { return last < first; }
  friend bool operator==(const Versions&, const Versions&) = default;
};
inline constexpr Versions no_versions{0, -1};

/// In which versions a field exists, where it may be null, and whether it is a tagged field.
struct FieldVersions {
  Versions present;
  Versions null = no_versions;
  int32_t tag = -1;     ///< -1: an ordinary field
  bool compact = true;  ///< in flexible versions

  constexpr FieldVersions nullable_since(int16_t first) const {
    FieldVersions versions = *this;
    versions.null = {first, INT16_MAX};
    return versions;
  }
  constexpr FieldVersions nullable() const { return nullable_since(0); }
  constexpr FieldVersions tagged(int32_t number) const {
    FieldVersions versions = *this;
    versions.tag = number;
    return versions;
  }
  constexpr FieldVersions not_compact() const {
    FieldVersions versions = *this;
    versions.compact = false;
    return versions;
  }
};
constexpr FieldVersions since(int16_t first) { return {.present = {first, INT16_MAX}}; }
constexpr FieldVersions until(int16_t last) { return {.present = {0, last}}; }
constexpr FieldVersions between(int16_t first, int16_t last) { return {.present = {first, last}}; }
inline constexpr FieldVersions always = since(0);
inline constexpr FieldVersions nullable = always.nullable();

/// A tagged field that this version of the schema does not know: kept as it came and written again (KIP-482).
struct UnknownTag {
  uint32_t tag = 0;
  Bytes data;
  friend bool operator==(const UnknownTag&, const UnknownTag&) = default;
};
using UnknownTags = std::vector<UnknownTag>;

/// Record batches inside a message: null, or slices that are sent as they are and never copied.
using Records = std::optional<Slices>;

/// What stands before the body of a record's key or value, and says how to read it.
enum class Framing : uint8_t {
  none,
  version,      ///< an int16: values of coordinators' records, the consumer protocol, transaction markers
  record_type,  ///< an int16; the version is 0: keys of coordinators' records
  metadata,     ///< frame version 1, record type and version, unsigned varints: metadata records (KIP-631)
};

inline constexpr uint32_t metadata_frame_version = 1;

struct MessageSchema;  // schema.h

}  // namespace brokerlab::kafka
