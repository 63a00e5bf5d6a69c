// UpdateRaftVoter (82): a voter tells the leader of the metadata quorum its endpoints and versions. Version
// 0.
//
// KIP-853. Controllers of 4.3.1 send it at each start, also with static voters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct UpdateRaftVoterResponse;

struct UpdateRaftVoterRequest {
  static constexpr std::string_view schema_name = "UpdateRaftVoterRequest";
  static constexpr int16_t api_key = 82;
  using Response = UpdateRaftVoterResponse;
  static const MessageSchema& schema();

  struct Listener {
    std::string name{};
    std::string host{};
    uint16_t port = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("host", host);
      f("port", port);
    }
  };
  struct KRaftVersionFeature {
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("minSupportedVersion", min_supported_version);
      f("maxSupportedVersion", max_supported_version);
    }
  };
  std::optional<std::string> cluster_id = "";
  int32_t current_leader_epoch = 0;
  int32_t voter_id = 0;
  Uuid voter_directory_id{};
  std::vector<Listener> listeners{};
  KRaftVersionFeature kraft_version_feature{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("clusterId", cluster_id, nullable);
    f("currentLeaderEpoch", current_leader_epoch);
    f("voterId", voter_id);
    f("voterDirectoryId", voter_directory_id);
    f("listeners", listeners);
    f("kRaftVersionFeature", kraft_version_feature);
  }
};

struct UpdateRaftVoterResponse {
  static constexpr std::string_view schema_name = "UpdateRaftVoterResponse";
  static constexpr int16_t api_key = 82;
  static const MessageSchema& schema();

  struct CurrentLeader {
    int32_t leader_id = -1;
    int32_t leader_epoch = -1;
    std::string host{};
    int32_t port = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("leaderId", leader_id);
      f("leaderEpoch", leader_epoch);
      f("host", host);
      f("port", port);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  CurrentLeader current_leader{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("currentLeader", current_leader, always.tagged(0));
  }
};

}  // namespace brokerlab::kafka
