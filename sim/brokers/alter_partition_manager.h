// Asks the active controller for the in-sync sets that this broker's leaders want (AlterPartition v3,
// KIP-497, KIP-903).
//
// One request at a time with everything that is wanted by then; what it asks counts as pending in the
// partitions until it is answered, or until newer metadata decides otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/brokers/controller_channel.h"
#include "sim/brokers/replica_manager.h"
#include "sim/network/node_step.h"

namespace brokerlab {

class AlterPartitionManager {
 public:
  AlterPartitionManager(int32_t broker_id, NetworkClient::Config network)
      : broker_id_(broker_id), channel_(std::move(network)) {}

  void poll(NodeStep& step, const RaftClient& raft, const MetadataImage& image, ReplicaManager& replicas,
            int64_t broker_epoch);
  Instant next_deadline(const ReplicaManager& replicas) const {
    return !in_flight_ && replicas.has_proposals() ? retry_at_ : never;
  }
  bool owns(const Input& input) const { return channel_.owns(input); }
  void handle(NodeStep& step, const MetadataImage& image, ReplicaManager& replicas, const Input& input);

 private:
  /// Every proposal of the request in flight gets the same error: it was not served.
  void give_back(NodeStep& step, const MetadataImage& image, ReplicaManager& replicas);

  int32_t broker_id_;
  ControllerChannel channel_;
  std::optional<uint64_t> in_flight_;
  std::vector<ReplicaManager::Proposal> asked_;
  Instant retry_at_{};
};

}  // namespace brokerlab
