#include "sim/tools/java_order.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace brokerlab {

namespace {

/// String.hashCode() of ASCII text, spread as HashMap does.
uint32_t spread_hash(const std::string& text) {
  uint32_t hash = 0;
  for (const char c : text) hash = 31 * hash + static_cast<uint8_t>(c);
  return hash ^ (hash >> 16);
}

}  // namespace

void order_as_java_map(std::vector<std::string>& names, bool is_sized) {
  constexpr size_t default_capacity = 16;
  size_t buckets = is_sized ? std::bit_ceil(std::max<size_t>(names.size(), 1)) : default_capacity;
  while (names.size() * 4 > buckets * 3) buckets *= 2;
  // Within a bucket the order of insertion stays, also when the table grew.
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return (spread_hash(a) & (buckets - 1)) < (spread_hash(b) & (buckets - 1));
  });
}

}  // namespace brokerlab
