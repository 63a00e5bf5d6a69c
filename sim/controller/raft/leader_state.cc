#include "sim/controller/raft/leader_state.h"

#include <algorithm>
#include <functional>

#include "sim/base/assert.h"

namespace brokerlab {

LeaderState::LeaderState(int32_t local_id, std::span<const int32_t> voters, int64_t start_offset,
                         Duration check_quorum_timeout, Instant now)
    : local_id_(local_id), start_offset_(start_offset), check_quorum_timeout_(check_quorum_timeout) {
  for (const int32_t voter : voters) voters_[voter];
  BROKERLAB_ASSERT(voters_.contains(local_id));
  check_quorum_deadline_ = voters_.size() == 1 ? never : now + check_quorum_timeout;
}

bool LeaderState::flushed(int64_t offset) {
  voters_[local_id_].end_offset = offset;
  return advance_high_watermark();
}

bool LeaderState::fetched(const ReplicaKey& replica, int64_t offset, int64_t leader_end_offset,
                          const Now& now) {
  const auto voter = voters_.find(replica.id);
  ReplicaProgress& progress = voter == voters_.end() ? observers_[replica] : voter->second;
  // Caught up now, or caught up with all that there was when it asked the last time.
  if (offset >= leader_end_offset) {
    progress.last_caught_up_ms = now.wall_ms;
  } else if (progress.leader_end_offset_at_last_fetch > 0 &&
             offset >= progress.leader_end_offset_at_last_fetch) {
    progress.last_caught_up_ms = std::max(progress.last_caught_up_ms, progress.last_fetch_ms);
  }
  progress.end_offset = offset;
  progress.last_fetch = now.monotonic;
  progress.last_fetch_ms = now.wall_ms;
  progress.leader_end_offset_at_last_fetch = leader_end_offset;
  if (voter == voters_.end()) return false;
  heard_from(replica.id, now.monotonic);
  return advance_high_watermark();
}

void LeaderState::heard_from(int32_t voter, Instant now) {
  if (voter == local_id_ || !voters_.contains(voter)) return;
  fetched_since_check_.insert(voter);
  const size_t majority_of_others = voters_.size() / 2;
  if (fetched_since_check_.size() < majority_of_others) return;
  fetched_since_check_.clear();
  check_quorum_deadline_ = now + check_quorum_timeout_;
}

bool LeaderState::advance_high_watermark() {
  std::vector<int64_t> ends;
  for (const auto& [id, progress] : voters_) ends.push_back(progress.end_offset);
  std::sort(ends.begin(), ends.end(), std::greater<>());
  const int64_t on_a_majority = ends[ends.size() / 2];
  // Entries of earlier epochs are committed only together with one of this epoch (Raft paper, 5.4.2).
  if (on_a_majority <= start_offset_) return false;
  if (high_watermark_ && on_a_majority <= *high_watermark_) return false;
  high_watermark_ = on_a_majority;
  return true;
}

std::vector<int32_t> LeaderState::silent_voters(Instant now, Duration period) const {
  std::vector<int32_t> silent;
  for (const auto& [id, progress] : voters_) {
    if (id == local_id_) continue;
    if (!progress.last_fetch || now - *progress.last_fetch >= period) silent.push_back(id);
  }
  return silent;
}

std::vector<int32_t> LeaderState::successors() const {
  std::vector<int32_t> ids;
  for (const auto& [id, progress] : voters_) {
    if (id != local_id_) ids.push_back(id);
  }
  // Stable: equally complete logs by id, so that every run agrees.
  std::stable_sort(ids.begin(), ids.end(),
                   [&](int32_t a, int32_t b) { return voters_.at(a).end_offset > voters_.at(b).end_offset; });
  return ids;
}

}  // namespace brokerlab
