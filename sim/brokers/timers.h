// The timers (TimerKey.kind) of the broker role. The Raft client has kinds 100 to 119, the controller 120 to
// 139.
#pragma once

#include <cstdint>

namespace brokerlab {

enum class BrokerTimer : uint16_t {
  due = 1,     ///< the earliest of all that the broker waits for
  network = 2  ///< of the network clients; the id says which
};

/// The ids of `BrokerTimer::network`.
enum class BrokerNetwork : uint64_t {
  lifecycle = 1,
  alter_partition = 2,
  forwarding = 3,
  replica_fetcher = 4
};

/// The tokens of the broker's flushes; the Raft client's follow.
inline constexpr uint64_t first_broker_flush = 1;
inline constexpr uint64_t end_of_broker_flushes = uint64_t{1} << 48;
/// The last of them is the log cleaner's.
inline constexpr uint64_t cleaner_flush = end_of_broker_flushes - 1;

}  // namespace brokerlab
