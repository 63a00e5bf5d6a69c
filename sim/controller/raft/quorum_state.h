// What a replica of the quorum must never forget: its epoch, its leader, its vote. Kafka's file
// `quorum-state`.
//
// Version 0 of QuorumStateData (static voters, kraft.version 0), as JSON. It is synced before a vote is sent,
// so that a replica that restarts cannot vote twice in an epoch (Raft paper, 5.2).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/storage/disk.h"

namespace brokerlab {

inline constexpr int32_t nobody = -1;
inline constexpr std::string_view quorum_state_path = "__cluster_metadata-0/quorum-state";

struct QuorumState {
  int32_t epoch = 0;
  int32_t leader_id = nobody;
  int32_t voted_id = nobody;
  friend bool operator==(const QuorumState&, const QuorumState&) = default;
};

/// Empty when there is no file yet. `invalid` when it cannot be understood: guessing could mean a second
/// vote.
Result<std::optional<QuorumState>> read_quorum_state(Disk& disk, std::string_view path);
/// The voters that the file names; empty when there is no file yet.
Result<std::vector<int32_t>> read_quorum_voters(Disk& disk, std::string_view path);
Status write_quorum_state(Disk& disk, std::string_view path, const QuorumState& state,
                          std::span<const int32_t> voters);

}  // namespace brokerlab
