// OffsetDelete (47): deletes committed offsets of a group. Version 0.
//
// KIP-496.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct OffsetDeleteResponse;

struct OffsetDeleteRequest {
  static constexpr std::string_view schema_name = "OffsetDeleteRequest";
  static constexpr int16_t api_key = 47;
  using Response = OffsetDeleteResponse;
  static const MessageSchema& schema();

  struct OffsetDeleteRequestPartition {
    int32_t partition_index = 0;
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
    }
  };
  struct OffsetDeleteRequestTopic {
    std::string name{};
    std::vector<OffsetDeleteRequestPartition> partitions{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  std::string group_id{};
  std::vector<OffsetDeleteRequestTopic> topics{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
    f("topics", topics);
  }
};

struct OffsetDeleteResponse {
  static constexpr std::string_view schema_name = "OffsetDeleteResponse";
  static constexpr int16_t api_key = 47;
  static const MessageSchema& schema();

  struct OffsetDeleteResponsePartition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
    }
  };
  struct OffsetDeleteResponseTopic {
    std::string name{};
    std::vector<OffsetDeleteResponsePartition> partitions{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  int16_t error_code = 0;
  int32_t throttle_time_ms = 0;
  std::vector<OffsetDeleteResponseTopic> topics{};
  template <class F>
  void fields(F&& f) {
    f("errorCode", error_code);
    f("throttleTimeMs", throttle_time_ms);
    f("topics", topics);
  }
};

}  // namespace brokerlab::kafka
