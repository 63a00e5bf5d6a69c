// Seeded randomness: xoshiro256** (Blackman, Vigna 2018), seeded through splitmix64.
//
// A value: copying it copies the stream, so a cloned node draws the same numbers. Never use a std
// distribution or shuffle where the journal can see it: their results differ between standard libraries.
#pragma once

#include <array>
#include <cstdint>

#include "sim/base/ids.h"

namespace brokerlab {

class Random {
 public:
  explicit Random(uint64_t seed);
  uint64_t next();
  /// Uniform in [0, bound). REQUIRES: bound > 0.
  uint64_t below(uint64_t bound);
  /// Uniform in [low, high], both included. REQUIRES: low <= high.
  int64_t between(int64_t low, int64_t high);
  /// True `numerator` times out of `denominator`.
  bool chance(uint64_t numerator, uint64_t denominator) { return below(denominator) < numerator; }
  /// Never zero, and never one of Kafka's reserved ids (those with a zero high half).
  Uuid uuid();
  /// A stream of its own for `label`, independent of how much is drawn from this one.
  Random fork(uint64_t label) const;

 private:
  std::array<uint64_t, 4> state_;
};

}  // namespace brokerlab
