// Instants and durations. Nodes see two clocks (`Now`): monotonic for timers, wall for timestamps of records.
//
// Both are lab time: the drivers scale, pause or invent them. A node never asks the operating system.
#pragma once

#include <compare>
#include <cstdint>

namespace brokerlab {

struct Duration {
  int64_t nanoseconds = 0;
  friend auto operator<=>(const Duration&, const Duration&) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.nanoseconds + b.nanoseconds}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.nanoseconds - b.nanoseconds}; }
  friend constexpr Duration operator*(Duration a, int64_t factor) { return {a.nanoseconds * factor}; }
  friend constexpr Duration operator/(Duration a, int64_t divisor) { return {a.nanoseconds / divisor}; }
  constexpr int64_t milliseconds() const { return nanoseconds / 1'000'000; }
};

constexpr Duration microseconds(int64_t n) { return {n * 1'000}; }
constexpr Duration milliseconds(int64_t n) { return {n * 1'000'000}; }
constexpr Duration seconds(int64_t n) { return {n * 1'000'000'000}; }

/// A point on the lab's monotonic clock: nanoseconds since the lab started.
struct Instant {
  int64_t nanoseconds = 0;
  friend auto operator<=>(const Instant&, const Instant&) = default;
  friend constexpr Instant operator+(Instant at, Duration d) { return {at.nanoseconds + d.nanoseconds}; }
  friend constexpr Instant operator-(Instant at, Duration d) { return {at.nanoseconds - d.nanoseconds}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return {a.nanoseconds - b.nanoseconds}; }
  constexpr int64_t milliseconds() const { return nanoseconds / 1'000'000; }
};
inline constexpr Instant never{INT64_MAX};

/// What a node is told about time at each step.
struct Now {
  Instant monotonic;
  int64_t wall_ms = 0;  ///< milliseconds since 1970, as records and Kafka's timestamps carry them
};

}  // namespace brokerlab
