// AddOffsetsToTxn (25): adds the offsets of a group to a transaction. Versions 0 to 4.
//
// KIP-98, KIP-890 (v4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct AddOffsetsToTxnResponse;

struct AddOffsetsToTxnRequest {
  static constexpr std::string_view schema_name = "AddOffsetsToTxnRequest";
  static constexpr int16_t api_key = 25;
  using Response = AddOffsetsToTxnResponse;
  static const MessageSchema& schema();

  std::string transactional_id{};
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  std::string group_id{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("transactionalId", transactional_id);
    f("producerId", producer_id);
    f("producerEpoch", producer_epoch);
    f("groupId", group_id);
  }
};

struct AddOffsetsToTxnResponse {
  static constexpr std::string_view schema_name = "AddOffsetsToTxnResponse";
  static constexpr int16_t api_key = 25;
  static const MessageSchema& schema();

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
  }
};

}  // namespace brokerlab::kafka
