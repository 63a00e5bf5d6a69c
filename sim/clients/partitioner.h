// Which partition a record goes to, as Kafka's Java producer chooses.
//
// With a key: murmur2 of its bytes, so that equal keys share a partition in every client that does the same
// (librdkafka's default does not). Without: one partition at a time, another after `batch.size` bytes (KIP-480,
// KIP-794's uniform choice without its adaptation to slow brokers).
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

class StickyPartitioner {
 public:
  explicit StickyPartitioner(Random random) : random_(random) {}

  /// A partition for a record without a key of about `record_bytes`: the one of before until it got
  /// `switch_after_bytes`, one of `available` at random otherwise. REQUIRES: !available.empty().
  int32_t choose(const std::string& topic, const std::vector<int32_t>& available, size_t record_bytes,
                 size_t switch_after_bytes);

 private:
  struct Sticky {
    int32_t partition = -1;
    size_t bytes = 0;
  };
  Random random_;
  std::map<std::string, Sticky> topics_;
};

}  // namespace brokerlab
