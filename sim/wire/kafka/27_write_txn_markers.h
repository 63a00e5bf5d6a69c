// WriteTxnMarkers (27): the transaction coordinator has COMMIT and ABORT written into partitions.
// Versions 1 and 2, before Kafka 4 also 0.
//
// KIP-98, KIP-1228 (transaction version: v2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct WriteTxnMarkersResponse;

struct WriteTxnMarkersRequest {
  static constexpr std::string_view schema_name = "WriteTxnMarkersRequest";
  static constexpr int16_t api_key = 27;
  using Response = WriteTxnMarkersResponse;
  static const MessageSchema& schema();

  struct WritableTxnMarkerTopic {
    std::string name{};
    std::vector<int32_t> partition_indexes{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitionIndexes", partition_indexes);
    }
  };
  struct WritableTxnMarker {
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    bool transaction_result = false;
    std::vector<WritableTxnMarkerTopic> topics{};
    int32_t coordinator_epoch = 0;
    int8_t transaction_version = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("producerId", producer_id);
      f("producerEpoch", producer_epoch);
      f("transactionResult", transaction_result);
      f("topics", topics);
      f("coordinatorEpoch", coordinator_epoch);
      f("transactionVersion", transaction_version, since(2));
    }
  };
  std::vector<WritableTxnMarker> markers{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("markers", markers);
  }
};

struct WriteTxnMarkersResponse {
  static constexpr std::string_view schema_name = "WriteTxnMarkersResponse";
  static constexpr int16_t api_key = 27;
  static const MessageSchema& schema();

  struct WritableTxnMarkerPartitionResult {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
    }
  };
  struct WritableTxnMarkerTopicResult {
    std::string name{};
    std::vector<WritableTxnMarkerPartitionResult> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  struct WritableTxnMarkerResult {
    int64_t producer_id = 0;
    std::vector<WritableTxnMarkerTopicResult> topics{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("producerId", producer_id);
      f("topics", topics);
    }
  };
  std::vector<WritableTxnMarkerResult> markers{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("markers", markers);
  }
};

}  // namespace brokerlab::kafka
