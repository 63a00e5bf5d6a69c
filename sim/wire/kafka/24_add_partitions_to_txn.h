// AddPartitionsToTxn (24): adds partitions to a transaction. Versions 0 to 5.
//
// KIP-98, KIP-890 (v4 and later are sent by brokers, for several transactions, also only to verify).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct AddPartitionsToTxnResponse;

struct AddPartitionsToTxnRequest {
  static constexpr std::string_view schema_name = "AddPartitionsToTxnRequest";
  static constexpr int16_t api_key = 24;
  using Response = AddPartitionsToTxnResponse;
  static const MessageSchema& schema();

  struct AddPartitionsToTxnTopic {
    std::string name{};
    std::vector<int32_t> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  struct AddPartitionsToTxnTransaction {
    std::string transactional_id{};
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    bool verify_only = false;
    std::vector<AddPartitionsToTxnTopic> topics{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("transactionalId", transactional_id);
      f("producerId", producer_id);
      f("producerEpoch", producer_epoch);
      f("verifyOnly", verify_only);
      f("topics", topics);
    }
  };
  std::vector<AddPartitionsToTxnTransaction> transactions{};
  std::string v3_and_below_transactional_id{};
  int64_t v3_and_below_producer_id = 0;
  int16_t v3_and_below_producer_epoch = 0;
  std::vector<AddPartitionsToTxnTopic> v3_and_below_topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("transactions", transactions, since(4));
    f("v3AndBelowTransactionalId", v3_and_below_transactional_id, until(3));
    f("v3AndBelowProducerId", v3_and_below_producer_id, until(3));
    f("v3AndBelowProducerEpoch", v3_and_below_producer_epoch, until(3));
    f("v3AndBelowTopics", v3_and_below_topics, until(3));
  }
};

struct AddPartitionsToTxnResponse {
  static constexpr std::string_view schema_name = "AddPartitionsToTxnResponse";
  static constexpr int16_t api_key = 24;
  static const MessageSchema& schema();

  struct AddPartitionsToTxnPartitionResult {
    int32_t partition_index = 0;
    int16_t partition_error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("partitionErrorCode", partition_error_code);
    }
  };
  struct AddPartitionsToTxnTopicResult {
    std::string name{};
    std::vector<AddPartitionsToTxnPartitionResult> results_by_partition{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("resultsByPartition", results_by_partition);
    }
  };
  struct AddPartitionsToTxnResult {
    std::string transactional_id{};
    std::vector<AddPartitionsToTxnTopicResult> topic_results{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("transactionalId", transactional_id);
      f("topicResults", topic_results);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<AddPartitionsToTxnResult> results_by_transaction{};
  std::vector<AddPartitionsToTxnTopicResult> results_by_topic_v3_and_below{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code, since(4));
    f("resultsByTransaction", results_by_transaction, since(4));
    f("resultsByTopicV3AndBelow", results_by_topic_v3_and_below, until(3));
  }
};

}  // namespace brokerlab::kafka
