// What the leader of the quorum knows in its epoch: how far every replica is, and what follows from that.
//
// KIP-595 (high watermark, resigning without a majority), KIP-836 (fetch timestamps).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/time.h"

namespace brokerlab {

/// A replica with its disk (KIP-853). Of voters only the id counts: with kraft.version 0 nobody knows their directories.
struct ReplicaKey {
  int32_t id = -1;
  Uuid directory_id;
  friend auto operator<=>(const ReplicaKey&, const ReplicaKey&) = default;
};

/// A replica as its fetches show it.
struct ReplicaProgress {
  int64_t end_offset = -1;  ///< fetched from: everything below is on its disk
  std::optional<Instant> last_fetch;
  int64_t last_fetch_ms = -1;      ///< wall clock
  int64_t last_caught_up_ms = -1;  ///< wall clock: when it last had all that the leader had
  int64_t leader_end_offset_at_last_fetch = -1;
};

class LeaderState {
 public:
  /// `start_offset` is that of the epoch's LeaderChange record. `check_quorum_timeout`: without fetches of a
  /// majority for so long the leader resigns. REQUIRES: `voters` holds `local_id`.
  LeaderState(int32_t local_id, std::span<const int32_t> voters, int64_t start_offset,
              Duration check_quorum_timeout, Instant now);

  int64_t start_offset() const { return start_offset_; }
  /// Empty until an entry of this epoch is committed.
  std::optional<int64_t> high_watermark() const { return high_watermark_; }

  /// The leader's own log is durable up to `offset`. True when the high watermark moved.
  bool flushed(int64_t offset);
  /// A replica, voter or observer, fetches from `offset`. True when the high watermark moved.
  bool fetched(const ReplicaKey& replica, int64_t offset, int64_t leader_end_offset, const Now& now);

  /// A voter fetches, records or a snapshot: it follows this leader.
  void heard_from(int32_t voter, Instant now);
  /// When this leader must resign unless a majority fetches before.
  Instant check_quorum_deadline() const { return check_quorum_deadline_; }
  /// Voters that have not fetched for `period`: they may not know who leads.
  std::vector<int32_t> silent_voters(Instant now, Duration period) const;
  /// The other voters, the most complete log first: who should lead next.
  std::vector<int32_t> successors() const;

  const std::map<int32_t, ReplicaProgress>& voters() const { return voters_; }
  /// Also those of which nothing was heard for long. One whose disk was wiped counts as another: its directory is new.
  const std::map<ReplicaKey, ReplicaProgress>& observers() const { return observers_; }

 private:
  bool advance_high_watermark();

  int32_t local_id_;
  int64_t start_offset_;
  Duration check_quorum_timeout_;
  std::map<int32_t, ReplicaProgress> voters_;
  std::map<ReplicaKey, ReplicaProgress> observers_;
  std::optional<int64_t> high_watermark_;
  std::set<int32_t> fetched_since_check_;
  Instant check_quorum_deadline_;
};

}  // namespace brokerlab
