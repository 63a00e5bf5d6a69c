// Which partition a record goes to, as Kafka's Java producer chooses.
//
// With a key: murmur2 of its bytes, so that equal keys share a partition in every client that does the same
// (librdkafka's default does not). Without: one partition at a time, another after `batch.size` bytes (KIP-480,
// KIP-794's uniform choice without its adaptation to slow brokers), or one after the other
// (RoundRobinPartitioner).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "sim/base/random.h"

namespace brokerlab {

/// 32-bit MurmurHash2 (Appleby) with the seed 0x9747b28c.
uint32_t murmur2(std::span<const uint8_t> bytes);
/// REQUIRES: partition_count > 0.
int32_t partition_of_key(std::span<const uint8_t> key, int32_t partition_count);

/// For records without a key.
class KeylessPartitioner {
 public:
  explicit KeylessPartitioner(Random random) : random_(random) {}

  /// The partition of before until it got `switch_after_bytes`, then one of `available` at random.
  /// `record_bytes` is about what the record takes. REQUIRES: !available.empty().
  int32_t stick(const std::string& topic, const std::vector<int32_t>& available, size_t record_bytes,
                size_t switch_after_bytes);
  /// The one of `available`, which is sorted, after the partition of before. REQUIRES: !available.empty().
  int32_t rotate(const std::string& topic, const std::vector<int32_t>& available);

 private:
  struct Last {
    int32_t partition = -1;
    size_t bytes = 0;
  };
  Random random_;
  std::map<std::string, Last> topics_;
};

}  // namespace brokerlab
