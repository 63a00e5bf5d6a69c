// OffsetFetch (9): the committed offsets of groups. Versions 1 to 10, before Kafka 4 also 0 (out of
// ZooKeeper).
//
// From v2, null topics ask for all. KIP-320 (leader epoch: v5), KIP-447 (stable offsets only: v7),
// KIP-709 (several groups: v8), KIP-848 (member epoch: v9, topic ids: v10).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct OffsetFetchResponse;

struct OffsetFetchRequest {
  static constexpr std::string_view schema_name = "OffsetFetchRequest";
  static constexpr int16_t api_key = 9;
  using Response = OffsetFetchResponse;
  static const MessageSchema& schema();

  struct OffsetFetchRequestTopic {
    std::string name{};
    std::vector<int32_t> partition_indexes{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitionIndexes", partition_indexes);
    }
  };
  struct OffsetFetchRequestTopics {
    std::string name{};
    Uuid topic_id{};
    std::vector<int32_t> partition_indexes{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name, until(9));
      f("topicId", topic_id, since(10));
      f("partitionIndexes", partition_indexes);
    }
  };
  struct OffsetFetchRequestGroup {
    std::string group_id{};
    std::optional<std::string> member_id{};
    int32_t member_epoch = -1;
    std::optional<std::vector<OffsetFetchRequestTopics>> topics = std::vector<OffsetFetchRequestTopics>{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("groupId", group_id);
      f("memberId", member_id, since(9).nullable());
      f("memberEpoch", member_epoch, since(9));
      f("topics", topics, nullable);
    }
  };
  std::string group_id{};
  std::optional<std::vector<OffsetFetchRequestTopic>> topics = std::vector<OffsetFetchRequestTopic>{};
  std::vector<OffsetFetchRequestGroup> groups{};
  bool require_stable = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id, until(7));
    f("topics", topics, until(7).nullable_since(2));
    f("groups", groups, since(8));
    f("requireStable", require_stable, since(7));
  }
};

struct OffsetFetchResponse {
  static constexpr std::string_view schema_name = "OffsetFetchResponse";
  static constexpr int16_t api_key = 9;
  static const MessageSchema& schema();

  struct OffsetFetchResponsePartition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata = "";
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("committedOffset", committed_offset);
      f("committedLeaderEpoch", committed_leader_epoch, since(5));
      f("metadata", metadata, nullable);
      f("errorCode", error_code);
    }
  };
  struct OffsetFetchResponseTopic {
    std::string name{};
    std::vector<OffsetFetchResponsePartition> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  struct OffsetFetchResponsePartitions {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata = "";
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partitionIndex", partition_index);
      f("committedOffset", committed_offset);
      f("committedLeaderEpoch", committed_leader_epoch);
      f("metadata", metadata, nullable);
      f("errorCode", error_code);
    }
  };
  struct OffsetFetchResponseTopics {
    std::string name{};
    Uuid topic_id{};
    std::vector<OffsetFetchResponsePartitions> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name, until(9));
      f("topicId", topic_id, since(10));
      f("partitions", partitions);
    }
  };
  struct OffsetFetchResponseGroup {
    std::string group_id{};
    std::vector<OffsetFetchResponseTopics> topics{};
    int16_t error_code = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("groupId", group_id);
      f("topics", topics);
      f("errorCode", error_code);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<OffsetFetchResponseTopic> topics{};
  int16_t error_code = 0;
  std::vector<OffsetFetchResponseGroup> groups{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms, since(3));
    f("topics", topics, until(7));
    f("errorCode", error_code, between(2, 7));
    f("groups", groups, since(8));
  }
};

}  // namespace brokerlab::kafka
