// What a partition's registration becomes when its ISR or the brokers change: leader election and ISR.
//
// Kafka's PartitionChangeBuilder without reassignment and with ELR off (eligible.leader.replicas.version 0):
// - The leader stays while it is in the target ISR and alive; else the first in replica order that is; else
//   none.
// - An empty ISR is never written: the last member stays in it when it dies, and leads again when it is back.
// - Unclean (KIP-106), only where enabled: any living replica; it becomes the whole ISR and is RECOVERING
//   (KIP-704).
// - The leader epoch grows when the leader changes, the partition epoch with every change.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sim/base/settings.h"
#include "sim/controller/kraft/controller_result.h"
#include "sim/controller/metadata/image.h"

namespace brokerlab {

enum class Election : uint8_t {
  online,     ///< only if the leader cannot go on
  preferred,  ///< the first replica, if it can lead
  unclean,    ///< as online, or else any living replica
};

struct PartitionTarget {
  std::vector<int32_t> isr;
  LeaderRecoveryState leader_recovery_state = LeaderRecoveryState::recovered;
  Election election = Election::online;
};

/// The record that brings the partition to its target; empty when nothing changes. `may_lead`: whether a
/// broker is an acceptable leader.
std::optional<kafka::PartitionChangeRecord> change_partition(const PartitionKey& key,
                                                             const PartitionRegistration& partition,
                                                             const PartitionTarget& target,
                                                             const std::function<bool(int32_t)>& may_lead);

/// Whether a replica outside the ISR may lead this topic: its own setting, or the cluster's.
bool unclean_election_enabled(const MetadataImage& image, const Settings& settings, const TopicImage& topic);

/// A broker leaves (fenced, shutting down): out of the ISRs that it is in, other leaders where it led.
void remove_broker_from_partitions(const MetadataImage& image, const Settings& settings, int32_t broker,
                                   MetadataRecords& records);
/// A broker comes (unfenced): it leads the partitions without a leader where it can.
void add_broker_to_leaderless_partitions(const MetadataImage& image, const Settings& settings, int32_t broker,
                                         MetadataRecords& records);
bool has_leaderships(const MetadataImage& image, int32_t broker);

}  // namespace brokerlab
