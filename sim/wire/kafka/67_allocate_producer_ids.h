// AllocateProducerIds (67): a broker asks the controller for a block of producer ids. Version 0.
//
// KIP-730.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct AllocateProducerIdsResponse;

struct AllocateProducerIdsRequest {
  static constexpr std::string_view schema_name = "AllocateProducerIdsRequest";
  static constexpr int16_t api_key = 67;
  using Response = AllocateProducerIdsResponse;
  static const MessageSchema& schema();

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("brokerId", broker_id);
    f("brokerEpoch", broker_epoch);
  }
};

struct AllocateProducerIdsResponse {
  static constexpr std::string_view schema_name = "AllocateProducerIdsResponse";
  static constexpr int16_t api_key = 67;
  static const MessageSchema& schema();

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int64_t producer_id_start = 0;
  int32_t producer_id_len = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("producerIdStart", producer_id_start);
    f("producerIdLen", producer_id_len);
  }
};

}  // namespace brokerlab::kafka
