// InitProducerId (22): a producer id and epoch for idempotent and transactional producers. Versions 0 to 6;
// v6 is unstable in 4.3.1 and brokers do not offer it.
//
// KIP-98, KIP-360 (the producer's current id and epoch: v3), KIP-588 (v4), KIP-890 (v5), KIP-939 (two-phase
// commit: v6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct InitProducerIdResponse;

struct InitProducerIdRequest {
  static constexpr std::string_view schema_name = "InitProducerIdRequest";
  static constexpr int16_t api_key = 22;
  using Response = InitProducerIdResponse;
  static const MessageSchema& schema();

  std::optional<std::string> transactional_id = "";
  int32_t transaction_timeout_ms = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  bool enable2pc = false;
  bool keep_prepared_txn = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("transactionalId", transactional_id, nullable);
    f("transactionTimeoutMs", transaction_timeout_ms);
    f("producerId", producer_id, since(3));
    f("producerEpoch", producer_epoch, since(3));
    f("enable2Pc", enable2pc, since(6));
    f("keepPreparedTxn", keep_prepared_txn, since(6));
  }
};

struct InitProducerIdResponse {
  static constexpr std::string_view schema_name = "InitProducerIdResponse";
  static constexpr int16_t api_key = 22;
  static const MessageSchema& schema();

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = 0;
  int64_t ongoing_txn_producer_id = -1;
  int16_t ongoing_txn_producer_epoch = -1;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("producerId", producer_id);
    f("producerEpoch", producer_epoch);
    f("ongoingTxnProducerId", ongoing_txn_producer_id, since(6));
    f("ongoingTxnProducerEpoch", ongoing_txn_producer_epoch, since(6));
  }
};

}  // namespace brokerlab::kafka
