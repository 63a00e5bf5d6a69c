// ListOffsets (2): the offset at a timestamp, or the earliest or latest one. Versions 1 to 11, before
// Kafka 4 also 0.
//
// Timestamps -1 latest, -2 earliest, -3 largest timestamp (KIP-734: v7), -4 earliest local (KIP-405: v8), -5
// latest tiered (KIP-1005: v9), -6 earliest pending upload (KIP-1023: v11). KIP-98 (isolation level: v2),
// KIP-320 (leader epoch: v4), KIP-1075 (timeout: v10).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ListOffsetsResponse;

struct ListOffsetsRequest {
  static constexpr std::string_view schema_name = "ListOffsetsRequest";
  static constexpr int16_t api_key = 2;
  using Response = ListOffsetsResponse;
  static const MessageSchema& schema();

  struct ListOffsetsPartition {
    int32_t partition_index = 0;
    int32_t current_leader_epoch = -1;
    int64_t timestamp = 0;
    int32_t max_num_offsets = 1;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("currentLeaderEpoch", current_leader_epoch, since(4));
      f("timestamp", timestamp);
      f("maxNumOffsets", max_num_offsets, until(0));
    }
  };
  struct ListOffsetsTopic {
    std::string name{};
    std::vector<ListOffsetsPartition> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  int32_t replica_id = 0;
  int8_t isolation_level = 0;
  std::vector<ListOffsetsTopic> topics{};
  int32_t timeout_ms = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("replicaId", replica_id);
    f("isolationLevel", isolation_level, since(2));
    f("topics", topics);
    f("timeoutMs", timeout_ms, since(10));
  }
};

struct ListOffsetsResponse {
  static constexpr std::string_view schema_name = "ListOffsetsResponse";
  static constexpr int16_t api_key = 2;
  static const MessageSchema& schema();

  struct ListOffsetsPartitionResponse {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::vector<int64_t> old_style_offsets{};
    int64_t timestamp = -1;
    int64_t offset = -1;
    int32_t leader_epoch = -1;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
      f("oldStyleOffsets", old_style_offsets, until(0));
      f("timestamp", timestamp, since(1));
      f("offset", offset, since(1));
      f("leaderEpoch", leader_epoch, since(4));
    }
  };
  struct ListOffsetsTopicResponse {
    std::string name{};
    std::vector<ListOffsetsPartitionResponse> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<ListOffsetsTopicResponse> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(2));
    f("topics", topics);
  }
};

}  // namespace brokerlab::kafka
