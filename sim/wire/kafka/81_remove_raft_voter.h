// RemoveRaftVoter (81): removes a voter from the metadata quorum. Version 0.
//
// KIP-853.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct RemoveRaftVoterResponse;

struct RemoveRaftVoterRequest {
  static constexpr std::string_view schema_name = "RemoveRaftVoterRequest";
  static constexpr int16_t api_key = 81;
  using Response = RemoveRaftVoterResponse;
  static const MessageSchema& schema();

  std::optional<std::string> cluster_id = "";
  int32_t voter_id = 0;
  Uuid voter_directory_id{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("clusterId", cluster_id, nullable);
    f("voterId", voter_id);
    f("voterDirectoryId", voter_directory_id);
  }
};

struct RemoveRaftVoterResponse {
  static constexpr std::string_view schema_name = "RemoveRaftVoterResponse";
  static constexpr int16_t api_key = 81;
  static const MessageSchema& schema();

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("errorMessage", error_message, nullable);
  }
};

}  // namespace brokerlab::kafka
