// OffsetCommit (8): a group member commits offsets. Versions 2 to 10, before Kafka 4 also 0 (then into
// ZooKeeper) and 1.
//
// KIP-211 (the broker decides how long offsets are kept: v5), KIP-320 (leader epoch: v6), KIP-345
// (static members: v7), KIP-848 (member epoch: v9, topic ids: v10).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct OffsetCommitResponse;

struct OffsetCommitRequest {
  static constexpr std::string_view schema_name = "OffsetCommitRequest";
  static constexpr int16_t api_key = 8;
  using Response = OffsetCommitResponse;
  static const MessageSchema& schema();

  struct OffsetCommitRequestPartition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    int64_t commit_timestamp = -1;
    std::optional<std::string> committed_metadata = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("committedOffset", committed_offset);
      f("committedLeaderEpoch", committed_leader_epoch, since(6));
      f("commitTimestamp", commit_timestamp, between(1, 1));
      f("committedMetadata", committed_metadata, nullable);
    }
  };
  struct OffsetCommitRequestTopic {
    std::string name{};
    Uuid topic_id{};
    std::vector<OffsetCommitRequestPartition> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name, until(9));
      f("topicId", topic_id, since(10));
      f("partitions", partitions);
    }
  };
  std::string group_id{};
  int32_t generation_id_or_member_epoch = -1;
  std::string member_id{};
  std::optional<std::string> group_instance_id{};
  int64_t retention_time_ms = -1;
  std::vector<OffsetCommitRequestTopic> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
    f("generationIdOrMemberEpoch", generation_id_or_member_epoch, since(1));
    f("memberId", member_id, since(1));
    f("groupInstanceId", group_instance_id, since(7).nullable());
    f("retentionTimeMs", retention_time_ms, between(2, 4));
    f("topics", topics);
  }
};

struct OffsetCommitResponse {
  static constexpr std::string_view schema_name = "OffsetCommitResponse";
  static constexpr int16_t api_key = 8;
  static const MessageSchema& schema();

  struct OffsetCommitResponsePartition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("errorCode", error_code);
    }
  };
  struct OffsetCommitResponseTopic {
    std::string name{};
    Uuid topic_id{};
    std::vector<OffsetCommitResponsePartition> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name, until(9));
      f("topicId", topic_id, since(10));
      f("partitions", partitions);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<OffsetCommitResponseTopic> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(3));
    f("topics", topics);
  }
};

}  // namespace brokerlab::kafka
