// The records of `__cluster_metadata` (KIP-631), in the schemas of 4.3.1.
//
// A record's value is a frame version (1), type and version as unsigned varints, then the body in flexible
// encoding. A null in a PartitionChangeRecord means that the field does not change, as do leader -2 and
// recovery state -1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/ids.h"
#include "sim/base/result.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct RegisterBrokerRecord {
  static constexpr std::string_view schema_name = "RegisterBrokerRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 0;
  static constexpr Versions versions{0, 4};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  struct BrokerEndpoint {
    std::string name{};
    std::string host{};
    uint16_t port = 0;
    int16_t security_protocol = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("host", host);
      f("port", port);
      f("securityProtocol", security_protocol);
    }
  };
  struct BrokerFeature {
    std::string name{};
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("minSupportedVersion", min_supported_version);
      f("maxSupportedVersion", max_supported_version);
    }
  };
  int32_t broker_id = 0;
  bool is_migrating_zk_broker = false;
  Uuid incarnation_id{};
  int64_t broker_epoch = 0;
  std::vector<BrokerEndpoint> end_points{};
  std::vector<BrokerFeature> features{};
  std::optional<std::string> rack = "";
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::vector<Uuid> log_dirs{};
  std::optional<std::vector<Uuid>> cordoned_log_dirs{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("brokerId", broker_id);
    f("isMigratingZkBroker", is_migrating_zk_broker, since(2));
    f("incarnationId", incarnation_id);
    f("brokerEpoch", broker_epoch);
    f("endPoints", end_points);
    f("features", features);
    f("rack", rack, nullable);
    f("fenced", fenced);
    f("inControlledShutdown", in_controlled_shutdown, since(1));
    f("logDirs", log_dirs, since(3).tagged(0));
    f("cordonedLogDirs", cordoned_log_dirs, since(4).nullable().tagged(1));
  }
};

struct UnregisterBrokerRecord {
  static constexpr std::string_view schema_name = "UnregisterBrokerRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 1;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int32_t broker_id = 0;
  int64_t broker_epoch = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("brokerId", broker_id);
    f("brokerEpoch", broker_epoch);
  }
};

struct TopicRecord {
  static constexpr std::string_view schema_name = "TopicRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 2;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  std::string name{};
  Uuid topic_id{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("name", name);
    f("topicId", topic_id);
  }
};

struct PartitionRecord {
  static constexpr std::string_view schema_name = "PartitionRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 3;
  static constexpr Versions versions{0, 2};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int32_t partition_id = -1;
  Uuid topic_id{};
  std::vector<int32_t> replicas{};
  std::vector<int32_t> isr{};
  std::vector<int32_t> removing_replicas{};
  std::vector<int32_t> adding_replicas{};
  int32_t leader = -1;
  int8_t leader_recovery_state = 0;
  int32_t leader_epoch = -1;
  int32_t partition_epoch = -1;
  std::vector<Uuid> directories{};
  std::optional<std::vector<int32_t>> eligible_leader_replicas{};
  std::optional<std::vector<int32_t>> last_known_elr{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("partitionId", partition_id);
    f("topicId", topic_id);
    f("replicas", replicas);
    f("isr", isr);
    f("removingReplicas", removing_replicas);
    f("addingReplicas", adding_replicas);
    f("leader", leader);
    f("leaderRecoveryState", leader_recovery_state, always.tagged(0));
    f("leaderEpoch", leader_epoch);
    f("partitionEpoch", partition_epoch);
    f("directories", directories, since(1));
    f("eligibleLeaderReplicas", eligible_leader_replicas, since(2).nullable().tagged(1));
    f("lastKnownElr", last_known_elr, since(2).nullable().tagged(2));
  }
};

struct ConfigRecord {
  static constexpr std::string_view schema_name = "ConfigRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 4;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int8_t resource_type = 0;
  std::string resource_name{};
  std::string name{};
  std::optional<std::string> value = "";
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("resourceType", resource_type);
    f("resourceName", resource_name);
    f("name", name);
    f("value", value, nullable);
  }
};

