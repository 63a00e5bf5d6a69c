#include "sim/base/random.h"

#include <bit>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {
uint64_t splitmix64(uint64_t& state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}
}  // namespace

Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) word = splitmix64(seed);
}

uint64_t Random::next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

uint64_t Random::below(uint64_t bound) {
  BROKERLAB_ASSERT(bound > 0);
  const uint64_t threshold = (0 - bound) % bound;  // rejects the uneven rest of 2^64
  for (;;) {
    const uint64_t draw = next();
    if (draw >= threshold) return draw % bound;
  }
}

int64_t Random::between(int64_t low, int64_t high) {
  BROKERLAB_ASSERT(low <= high);
  const uint64_t span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  if (span == UINT64_MAX) return static_cast<int64_t>(next());
  return static_cast<int64_t>(static_cast<uint64_t>(low) + below(span + 1));
}

Uuid Random::uuid() {
  Uuid id;
  while (id.high == 0) id.high = next();
  id.low = next();
  id.high = (id.high & 0xFFFFFFFFFFFF0FFFu) | 0x4000u;  // RFC 4122 version 4, as java.util.UUID makes it
  id.low = (id.low & 0x3FFFFFFFFFFFFFFFu) | 0x8000000000000000u;
  return id;
}

Random Random::fork(uint64_t label) const {
  uint64_t mixed = state_[0] ^ std::rotl(state_[3], 23) ^ (label * 0xd1342543de82ef95u);
  return Random(splitmix64(mixed));
}

}  // namespace brokerlab
