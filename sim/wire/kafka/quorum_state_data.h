// The content of the file `quorum-state`, as JSON, beside which `data_version` names the version.
//
// Version 0 with static voters (KIP-595), version 1 with dynamic ones, whose directory stands with the
// vote (KIP-853).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct QuorumStateData {
  static constexpr std::string_view schema_name = "QuorumStateData";
  static constexpr Versions versions{0, 1};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  struct Voter {
    int32_t voter_id = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("voterId", voter_id);
    }
  };
  std::string cluster_id{};
  int32_t leader_id = -1;
  int32_t leader_epoch = -1;
  int32_t voted_id = -1;
  Uuid voted_directory_id{};
  int64_t applied_offset = 0;
  std::optional<std::vector<Voter>> current_voters = std::vector<Voter>{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("clusterId", cluster_id, until(0));
    f("leaderId", leader_id);
    f("leaderEpoch", leader_epoch);
    f("votedId", voted_id);
    f("votedDirectoryId", voted_directory_id, since(1));
    f("appliedOffset", applied_offset, until(0));
    f("currentVoters", current_voters, until(0).nullable());
  }
};

}  // namespace brokerlab::kafka
