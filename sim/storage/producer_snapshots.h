// The files OFFSET.snapshot of one log's folder: the state of its producers as of that offset.
//
// Apache Kafka's ProducerStateManager: one is written at each roll, so that a segment can be recovered beginning with
// the snapshot of its base offset, and one at the log end when the log is closed or opened. They are a shortcut:
// a damaged one is removed, and the state is read from an older one and the log. So nobody has to flush them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/storage/disk.h"
#include "sim/storage/producer_state.h"

namespace brokerlab {

class ProducerSnapshots {
 public:
  /// Those that are in the folder.
  static ProducerSnapshots in(Disk& disk, std::string_view folder);

  /// Of the newest one.
  std::optional<int64_t> latest_offset() const;
  /// The newest one that can be read; damaged ones before it are removed. Empty when none is left.
  Result<std::optional<ProducerState>> load_latest(Disk& disk, std::string_view folder);
  /// REQUIRES: newer than the newest one.
  Status write(Disk& disk, std::string_view folder, int64_t offset, const ProducerState& producers);

  /// Nothing when there is none for that offset.
  Status remove(Disk& disk, std::string_view folder, int64_t offset);
  /// Those outside of (`log_start`, `log_end`].
  Status remove_outside(Disk& disk, std::string_view folder, int64_t log_start, int64_t log_end);
  /// Those that belong to no segment, but for the newest, if it is newer than all segments: a clean stop wrote it.
  Status remove_strays(Disk& disk, std::string_view folder, std::span<const int64_t> segment_base_offsets);

 private:
  template <class IsUnwanted>
  Status remove_if(Disk& disk, std::string_view folder, IsUnwanted is_unwanted);

  std::vector<int64_t> offsets_;  ///< sorted
};

}  // namespace brokerlab
