// TxnOffsetCommit (28): commits offsets as part of a transaction. Versions 0 to 5.
//
// KIP-98, KIP-320 (leader epoch: v2), KIP-447 (member and generation: v3), KIP-890 (v5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct TxnOffsetCommitResponse;

struct TxnOffsetCommitRequest {
  static constexpr std::string_view schema_name = "TxnOffsetCommitRequest";
  static constexpr int16_t api_key = 28;
  using Response = TxnOffsetCommitResponse;
  static const MessageSchema& schema();

  struct TxnOffsetCommitRequestPartition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("committedOffset", committed_offset);
      f("committedLeaderEpoch", committed_leader_epoch, since(2));
      f("committedMetadata", committed_metadata, nullable);
    }
  };
  struct TxnOffsetCommitRequestTopic {
    std::string name{};
    std::vector<TxnOffsetCommitRequestPartition> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  std::string transactional_id{};
  std::string group_id{};
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  int32_t generation_id = -1;
  std::string member_id{};
  std::optional<std::string> group_instance_id{};
  std::vector<TxnOffsetCommitRequestTopic> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("transactionalId", transactional_id);
    f("groupId", group_id);
    f("producerId", producer_id);
    f("producerEpoch", producer_epoch);
    f("generationId", generation_id, since(3));
    f("memberId", member_id, since(3));
    f("groupInstanceId", group_instance_id, since(3).nullable());
    f("topics", topics);
  }
};

struct TxnOffsetCommitResponse {
  static constexpr std::string_view schema_name = "TxnOffsetCommitResponse";
  static constexpr int16_t api_key = 28;
  static const MessageSchema& schema();

  struct TxnOffsetCommitResponsePartition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
    }
  };
  struct TxnOffsetCommitResponseTopic {
    std::string name{};
    std::vector<TxnOffsetCommitResponsePartition> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<TxnOffsetCommitResponseTopic> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("topics", topics);
  }
};

}  // namespace brokerlab::kafka
