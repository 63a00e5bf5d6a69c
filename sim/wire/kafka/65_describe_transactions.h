// DescribeTransactions (65): state of transactions, from their coordinator. Version 0.
//
// KIP-664.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DescribeTransactionsResponse;

struct DescribeTransactionsRequest {
  static constexpr std::string_view schema_name = "DescribeTransactionsRequest";
  static constexpr int16_t api_key = 65;
  using Response = DescribeTransactionsResponse;
  static const MessageSchema& schema();

  std::vector<std::string> transactional_ids{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("transactionalIds", transactional_ids);
  }
};

struct DescribeTransactionsResponse {
  static constexpr std::string_view schema_name = "DescribeTransactionsResponse";
  static constexpr int16_t api_key = 65;
  static const MessageSchema& schema();

  struct TopicData {
    std::string topic{};
    std::vector<int32_t> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topic", topic);
      f("partitions", partitions);
    }
  };
  struct TransactionState {
    int16_t error_code = 0;
    std::string transactional_id{};
    std::string transaction_state{};
    int32_t transaction_timeout_ms = 0;
    int64_t transaction_start_time_ms = 0;
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    std::vector<TopicData> topics{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("transactionalId", transactional_id);
      f("transactionState", transaction_state);
      f("transactionTimeoutMs", transaction_timeout_ms);
      f("transactionStartTimeMs", transaction_start_time_ms);
      f("producerId", producer_id);
      f("producerEpoch", producer_epoch);
      f("topics", topics);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<TransactionState> transaction_states{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("transactionStates", transaction_states);
  }
};

}  // namespace brokerlab::kafka
