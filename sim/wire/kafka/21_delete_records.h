// DeleteRecords (21): moves the log start offset of partitions. Versions 0 to 2.
//
// KIP-107.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DeleteRecordsResponse;

struct DeleteRecordsRequest {
  static constexpr std::string_view schema_name = "DeleteRecordsRequest";
  static constexpr int16_t api_key = 21;
  using Response = DeleteRecordsResponse;
  static const MessageSchema& schema();

  struct DeleteRecordsPartition {
    int32_t partition_index = 0;
    int64_t offset = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("offset", offset);
    }
  };
  struct DeleteRecordsTopic {
    std::string name{};
    std::vector<DeleteRecordsPartition> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  std::vector<DeleteRecordsTopic> topics{};
  int32_t timeout_ms = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topics", topics);
    f("timeoutMs", timeout_ms);
  }
};

struct DeleteRecordsResponse {
  static constexpr std::string_view schema_name = "DeleteRecordsResponse";
  static constexpr int16_t api_key = 21;
  static const MessageSchema& schema();

  struct DeleteRecordsPartitionResult {
    int32_t partition_index = 0;
    int64_t low_watermark = 0;
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("lowWatermark", low_watermark);
      f("errorCode", error_code);
    }
  };
  struct DeleteRecordsTopicResult {
    std::string name{};
    std::vector<DeleteRecordsPartitionResult> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<DeleteRecordsTopicResult> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("topics", topics);
  }
};

}  // namespace brokerlab::kafka
