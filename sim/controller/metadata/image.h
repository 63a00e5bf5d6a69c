// The metadata image: the cluster as the records of `__cluster_metadata` say it is (KIP-500, KIP-631).
//
// One replay path for everyone: the active controller's decisions, the standby controllers, brokers, and a
// restart all change an image only by `replay`. Records are those of Kafka 4.3.1 at metadata.version 30
// (4.3-IV0).
//
// Invariants: the same records give equal images, whoever replays them; a partition's epochs only grow. A
// metadata transaction (KIP-866: Begin, End, Abort) takes effect at its End, or not at all.
//
// Deviations: ACLs, delegation tokens and SCRAM credentials are only carried along, so that a snapshot loses none of
// a cluster of Kafka's; nothing in the lab writes or reads them. Records of ZooKeeper migration are skipped.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/result.h"
#include "sim/wire/kafka/metadata_records.h"

namespace brokerlab {

/// One listener of a broker or controller, as registrations carry it.
struct Endpoint {
  std::string name;
  std::string host;
  uint16_t port = 0;
  int16_t security_protocol = 0;  ///< 0 PLAINTEXT
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// A range of versions of a feature that a node supports.
struct FeatureRange {
  int16_t min = 0;
  int16_t max = 0;
  friend bool operator==(const FeatureRange&, const FeatureRange&) = default;
};

/// Levels of the feature metadata.version that nodes of the lab announce, Kafka 4.3.1's. Clusters begin with
/// the highest, and only its records are written.
inline constexpr FeatureRange supported_metadata_versions{7, 30};
inline constexpr std::string_view elr_feature = "eligible.leader.replicas.version";

/// What nodes of the lab announce, and what a new cluster begins with.
struct SupportedFeature {
  std::string_view name;
  FeatureRange range;
  int16_t level_of_new_clusters = 0;
};
inline constexpr SupportedFeature supported_features[] = {
    {"metadata.version", supported_metadata_versions, supported_metadata_versions.max},
    {elr_feature, {0, 1}, 1},
};

struct BrokerRegistration {
  int32_t id = -1;
  int64_t epoch = -1;  ///< the offset of its RegisterBrokerRecord
  Uuid incarnation_id;
  std::vector<Endpoint> listeners;
  std::map<std::string, FeatureRange> features;
  std::optional<std::string> rack;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::vector<Uuid> directories;
  std::vector<Uuid> cordoned_directories;  ///< those of them that get no new replicas (KIP-1066)
  /// May lead and be in ISRs: neither fenced nor shutting down.
  bool is_active() const { return !fenced && !in_controlled_shutdown; }
  const Endpoint* listener(std::string_view name) const;
  friend bool operator==(const BrokerRegistration&, const BrokerRegistration&) = default;
};

struct ControllerRegistration {
  int32_t id = -1;
  Uuid incarnation_id;
  std::vector<Endpoint> listeners;
  std::map<std::string, FeatureRange> features;
  friend bool operator==(const ControllerRegistration&, const ControllerRegistration&) = default;
};

/// What Fetch and AlterPartition carry as LeaderRecoveryState (KIP-704).
enum class LeaderRecoveryState : int8_t { recovered = 0, recovering = 1 };
inline constexpr int32_t no_leader = -1;
/// PartitionChangeRecord.Leader: the leader, and so the leader epoch, stay.
inline constexpr int32_t no_leader_change = -2;

struct PartitionRegistration {
  std::vector<int32_t> replicas;  ///< the first is the preferred leader
  std::vector<int32_t> isr;
  std::vector<int32_t> removing_replicas;
  std::vector<int32_t> adding_replicas;
  std::vector<int32_t> elr;
  std::vector<int32_t> last_known_elr;
  std::vector<Uuid> directories;  ///< one for each replica
  int32_t leader = no_leader;
  LeaderRecoveryState leader_recovery_state = LeaderRecoveryState::recovered;
  int32_t leader_epoch = 0;     ///< grows when the leader changes
  int32_t partition_epoch = 0;  ///< grows with every change
  friend bool operator==(const PartitionRegistration&, const PartitionRegistration&) = default;
};

/// What a partition becomes by a change.
void apply_change(PartitionRegistration& partition, const kafka::PartitionChangeRecord& change);

struct TopicImage {
  Uuid id;
  std::string name;
  std::map<int32_t, PartitionRegistration> partitions;
  friend bool operator==(const TopicImage&, const TopicImage&) = default;
};

/// Kafka's ConfigResource: what a setting belongs to.
struct ConfigResource {
  static constexpr int8_t topic = 2;
  static constexpr int8_t broker = 4;  ///< an empty name is the default of the whole cluster
  int8_t type = topic;
  std::string name;
  friend auto operator<=>(const ConfigResource&, const ConfigResource&) = default;
};

/// Whom a quota is for (KIP-546): names by entity type ("user", "client-id", "ip"); no name means the default of
/// that type.
using QuotaEntity = std::map<std::string, std::optional<std::string>>;
/// The quotas of one entity by their keys: producer_byte_rate ...
using QuotaValues = std::map<std::string, double>;

struct PartitionKey {
  Uuid topic_id;
  int32_t partition = 0;
  friend auto operator<=>(const PartitionKey&, const PartitionKey&) = default;
};

/// What changed while records were replayed.
struct MetadataDelta {
  std::set<Uuid> created_topics;              ///< not those that were deleted again
  std::map<Uuid, TopicImage> deleted_topics;  ///< as they were; not those that were new themselves
  std::set<PartitionKey>
      changed_partitions;             ///< of topics that exist: new ones and those with another registration
  std::set<int32_t> changed_brokers;  ///< registered, fenced, unfenced, shutting down, unregistered
  std::set<ConfigResource> changed_configs;
  bool features_changed = false;
  bool quotas_changed = false;
  bool empty() const;
};

/// A record that the lab has no use for, as it came.
struct CarriedRecord {
  kafka::MetadataRecord record;
  friend bool operator==(const CarriedRecord& a, const CarriedRecord& b);
};

class MetadataImage {
 public:
  /// Applies the next record and notes in `delta` what changed. `invalid`: the record speaks of something
  /// that does not exist, which no correct controller writes; the image is unchanged then.
  Status replay(const kafka::MetadataRecord& record, MetadataDelta& delta);
  /// Every record up to and including `offset` is in the image (control records count too).
  void advance_to(int64_t offset, int32_t epoch);

