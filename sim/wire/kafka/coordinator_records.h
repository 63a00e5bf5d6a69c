// The records of `__consumer_offsets`, in which a group coordinator keeps its groups.
//
// A key begins with its record type, a value with the version of its schema; a null value removes what
// the key names. Types 0 and 1 are committed offsets, 2 classic groups, 3 to 8 and 16 consumer groups
// (KIP-848). Those of share groups (10 to 15) and streams groups (17 to 23) are not declared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/ids.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

/// The first form of a committed offset; not written any more.
struct LegacyOffsetCommitKey {
  static constexpr std::string_view schema_name = "LegacyOffsetCommitKey";
  static constexpr Framing framing = Framing::record_type;
  static constexpr int16_t record_type = 0;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  std::string group{};
  std::string topic{};
  int32_t partition = 0;
  template <class F>
  void fields(F&& f) {
    f("group", group);
    f("topic", topic);
    f("partition", partition);
  }
};

struct LegacyOffsetCommitValue {
  static constexpr std::string_view schema_name = "LegacyOffsetCommitValue";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  int64_t offset = 0;
  std::string metadata{};
  int64_t commit_timestamp = 0;
  template <class F>
  void fields(F&& f) {
    f("offset", offset);
    f("metadata", metadata);
    f("commitTimestamp", commit_timestamp);
  }
};

struct OffsetCommitKey {
  static constexpr std::string_view schema_name = "OffsetCommitKey";
  static constexpr Framing framing = Framing::record_type;
  static constexpr int16_t record_type = 1;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  std::string group{};
  std::string topic{};
  int32_t partition = 0;
  template <class F>
  void fields(F&& f) {
    f("group", group);
    f("topic", topic);
    f("partition", partition);
  }
};

/// KIP-211 (no expiry: v2), KIP-320 (leader epoch: v3), KIP-848 (topic id, a tagged field: v4).
struct OffsetCommitValue {
  static constexpr std::string_view schema_name = "OffsetCommitValue";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 4};
  static constexpr int16_t first_flexible = 4;
  static const MessageSchema& schema();

  int64_t offset = 0;
  int32_t leader_epoch = -1;
  std::string metadata{};
  int64_t commit_timestamp = 0;
  int64_t expire_timestamp = -1;
  Uuid topic_id{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("offset", offset);
    f("leaderEpoch", leader_epoch, since(3));
    f("metadata", metadata);
    f("commitTimestamp", commit_timestamp);
    f("expireTimestamp", expire_timestamp, between(1, 1));
    f("topicId", topic_id, since(4).tagged(0));
  }
};

struct GroupMetadataKey {
  static constexpr std::string_view schema_name = "GroupMetadataKey";
  static constexpr Framing framing = Framing::record_type;
  static constexpr int16_t record_type = 2;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  std::string group{};
  template <class F>
  void fields(F&& f) {
    f("group", group);
  }
};

/// KIP-345 (static members: v3).
struct GroupMetadataValue {
  static constexpr std::string_view schema_name = "GroupMetadataValue";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 4};
  static constexpr int16_t first_flexible = 4;
  static const MessageSchema& schema();

  struct MemberMetadata {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    std::string client_id{};
    std::string client_host{};
    int32_t rebalance_timeout = -1;
    int32_t session_timeout = 0;
    Bytes subscription{};
    Bytes assignment{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("memberId", member_id);
      f("groupInstanceId", group_instance_id, since(3).nullable());
      f("clientId", client_id);
      f("clientHost", client_host);
      f("rebalanceTimeout", rebalance_timeout, since(1));
      f("sessionTimeout", session_timeout);
      f("subscription", subscription);
      f("assignment", assignment);
    }
  };
  std::string protocol_type{};
  int32_t generation = 0;
  std::optional<std::string> protocol = "";
  std::optional<std::string> leader = "";
  int64_t current_state_timestamp = -1;
  std::vector<MemberMetadata> members{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("protocolType", protocol_type);
    f("generation", generation);
    f("protocol", protocol, nullable);
    f("leader", leader, nullable);
    f("currentStateTimestamp", current_state_timestamp, since(2));
    f("members", members);
  }
};

struct ConsumerGroupMetadataKey {
  static constexpr std::string_view schema_name = "ConsumerGroupMetadataKey";
  static constexpr Framing framing = Framing::record_type;
  static constexpr int16_t record_type = 3;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  std::string group_id{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
  }
};

struct ConsumerGroupMetadataValue {
  static constexpr std::string_view schema_name = "ConsumerGroupMetadataValue";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int32_t epoch = 0;
  int64_t metadata_hash = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("epoch", epoch);
    f("metadataHash", metadata_hash, always.tagged(0));
  }
};

/// KIP-1101: Kafka 4.1 and later keep a hash of the metadata instead.
struct ConsumerGroupPartitionMetadataKey {
  static constexpr std::string_view schema_name = "ConsumerGroupPartitionMetadataKey";
  static constexpr Framing framing = Framing::record_type;
  static constexpr int16_t record_type = 4;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  std::string group_id{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
  }
};

struct ConsumerGroupPartitionMetadataValue {
  static constexpr std::string_view schema_name = "ConsumerGroupPartitionMetadataValue";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  struct PartitionMetadata {
    int32_t partition = 0;
    std::vector<std::string> racks{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("partition", partition);
      f("racks", racks);
    }
  };
  struct TopicMetadata {
    Uuid topic_id{};
    std::string topic_name{};
    int32_t num_partitions = 0;
    std::vector<PartitionMetadata> partition_metadata{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicId", topic_id);
      f("topicName", topic_name);
      f("numPartitions", num_partitions);
      f("partitionMetadata", partition_metadata);
    }
  };
  std::vector<TopicMetadata> topics{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topics", topics);
  }
};

