// AddRaftVoter (80): adds a voter to the metadata quorum. Versions 0 and 1.
//
// KIP-853, KIP-1186 (answered before it is committed: v1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct AddRaftVoterResponse;

struct AddRaftVoterRequest {
  static constexpr std::string_view schema_name = "AddRaftVoterRequest";
  static constexpr int16_t api_key = 80;
  using Response = AddRaftVoterResponse;
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
  std::optional<std::string> cluster_id = "";
  int32_t timeout_ms = 0;
  int32_t voter_id = 0;
  Uuid voter_directory_id{};
  std::vector<Listener> listeners{};
  bool ack_when_committed = true;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("clusterId", cluster_id, nullable);
    f("timeoutMs", timeout_ms);
    f("voterId", voter_id);
    f("voterDirectoryId", voter_directory_id);
    f("listeners", listeners);
    f("ackWhenCommitted", ack_when_committed, since(1));
  }
};

struct AddRaftVoterResponse {
  static constexpr std::string_view schema_name = "AddRaftVoterResponse";
  static constexpr int16_t api_key = 80;
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