/// What changed in a partition; null, leader -2 and recovery state -1 mean no change.
struct PartitionChangeRecord {
  static constexpr std::string_view schema_name = "PartitionChangeRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 5;
  static constexpr Versions versions{0, 2};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int32_t partition_id = -1;
  Uuid topic_id{};
  std::optional<std::vector<int32_t>> isr{};
  int32_t leader = -2;
  std::optional<std::vector<int32_t>> replicas{};
  std::optional<std::vector<int32_t>> removing_replicas{};
  std::optional<std::vector<int32_t>> adding_replicas{};
  int8_t leader_recovery_state = -1;
  std::optional<std::vector<Uuid>> directories{};
  std::optional<std::vector<int32_t>> eligible_leader_replicas{};
  std::optional<std::vector<int32_t>> last_known_elr{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("partitionId", partition_id);
    f("topicId", topic_id);
    f("isr", isr, nullable.tagged(0));
    f("leader", leader, always.tagged(1));
    f("replicas", replicas, nullable.tagged(2));
    f("removingReplicas", removing_replicas, nullable.tagged(3));
    f("addingReplicas", adding_replicas, nullable.tagged(4));
    f("leaderRecoveryState", leader_recovery_state, always.tagged(5));
    f("directories", directories, since(1).nullable().tagged(8));
    f("eligibleLeaderReplicas", eligible_leader_replicas, since(2).nullable().tagged(6));
    f("lastKnownElr", last_known_elr, since(2).nullable().tagged(7));
  }
};

struct FenceBrokerRecord {
  static constexpr std::string_view schema_name = "FenceBrokerRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 7;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int32_t id = 0;
  int64_t epoch = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("id", id);
    f("epoch", epoch);
  }
};

struct UnfenceBrokerRecord {
  static constexpr std::string_view schema_name = "UnfenceBrokerRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 8;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int32_t id = 0;
  int64_t epoch = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("id", id);
    f("epoch", epoch);
  }
};

struct RemoveTopicRecord {
  static constexpr std::string_view schema_name = "RemoveTopicRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 9;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  Uuid topic_id{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topicId", topic_id);
  }
};

struct DelegationTokenRecord {
  static constexpr std::string_view schema_name = "DelegationTokenRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 10;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  std::string owner{};
  std::string requester{};
  std::vector<std::string> renewers{};
  int64_t issue_timestamp = 0;
  int64_t max_timestamp = 0;
  int64_t expiration_timestamp = 0;
  std::string token_id{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("owner", owner);
    f("requester", requester);
    f("renewers", renewers);
    f("issueTimestamp", issue_timestamp);
    f("maxTimestamp", max_timestamp);
    f("expirationTimestamp", expiration_timestamp);
    f("tokenId", token_id);
  }
};

struct UserScramCredentialRecord {
  static constexpr std::string_view schema_name = "UserScramCredentialRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 11;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  std::string name{};
  int8_t mechanism = 0;
  Bytes salt{};
  Bytes stored_key{};
  Bytes server_key{};
  int32_t iterations = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("name", name);
    f("mechanism", mechanism);
    f("salt", salt);
    f("storedKey", stored_key);
    f("serverKey", server_key);
    f("iterations", iterations);
  }
};

struct FeatureLevelRecord {
  static constexpr std::string_view schema_name = "FeatureLevelRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 12;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  std::string name{};
  int16_t feature_level = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("name", name);
    f("featureLevel", feature_level);
  }
};

struct ClientQuotaRecord {
  static constexpr std::string_view schema_name = "ClientQuotaRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 14;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  struct EntityData {
    std::string entity_type{};
    std::optional<std::string> entity_name = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("entityType", entity_type);
      f("entityName", entity_name, nullable);
    }
  };
  std::vector<EntityData> entity{};
  std::string key{};
  double value = 0;
  bool remove = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("entity", entity);
    f("key", key);
    f("value", value);
    f("remove", remove);
  }
};

struct ProducerIdsRecord {
  static constexpr std::string_view schema_name = "ProducerIdsRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 15;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  int64_t next_producer_id = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("brokerId", broker_id);
    f("brokerEpoch", broker_epoch);
    f("nextProducerId", next_producer_id);
  }
};

struct BrokerRegistrationChangeRecord {
  static constexpr std::string_view schema_name = "BrokerRegistrationChangeRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 17;
  static constexpr Versions versions{0, 3};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int32_t broker_id = 0;
  int64_t broker_epoch = 0;
  int8_t fenced = 0;
  int8_t in_controlled_shutdown = 0;
  std::vector<Uuid> log_dirs{};
  std::optional<std::vector<Uuid>> cordoned_log_dirs{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("brokerId", broker_id);
    f("brokerEpoch", broker_epoch);
    f("fenced", fenced, always.tagged(0));
    f("inControlledShutdown", in_controlled_shutdown, since(1).tagged(1));
    f("logDirs", log_dirs, since(2).tagged(2));
    f("cordonedLogDirs", cordoned_log_dirs, since(3).nullable().tagged(3));
  }
};

