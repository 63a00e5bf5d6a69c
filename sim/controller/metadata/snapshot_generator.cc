#include "sim/controller/metadata/snapshot_generator.h"

#include <fmt/format.h>

namespace brokerlab {

std::string SnapshotGenerator::replayed(uint64_t bytes, Instant now) {
  bytes_ += static_cast<int64_t>(bytes);
  if (bytes_ >= config_.max_bytes)
    return fmt::format("we have replayed at least {} bytes", config_.max_bytes);
  if (config_.max_interval > Duration{} && now - last_ >= config_.max_interval)
    return fmt::format("we have waited at least {} minute(s)", config_.max_interval.milliseconds() / 60'000);
  return "";
}

}  // namespace brokerlab
