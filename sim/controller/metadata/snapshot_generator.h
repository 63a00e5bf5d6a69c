// When a node makes a snapshot of its metadata (KIP-630): after so many bytes of committed records, or so long after the
// last one. Each node does it for itself, whatever its role, as in Kafka.
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/time.h"

namespace brokerlab {

struct SnapshotGeneratorConfig {
  int64_t max_bytes = 20 << 20;           ///< metadata.log.max.record.bytes.between.snapshots
  Duration max_interval = seconds(3600);  ///< metadata.log.max.snapshot.interval.ms; zero: only by bytes
};

class SnapshotGenerator {
 public:
  SnapshotGenerator(const SnapshotGeneratorConfig& config, Instant now) : config_(config), last_(now) {}

  /// A snapshot was made, or loaded.
  void restart(Instant now) {
    bytes_ = 0;
    last_ = now;
  }
  /// Records of so many bytes were replayed. Why a snapshot is due now, in Kafka's words; empty when it is not.
  std::string replayed(uint64_t bytes, Instant now);

 private:
  SnapshotGeneratorConfig config_;
  int64_t bytes_ = 0;  ///< replayed since the last one
  Instant last_;
};

}  // namespace brokerlab
