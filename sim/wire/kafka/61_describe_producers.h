// DescribeProducers (61): the producers that partitions remember. Version 0.
//
// KIP-664.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DescribeProducersResponse;

struct DescribeProducersRequest {
  static constexpr std::string_view schema_name = "DescribeProducersRequest";
  static constexpr int16_t api_key = 61;
  using Response = DescribeProducersResponse;
  static const MessageSchema& schema();

  struct TopicRequest {
    std::string name{};
    std::vector<int32_t> partition_indexes{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitionIndexes", partition_indexes);
    }
  };
  std::vector<TopicRequest> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topics", topics);
  }
};

struct DescribeProducersResponse {
  static constexpr std::string_view schema_name = "DescribeProducersResponse";
  static constexpr int16_t api_key = 61;
  static const MessageSchema& schema();

  struct ProducerState {
    int64_t producer_id = 0;
    int32_t producer_epoch = 0;
    int32_t last_sequence = -1;
    int64_t last_timestamp = -1;
    int32_t coordinator_epoch = 0;
    int64_t current_txn_start_offset = -1;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("producerId", producer_id);
      f("producerEpoch", producer_epoch);
      f("lastSequence", last_sequence);
      f("lastTimestamp", last_timestamp);
      f("coordinatorEpoch", coordinator_epoch);
      f("currentTxnStartOffset", current_txn_start_offset);
    }
  };
  struct PartitionResponse {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::vector<ProducerState> active_producers{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
      f("activeProducers", active_producers);
    }
  };
  struct TopicResponse {
    std::string name{};
    std::vector<PartitionResponse> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<TopicResponse> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("topics", topics);
  }
};

}  // namespace brokerlab::kafka
