// Where each leader epoch starts in one log: the file `leader-epoch-checkpoint`, kept in memory.
//
// KIP-101 (truncate by epochs, not by the high watermark), KIP-279 (the answer carries the epoch), KIP-320.
// Invariant: epochs and start offsets both increase strictly. An epoch may have no records (its leader never
// wrote).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"

namespace brokerlab {

inline constexpr int32_t no_epoch = -1;
inline constexpr int64_t no_offset = -1;

/// The largest epoch of a log that is not above the one asked for, and where it ends (exclusive).
struct EpochEndOffset {
  int32_t epoch = no_epoch;
  int64_t end_offset = no_offset;
  bool is_undefined() const { return end_offset == no_offset; }
  friend bool operator==(const EpochEndOffset&, const EpochEndOffset&) = default;
};

class LeaderEpochCache {
 public:
  struct Entry {
    int32_t epoch = 0;
    int64_t start_offset = 0;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  /// Notes that `epoch` starts at `start_offset`; entries that contradict it go. True when something changed.
  /// REQUIRES: both are not negative.
  bool assign(int32_t epoch, int64_t start_offset);
  /// Forgets epochs that start at or after `end_offset`. True when something changed.
  bool truncate_from_end(int64_t end_offset);
  /// The oldest epoch left starts at `start_offset` at the earliest. True when something changed.
  bool truncate_from_start(int64_t start_offset);
  bool clear();

  /// `no_epoch` when there is none.
  int32_t latest_epoch() const { return entries_.empty() ? no_epoch : entries_.back().epoch; }
  /// KIP-279. Undefined when `epoch` is above the latest one; the start of the first known epoch when it is
  /// below that.
  EpochEndOffset end_offset_for(int32_t epoch, int64_t log_end_offset) const;
  /// The epoch that the record at `offset` was written in; `no_epoch` below the first entry.
  int32_t epoch_of(int64_t offset) const;
  std::span<const Entry> entries() const { return entries_; }

  /// Text of the file: version 0, number of entries, one `epoch start_offset` a line.
  std::string to_text() const;
  static Result<LeaderEpochCache> parse(std::string_view text);

 private:
  std::vector<Entry> entries_;
};

}  // namespace brokerlab
