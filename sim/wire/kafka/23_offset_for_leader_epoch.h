// OffsetForLeaderEpoch (23): where a leader epoch ends in the log. Versions 2 to 4, before Kafka 4 also
// 0 and 1.
//
// KIP-101, KIP-320 (current leader epoch: v2), replica id (v3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct OffsetForLeaderEpochResponse;

struct OffsetForLeaderEpochRequest {
  static constexpr std::string_view schema_name = "OffsetForLeaderEpochRequest";
  static constexpr int16_t api_key = 23;
  using Response = OffsetForLeaderEpochResponse;
  static const MessageSchema& schema();

  struct OffsetForLeaderPartition {
    int32_t partition = 0;
    int32_t current_leader_epoch = -1;
    int32_t leader_epoch = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partition", partition);
      f("currentLeaderEpoch", current_leader_epoch, since(2));
      f("leaderEpoch", leader_epoch);
    }
  };
  struct OffsetForLeaderTopic {
    std::string topic{};
    std::vector<OffsetForLeaderPartition> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topic", topic);
      f("partitions", partitions);
    }
  };
  int32_t replica_id = -2;
  std::vector<OffsetForLeaderTopic> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("replicaId", replica_id, since(3));
    f("topics", topics);
  }
};

struct OffsetForLeaderEpochResponse {
  static constexpr std::string_view schema_name = "OffsetForLeaderEpochResponse";
  static constexpr int16_t api_key = 23;
  static const MessageSchema& schema();

  struct EpochEndOffset {
    int16_t error_code = 0;
    int32_t partition = 0;
    int32_t leader_epoch = -1;
    int64_t end_offset = -1;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("errorCode", error_code);
      f("partition", partition);
      f("leaderEpoch", leader_epoch, since(1));
      f("endOffset", end_offset);
    }
  };
  struct OffsetForLeaderTopicResult {
    std::string topic{};
    std::vector<EpochEndOffset> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topic", topic);
      f("partitions", partitions);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<OffsetForLeaderTopicResult> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(2));
    f("topics", topics);
  }
};

}  // namespace brokerlab::kafka
