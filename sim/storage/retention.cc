#include "sim/storage/retention.h"

#include <algorithm>

namespace brokerlab {

size_t count_old_segments(const Log& log, int64_t high_watermark, int64_t now_ms) {
  const LogConfig& config = log.config();
  const std::span<const Segment> segments = log.segments();
  size_t count = 0;
  while (count + 1 < segments.size() && log.end_of_segment(count) <= log.log_start_offset()) ++count;
  if (!config.deletes) return count;

  const auto may_go = [&] {
    if (count == segments.size() || high_watermark < log.end_of_segment(count)) return false;
    return count + 1 < segments.size() || segments[count].size() > 0;
  };
  if (config.retention_bytes >= 0) {
    uint64_t left = 0;
    for (size_t i = count; i < segments.size(); ++i) left += segments[i].size();
    const auto wanted = static_cast<uint64_t>(config.retention_bytes);
    for (; may_go() && left >= wanted && left - wanted >= segments[count].size(); ++count)
      left -= segments[count].size();
  }
  if (config.retention_ms >= 0) {
    const auto is_old = [&] {
      const auto dated = std::find_if(segments.begin() + static_cast<ptrdiff_t>(count), segments.end(),
                                      [](const Segment& segment) { return segment.max_timestamp_ms() >= 0; });
      return dated != segments.end() && now_ms - dated->max_timestamp_ms() > config.retention_ms;
    };
    while (may_go() && is_old()) ++count;
  }
  return count;
}

}  // namespace brokerlab