struct ConsumerGroupMemberMetadataKey {
  static constexpr std::string_view schema_name = "ConsumerGroupMemberMetadataKey";
  static constexpr Framing framing = Framing::record_type;
  static constexpr int16_t record_type = 5;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  std::string group_id{};
  std::string member_id{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
    f("memberId", member_id);
  }
};

struct ConsumerGroupMemberMetadataValue {
  static constexpr std::string_view schema_name = "ConsumerGroupMemberMetadataValue";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  struct ClassicProtocol {
    std::string name{};
    Bytes metadata{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("metadata", metadata);
    }
  };
  struct ClassicMemberMetadata {
    int32_t session_timeout_ms = 0;
    std::vector<ClassicProtocol> supported_protocols{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("sessionTimeoutMs", session_timeout_ms);
      f("supportedProtocols", supported_protocols);
    }
  };
  std::optional<std::string> instance_id = "";
  std::optional<std::string> rack_id = "";
  std::string client_id{};
  std::string client_host{};
  std::vector<std::string> subscribed_topic_names{};
  std::optional<std::string> subscribed_topic_regex = "";
  int32_t rebalance_timeout_ms = -1;
  std::optional<std::string> server_assignor = "";
  std::optional<ClassicMemberMetadata> classic_member_metadata = ClassicMemberMetadata{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("instanceId", instance_id, nullable);
    f("rackId", rack_id, nullable);
    f("clientId", client_id);
    f("clientHost", client_host);
    f("subscribedTopicNames", subscribed_topic_names);
    f("subscribedTopicRegex", subscribed_topic_regex, nullable);
    f("rebalanceTimeoutMs", rebalance_timeout_ms);
    f("serverAssignor", server_assignor, nullable);
    f("classicMemberMetadata", classic_member_metadata, nullable.tagged(0));
  }
};

struct ConsumerGroupTargetAssignmentMetadataKey {
  static constexpr std::string_view schema_name = "ConsumerGroupTargetAssignmentMetadataKey";
  static constexpr Framing framing = Framing::record_type;
  static constexpr int16_t record_type = 6;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  std::string group_id{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
  }
};

struct ConsumerGroupTargetAssignmentMetadataValue {
  static constexpr std::string_view schema_name = "ConsumerGroupTargetAssignmentMetadataValue";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int32_t assignment_epoch = 0;
  int64_t assignment_timestamp = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("assignmentEpoch", assignment_epoch);
    f("assignmentTimestamp", assignment_timestamp, always.tagged(0));
  }
};

struct ConsumerGroupTargetAssignmentMemberKey {
  static constexpr std::string_view schema_name = "ConsumerGroupTargetAssignmentMemberKey";
  static constexpr Framing framing = Framing::record_type;
  static constexpr int16_t record_type = 7;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  std::string group_id{};
  std::string member_id{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
    f("memberId", member_id);
  }
};

struct ConsumerGroupTargetAssignmentMemberValue {
  static constexpr std::string_view schema_name = "ConsumerGroupTargetAssignmentMemberValue";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  struct TopicPartition {
    Uuid topic_id{};
    std::vector<int32_t> partitions{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicId", topic_id);
      f("partitions", partitions);
    }
  };
  std::vector<TopicPartition> topic_partitions{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topicPartitions", topic_partitions);
  }
};

struct ConsumerGroupCurrentMemberAssignmentKey {
  static constexpr std::string_view schema_name = "ConsumerGroupCurrentMemberAssignmentKey";
  static constexpr Framing framing = Framing::record_type;
  static constexpr int16_t record_type = 8;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  std::string group_id{};
  std::string member_id{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
    f("memberId", member_id);
  }
};

struct ConsumerGroupCurrentMemberAssignmentValue {
  static constexpr std::string_view schema_name = "ConsumerGroupCurrentMemberAssignmentValue";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  struct TopicPartitions {
    Uuid topic_id{};
    std::vector<int32_t> partitions{};
    std::optional<std::vector<int32_t>> assignment_epochs = std::vector<int32_t>{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("topicId", topic_id);
      f("partitions", partitions);
      f("assignmentEpochs", assignment_epochs, nullable.tagged(0));
    }
  };
  int32_t member_epoch = 0;
  int32_t previous_member_epoch = 0;
  int8_t state = 0;
  std::vector<TopicPartitions> assigned_partitions{};
  std::vector<TopicPartitions> partitions_pending_revocation{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("memberEpoch", member_epoch);
    f("previousMemberEpoch", previous_member_epoch);
    f("state", state);
    f("assignedPartitions", assigned_partitions);
    f("partitionsPendingRevocation", partitions_pending_revocation);
  }
};

struct ConsumerGroupRegularExpressionKey {
  static constexpr std::string_view schema_name = "ConsumerGroupRegularExpressionKey";
  static constexpr Framing framing = Framing::record_type;
  static constexpr int16_t record_type = 16;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = INT16_MAX;
  static const MessageSchema& schema();

  std::string group_id{};
  std::string regular_expression{};
  template <class F>
  void fields(F&& f) {
    f("groupId", group_id);
    f("regularExpression", regular_expression);
  }
};

struct ConsumerGroupRegularExpressionValue {
  static constexpr std::string_view schema_name = "ConsumerGroupRegularExpressionValue";
  static constexpr Framing framing = Framing::version;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  std::vector<std::string> topics{};
  int64_t version = 0;
  int64_t timestamp = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topics", topics);
    f("version", version);
    f("timestamp", timestamp);
  }
};

}  // namespace brokerlab::kafka
