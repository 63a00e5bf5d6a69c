// DescribeLogDirs (35): what lies in the log directories of a broker. Versions 1 to 5, before Kafka 4
// also 0.
//
// KIP-113, KIP-827 (size of the volume: v4), KIP-1066 (cordoned directories: v5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DescribeLogDirsResponse;

struct DescribeLogDirsRequest {
  static constexpr std::string_view schema_name = "DescribeLogDirsRequest";
  static constexpr int16_t api_key = 35;
  using Response = DescribeLogDirsResponse;
  static const MessageSchema& schema();

  struct DescribableLogDirTopic {
    std::string topic{};
    std::vector<int32_t> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topic", topic);
      f("partitions", partitions);
    }
  };
  std::optional<std::vector<DescribableLogDirTopic>> topics = std::vector<DescribableLogDirTopic>{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topics", topics, nullable);
  }
};

struct DescribeLogDirsResponse {
  static constexpr std::string_view schema_name = "DescribeLogDirsResponse";
  static constexpr int16_t api_key = 35;
  static const MessageSchema& schema();

  struct DescribeLogDirsPartition {
    int32_t partition_index = 0;
    int64_t partition_size = 0;
    int64_t offset_lag = 0;
    bool is_future_key = false;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("partitionSize", partition_size);
      f("offsetLag", offset_lag);
      f("isFutureKey", is_future_key);
    }
  };
  struct DescribeLogDirsTopic {
    std::string name{};
    std::vector<DescribeLogDirsPartition> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  struct DescribeLogDirsResult {
    int16_t error_code = 0;
    std::string log_dir{};
    std::vector<DescribeLogDirsTopic> topics{};
    int64_t total_bytes = -1;
    int64_t usable_bytes = -1;
    bool is_cordoned = false;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("logDir", log_dir);
      f("topics", topics);
      f("totalBytes", total_bytes, since(4));
      f("usableBytes", usable_bytes, since(4));
      f("isCordoned", is_cordoned, since(5));
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<DescribeLogDirsResult> results{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code, since(3));
    f("results", results);
  }
};

}  // namespace brokerlab::kafka
