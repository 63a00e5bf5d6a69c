// BrokerHeartbeat (63): a broker stays alive, asks to be unfenced or to shut down. Versions 0 to 2.
//
// KIP-631, KIP-858 (offline directories: v1), KIP-1066 (cordoned directories: v2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct BrokerHeartbeatResponse;

struct BrokerHeartbeatRequest {
  static constexpr std::string_view schema_name = "BrokerHeartbeatRequest";
  static constexpr int16_t api_key = 63;
  using Response = BrokerHeartbeatResponse;
  static const MessageSchema& schema();

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  int64_t current_metadata_offset = 0;
  bool want_fence = false;
  bool want_shut_down = false;
  std::vector<Uuid> offline_log_dirs{};
  std::optional<std::vector<Uuid>> cordoned_log_dirs{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("brokerId", broker_id);
    f("brokerEpoch", broker_epoch);
    f("currentMetadataOffset", current_metadata_offset);
    f("wantFence", want_fence);
    f("wantShutDown", want_shut_down);
    f("offlineLogDirs", offline_log_dirs, since(1).tagged(0));
    f("cordonedLogDirs", cordoned_log_dirs, since(2).nullable().tagged(1));
  }
};

struct BrokerHeartbeatResponse {
  static constexpr std::string_view schema_name = "BrokerHeartbeatResponse";
  static constexpr int16_t api_key = 63;
  static const MessageSchema& schema();

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  bool is_caught_up = false;
  bool is_fenced = true;
  bool should_shut_down = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("isCaughtUp", is_caught_up);
    f("isFenced", is_fenced);
    f("shouldShutDown", should_shut_down);
  }
};

}  // namespace brokerlab::kafka
