#include "sim/clients/partitioner.h"

#include <algorithm>

#include "sim/base/assert.h"

namespace brokerlab {

uint32_t murmur2(std::span<const uint8_t> bytes) {
  constexpr uint32_t seed = 0x9747b28c;
  constexpr uint32_t multiplier = 0x5bd1e995;
  constexpr int shift = 24;
  uint32_t hash = seed ^ static_cast<uint32_t>(bytes.size());
  const size_t words = bytes.size() / 4;
  for (size_t i = 0; i < words; ++i) {
    const uint8_t* at = bytes.data() + i * 4;
    uint32_t word = at[0] | uint32_t{at[1]} << 8 | uint32_t{at[2]} << 16 | uint32_t{at[3]} << 24;
    word *= multiplier;
    word ^= word >> shift;
    word *= multiplier;
    hash *= multiplier;
    hash ^= word;
  }
  const std::span<const uint8_t> tail = bytes.subspan(words * 4);
  for (size_t i = 0; i < tail.size(); ++i) hash ^= uint32_t{tail[i]} << (8 * i);
  if (!tail.empty()) hash *= multiplier;
  hash ^= hash >> 13;
  hash *= multiplier;
  hash ^= hash >> 15;
  return hash;
}

int32_t partition_of_key(std::span<const uint8_t> key, int32_t partition_count) {
  BROKERLAB_ASSERT(partition_count > 0);
  return static_cast<int32_t>((murmur2(key) & 0x7fffffff) % static_cast<uint32_t>(partition_count));
}

int32_t KeylessPartitioner::stick(const std::string& topic, const std::vector<int32_t>& available,
                                  size_t record_bytes, size_t switch_after_bytes) {
  BROKERLAB_ASSERT(!available.empty());
  Last& last = topics_[topic];
  const bool is_there = std::find(available.begin(), available.end(), last.partition) != available.end();
  if (!is_there || last.bytes >= switch_after_bytes) last = {available[random_.below(available.size())], 0};
  last.bytes += record_bytes;
  return last.partition;
}

int32_t KeylessPartitioner::rotate(const std::string& topic, const std::vector<int32_t>& available) {
  BROKERLAB_ASSERT(!available.empty());
  Last& last = topics_[topic];
  const auto next = std::upper_bound(available.begin(), available.end(), last.partition);
  last.partition = next == available.end() ? available.front() : *next;
  return last.partition;
}

}  // namespace brokerlab
