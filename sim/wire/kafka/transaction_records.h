// The records of `__transaction_state`, in which a transaction coordinator keeps its transactions.
//
// KIP-98, KIP-915 (flexible: v1), KIP-890 (previous and next producer id as tagged fields). A key begins
// with its record type, a value with the version of its schema.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct TransactionLogKey {
  static constexpr std::string_view schema_name = "TransactionLogKey";
  static constexpr Framing framing = Framing::record_type;
  static constexpr int16_t record_type = 0;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  std::string transactional_id{};
  template <class F>
  void fields(F&& f) {
    f("transactionalId", transactional_id);
  }
};

struct TransactionLogValue {
  static constexpr std::string_view schema_name = "TransactionLogValue";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 1};
  static constexpr int16_t first_flexible = 1;
  static const MessageSchema& schema();

  struct PartitionsSchema {
    std::string topic{};
    std::vector<int32_t> partition_ids{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topic", topic);
      f("partitionIds", partition_ids);
    }
  };
  int64_t producer_id = 0;
  int64_t previous_producer_id = -1;
  int64_t next_producer_id = -1;
  int16_t producer_epoch = 0;
  int16_t next_producer_epoch = -1;
  int32_t transaction_timeout_ms = 0;
  int8_t transaction_status = 0;
  std::optional<std::vector<PartitionsSchema>> transaction_partitions = std::vector<PartitionsSchema>{};
  int64_t transaction_last_update_timestamp_ms = 0;
  int64_t transaction_start_timestamp_ms = 0;
  int16_t client_transaction_version = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("producerId", producer_id);
    f("previousProducerId", previous_producer_id, since(1).tagged(0));
    f("nextProducerId", next_producer_id, since(1).tagged(1));
    f("producerEpoch", producer_epoch);
    f("nextProducerEpoch", next_producer_epoch, since(1).tagged(3));
    f("transactionTimeoutMs", transaction_timeout_ms);
    f("transactionStatus", transaction_status);
    f("transactionPartitions", transaction_partitions, nullable);
    f("transactionLastUpdateTimestampMs", transaction_last_update_timestamp_ms);
    f("transactionStartTimestampMs", transaction_start_timestamp_ms);
    f("clientTransactionVersion", client_transaction_version, since(1).tagged(2));
  }
};

}  // namespace brokerlab::kafka
