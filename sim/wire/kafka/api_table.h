// The one list of Kafka's APIs: key, name, versions of the schemas of 4.3.1, first flexible version,
// listeners, and what the lab's brokers offer.
//
// `schema` is what the lab's tools may use. `offered` is what a broker advertises in ApiVersions and answers;
// it is empty until a handler implements the key fully. The two differ on purpose, for example for Produce,
// of which Kafka advertises versions from 0 although it rejects 0 to 2 (KAFKA-18659: librdkafka before 2.11.1
// turns compression off otherwise). `removed` are the older versions of 3.9, which Kafka 4 has no more
// (KIP-896); the codec reads and writes them too. Of ZooKeeper mode's keys 4 to 7, nothing is left in 4.3.1.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

/// The listeners that serve an API, as bits.
enum class Listeners : uint8_t { broker = 1, controller = 2, both = 3, zookeeper_mode = 4 };
constexpr bool includes(Listeners set, Listeners one) {
  return (static_cast<uint8_t>(set) & static_cast<uint8_t>(one)) != 0;
}

struct Api {
  int16_t key;
  std::string_view name;
  Versions schema;         ///< empty for the keys of ZooKeeper mode
  int16_t first_flexible;  ///< `never_flexible` when no version is
  Listeners listeners;
  Versions offered = no_versions;
  Versions removed = no_versions;

  /// What the codec has: `removed` and `schema` together.
  constexpr Versions declared() const {
    if (removed.empty()) return schema;
    return {removed.first, schema.empty() ? removed.last : schema.last};
  }
};
inline constexpr int16_t never_flexible = INT16_MAX;

/// Sorted by key.
std::span<const Api> all_apis();
/// Null when there is no such key.
const Api* find_api(int16_t key);

/// 1, or 2 with tagged fields, by the first flexible version; also for versions out of range, so that the
/// header of a request that cannot be served still names its correlation id. ControlledShutdown v0 has 0.
int16_t request_header_version(const Api& api, int16_t version);
/// 0, or 1 with tagged fields. Always 0 for ApiVersions, whose reader does not know the version yet
/// (KIP-511).
int16_t response_header_version(const Api& api, int16_t version);

}  // namespace brokerlab::kafka