  /// The last offset and its leader epoch; -1 when nothing was replayed.
  int64_t offset() const { return offset_; }
  int32_t epoch() const { return epoch_; }

  const std::map<int32_t, BrokerRegistration>& brokers() const { return brokers_; }
  const std::map<int32_t, ControllerRegistration>& controllers() const { return controllers_; }
  const std::map<Uuid, TopicImage>& topics() const { return topics_; }
  const std::map<std::string, Uuid, std::less<>>& topic_ids() const { return topic_ids_; }
  const std::map<std::string, int16_t, std::less<>>& features() const { return features_; }
  const std::map<ConfigResource, std::map<std::string, std::string>>& configs() const { return configs_; }
  const std::map<QuotaEntity, QuotaValues>& client_quotas() const { return client_quotas_; }
  int64_t next_producer_id() const { return next_producer_id_; }
  /// ACLs, SCRAM credentials and delegation tokens, in this order; the keys say nothing else.
  const std::map<std::string, CarriedRecord>& carried() const { return carried_; }
  /// Records are held back until their metadata transaction ends: such an image is not all that its offset says.
  bool is_in_transaction() const { return transaction_.has_value(); }

  const BrokerRegistration* broker(int32_t id) const;
  const TopicImage* topic(Uuid id) const;
  const TopicImage* topic(std::string_view name) const;
  const PartitionRegistration* partition(Uuid topic_id, int32_t partition) const;
  const PartitionRegistration* partition(std::string_view topic, int32_t partition) const;
  /// The settings that were set on this resource itself; empty when there are none.
  const std::map<std::string, std::string>& config(const ConfigResource& resource) const;
  /// The finalized level; 0 when the feature is off.
  int16_t feature(std::string_view name) const;

  friend bool operator==(const MetadataImage&, const MetadataImage&) = default;

 private:
  /// The records of a metadata transaction that has not ended.
  struct Transaction {
    std::vector<kafka::MetadataRecord> records;
    /// One log has one record at each offset, so that their number says which they are.
    friend bool operator==(const Transaction& a, const Transaction& b) {
      return a.records.size() == b.records.size();
    }
  };

  Status apply(const kafka::MetadataRecord& record, MetadataDelta& delta);
  bool carry(const kafka::MetadataRecord& record);

  int64_t offset_ = -1;
  int32_t epoch_ = -1;
  std::map<int32_t, BrokerRegistration> brokers_;
  std::map<int32_t, ControllerRegistration> controllers_;
  std::map<Uuid, TopicImage> topics_;
  std::map<std::string, Uuid, std::less<>> topic_ids_;
  std::map<ConfigResource, std::map<std::string, std::string>> configs_;
  std::map<std::string, int16_t, std::less<>> features_;
  std::map<QuotaEntity, QuotaValues> client_quotas_;
  int64_t next_producer_id_ = 0;
  std::map<std::string, CarriedRecord> carried_;
  std::optional<Transaction> transaction_;
};

/// What a node has to do when `after`, of a snapshot, takes the place of `before` (KIP-630).
MetadataDelta difference(const MetadataImage& before, const MetadataImage& after);

}  // namespace brokerlab