struct AccessControlEntryRecord {
  static constexpr std::string_view schema_name = "AccessControlEntryRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 18;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  Uuid id{};
  int8_t resource_type = 0;
  std::string resource_name{};
  int8_t pattern_type = 0;
  std::string principal{};
  std::string host{};
  int8_t operation = 0;
  int8_t permission_type = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("id", id);
    f("resourceType", resource_type);
    f("resourceName", resource_name);
    f("patternType", pattern_type);
    f("principal", principal);
    f("host", host);
    f("operation", operation);
    f("permissionType", permission_type);
  }
};

struct RemoveAccessControlEntryRecord {
  static constexpr std::string_view schema_name = "RemoveAccessControlEntryRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 19;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  Uuid id{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("id", id);
  }
};

struct NoOpRecord {
  static constexpr std::string_view schema_name = "NoOpRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 20;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&&) {}
};

struct ZkMigrationStateRecord {
  static constexpr std::string_view schema_name = "ZkMigrationStateRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 21;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  int8_t zk_migration_state = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("zkMigrationState", zk_migration_state);
  }
};

struct RemoveUserScramCredentialRecord {
  static constexpr std::string_view schema_name = "RemoveUserScramCredentialRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 22;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  std::string name{};
  int8_t mechanism = 0;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("name", name);
    f("mechanism", mechanism);
  }
};

struct BeginTransactionRecord {
  static constexpr std::string_view schema_name = "BeginTransactionRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 23;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  std::optional<std::string> name{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("name", name, nullable.tagged(0));
  }
};

struct EndTransactionRecord {
  static constexpr std::string_view schema_name = "EndTransactionRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 24;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&&) {}
};

struct AbortTransactionRecord {
  static constexpr std::string_view schema_name = "AbortTransactionRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 25;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  std::optional<std::string> reason{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("reason", reason, nullable.tagged(0));
  }
};

struct RemoveDelegationTokenRecord {
  static constexpr std::string_view schema_name = "RemoveDelegationTokenRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 26;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  std::string token_id{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("tokenId", token_id);
  }
};

struct RegisterControllerRecord {
  static constexpr std::string_view schema_name = "RegisterControllerRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 27;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  struct ControllerEndpoint {
    std::string name{};
    std::string host{};
    uint16_t port = 0;
    int16_t security_protocol = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("host", host);
      f("port", port);
      f("securityProtocol", security_protocol);
    }
  };
  struct ControllerFeature {
    std::string name{};
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("minSupportedVersion", min_supported_version);
      f("maxSupportedVersion", max_supported_version);
    }
  };
  int32_t controller_id = 0;
  Uuid incarnation_id{};
  bool zk_migration_ready = false;
  std::vector<ControllerEndpoint> end_points{};
  std::vector<ControllerFeature> features{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("controllerId", controller_id);
    f("incarnationId", incarnation_id);
    f("zkMigrationReady", zk_migration_ready);
    f("endPoints", end_points);
    f("features", features);
  }
};

struct ClearElrRecord {
  static constexpr std::string_view schema_name = "ClearElrRecord";
  static constexpr Framing framing = Framing::metadata;
  static constexpr int16_t record_type = 28;
  static constexpr Versions versions{0, 0};
  static constexpr int16_t first_flexible = 0;
  static const MessageSchema& schema();

  std::string topic_name{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("topicName", topic_name);
  }
};

using MetadataRecord = std::variant<
    RegisterBrokerRecord, UnregisterBrokerRecord, TopicRecord, PartitionRecord, ConfigRecord,
    PartitionChangeRecord, FenceBrokerRecord, UnfenceBrokerRecord, RemoveTopicRecord, DelegationTokenRecord,
    UserScramCredentialRecord, FeatureLevelRecord, ClientQuotaRecord, ProducerIdsRecord,
    BrokerRegistrationChangeRecord, AccessControlEntryRecord, RemoveAccessControlEntryRecord, NoOpRecord,
    ZkMigrationStateRecord, RemoveUserScramCredentialRecord, BeginTransactionRecord, EndTransactionRecord,
    AbortTransactionRecord, RemoveDelegationTokenRecord, RegisterControllerRecord, ClearElrRecord>;

std::string_view name_of(const MetadataRecord& record);
/// The newest version of the record's schema.
int16_t newest_version(const MetadataRecord& record);

/// The value of a record of `__cluster_metadata`. REQUIRES: a version of the record's schema.
Bytes encode_metadata_record(const MetadataRecord& record, int16_t version);
/// `invalid` for another frame version, an unknown type or version, or a damaged body.
Result<MetadataRecord> decode_metadata_record(const Bytes& value, int16_t* version = nullptr);
std::string to_json(const MetadataRecord& record, int16_t version);

}  // namespace brokerlab::kafka
