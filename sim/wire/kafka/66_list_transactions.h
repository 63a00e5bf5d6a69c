// ListTransactions (66): the transactions that a broker coordinates. Versions 0 to 2.
//
// KIP-664, KIP-994 (by duration: v1), KIP-1152 (by pattern of the transactional id: v2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ListTransactionsResponse;

struct ListTransactionsRequest {
  static constexpr std::string_view schema_name = "ListTransactionsRequest";
  static constexpr int16_t api_key = 66;
  using Response = ListTransactionsResponse;
  static const MessageSchema& schema();

  std::vector<std::string> state_filters{};
  std::vector<int64_t> producer_id_filters{};
  int64_t duration_filter = -1;
  std::optional<std::string> transactional_id_pattern{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("stateFilters", state_filters);
    f("producerIdFilters", producer_id_filters);
    f("durationFilter", duration_filter, since(1));
    f("transactionalIdPattern", transactional_id_pattern, since(2).nullable());
  }
};

struct ListTransactionsResponse {
  static constexpr std::string_view schema_name = "ListTransactionsResponse";
  static constexpr int16_t api_key = 66;
  static const MessageSchema& schema();

  struct TransactionState {
    std::string transactional_id{};
    int64_t producer_id = 0;
    std::string transaction_state{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("transactionalId", transactional_id);
      f("producerId", producer_id);
      f("transactionState", transaction_state);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<std::string> unknown_state_filters{};
  std::vector<TransactionState> transaction_states{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("unknownStateFilters", unknown_state_filters);
    f("transactionStates", transaction_states);
  }
};

}  // namespace brokerlab::kafka
