// EndTxn (26): commits or aborts a transaction. Versions 0 to 5.
//
// KIP-98, KIP-890 (a new epoch for each transaction, in the answer: v5).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct EndTxnResponse;

struct EndTxnRequest {
  static constexpr std::string_view schema_name = "EndTxnRequest";
  static constexpr int16_t api_key = 26;
  using Response = EndTxnResponse;
  static const MessageSchema& schema();

  std::string transactional_id{};
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  bool committed = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("transactionalId", transactional_id);
    f("producerId", producer_id);
    f("producerEpoch", producer_epoch);
    f("committed", committed);
  }
};

struct EndTxnResponse {
  static constexpr std::string_view schema_name = "EndTxnResponse";
  static constexpr int16_t api_key = 26;
  static const MessageSchema& schema();

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("producerId", producer_id, since(5));
    f("producerEpoch", producer_epoch, since(5));
  }
};

}  // namespace brokerlab::kafka
