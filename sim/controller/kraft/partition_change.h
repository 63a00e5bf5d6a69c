// What a partition's registration becomes when its ISR, its replicas or the brokers change: leader election, ISR,
// eligible leader replicas and reassignment, by the rules of Kafka's PartitionChangeBuilder.
//
// - The leader stays while it is in the target ISR and alive; else the first in replica order that is; else
//   none.
// - Eligible leader replicas (KIP-966, feature eligible.leader.replicas.version 1): who leaves an ISR that is
//   below min.insync.replicas holds everything committed and stays electable in the ELR. It leads when the ISR is
//   empty. When both are empty the last leader, kept as LastKnownElr, is taken, uncleanly.
// - Without ELR an empty ISR is never written: the last member stays in it when it dies, and leads again when
//   it is back.
// - Unclean (KIP-106), only where enabled: any living replica; it becomes the whole ISR and is RECOVERING
//   (KIP-704).
// - A reassignment (KIP-455) is complete when the target ISR holds every replica that is to stay.
// - The leader epoch grows when the leader changes and when a replica is taken away, the partition epoch with
//   every change.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/settings.h"
#include "sim/controller/kraft/controller_result.h"
#include "sim/controller/metadata/image.h"

namespace brokerlab {

/// In the place of a broker, where settings are asked: the controller decides by what holds for all of them.
inline constexpr int32_t no_broker = -1;

enum class Election : uint8_t {
  online,     ///< only if the leader cannot go on
  preferred,  ///< the first replica, if it can lead
  unclean,    ///< as online, or else any living replica
};

/// Brokers that are about to be something else than the image says.
struct BrokersInChange {
  int32_t joining = no_leader;         ///< is being unfenced: may lead
  int32_t leaving = no_leader;         ///< is being fenced or stops: may not lead, and leaves the ISR
  int32_t lost_its_state = no_leader;  ///< comes back from an unclean shutdown: leaves the ELR as well
};

/// What a partition is to become; begins as what it is.
struct PartitionTarget {
  explicit PartitionTarget(const PartitionRegistration& partition);

  std::vector<int32_t> isr;
  std::vector<int32_t> replicas;
  std::vector<int32_t> adding;
  std::vector<int32_t> removing;
  LeaderRecoveryState leader_recovery_state;
  Election election = Election::online;
};

/// The rules under which a topic's partitions change.
class PartitionChanger {
 public:
  PartitionChanger(const MetadataImage& image, const Settings& settings, const TopicImage& topic,
                   const BrokersInChange& brokers = {});

  /// Unclean where that is enabled for the topic, else online.
  Election automatic_election() const;
  /// The record that brings the partition to its target; empty when nothing changes.
  std::optional<kafka::PartitionChangeRecord> change(const PartitionKey& key,
                                                     const PartitionRegistration& partition,
                                                     PartitionTarget target) const;

 private:
  struct Elected {
    int32_t leader = no_leader;
    bool unclean = false;
  };

  bool may_lead(int32_t broker) const;
  Elected elect(const PartitionRegistration& partition, const PartitionTarget& target,
                const std::vector<int32_t>& elr) const;
  std::vector<int32_t> target_elr(const PartitionRegistration& partition,
                                  const PartitionTarget& target) const;
  void write_assignment(const PartitionRegistration& partition, const PartitionTarget& target,
                        kafka::PartitionChangeRecord& record) const;

  const MetadataImage& image_;
  const Settings& settings_;
  const TopicImage& topic_;
  BrokersInChange brokers_;
  bool has_elr_;
  size_t min_isr_;  ///< min.insync.replicas, at most the replication factor
};

/// Whether a replica outside the ISR may lead this topic: its own setting, or the cluster's.
bool unclean_election_enabled(const MetadataImage& image, const Settings& settings, const TopicImage& topic);
bool is_reassigned(const PartitionRegistration& partition);

/// A broker leaves (fenced, shutting down): out of the ISRs that it is in, other leaders where it led.
void remove_broker_from_partitions(const MetadataImage& image, const Settings& settings, int32_t broker,
                                   MetadataRecords& records);
/// A broker comes back under a new incarnation, before it is registered. One that had not shut down cleanly may
/// have lost what it had written: out of the ISRs and ELRs. A clean one has left the ISRs already, or leaves them.
void handle_new_incarnation(const MetadataImage& image, const Settings& settings, int32_t broker,
                            bool was_clean, MetadataRecords& records);
/// A broker comes (unfenced): it leads the partitions without a leader where it can.
void add_broker_to_leaderless_partitions(const MetadataImage& image, const Settings& settings, int32_t broker,
                                         MetadataRecords& records);
bool has_leaderships(const MetadataImage& image, int32_t broker);

}  // namespace brokerlab
