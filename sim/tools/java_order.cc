#include "sim/tools/java_order.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace brokerlab {

namespace {

/// String.hashCode() of ASCII text.
uint32_t hash_of(const std::string& text) {
  uint32_t hash = 0;
  for (const char c : text) hash = 31 * hash + static_cast<uint8_t>(c);
  return hash;
}
/// TopicPartition.hashCode().
uint32_t hash_of(const TopicPartition& partition) {
  return 31 * (31 + static_cast<uint32_t>(partition.partition)) + hash_of(partition.topic);
}

/// Within a bucket the order stays, also when the table grew.
template <class Key>
void sort_by_bucket(std::vector<Key>& keys, size_t buckets) {
  while (keys.size() * 4 > buckets * 3) buckets *= 2;
  const auto bucket = [&](const Key& key) {
    const uint32_t hash = hash_of(key);
    return (hash ^ hash >> 16) & (buckets - 1);  // spread as HashMap does
  };
  std::stable_sort(keys.begin(), keys.end(),
                   [&](const Key& a, const Key& b) { return bucket(a) < bucket(b); });
}

constexpr size_t default_capacity = 16;

}  // namespace

void order_as_java_map(std::vector<std::string>& names, bool is_sized) {
  sort_by_bucket(names, is_sized ? std::bit_ceil(std::max<size_t>(names.size(), 1)) : default_capacity);
}

void order_as_java_map(std::vector<TopicPartition>& partitions) {
  sort_by_bucket(partitions, default_capacity);
}

void order_as_computed_java_map(std::vector<TopicPartition>& partitions) {
  std::reverse(partitions.begin(), partitions.end());
  sort_by_bucket(partitions, default_capacity);
}

}  // namespace brokerlab
