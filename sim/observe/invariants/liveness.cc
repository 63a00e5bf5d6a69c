// Liveness: what must have come true once every fault is healed, every node runs and producers have stopped.
#include <fmt/format.h>

#include <algorithm>

#include "sim/observe/invariants/folds.h"

namespace brokerlab {

namespace {

void check_quorum(ClusterModel& model, const Event& last) {
  int32_t leader = -1;
  int32_t epoch = -1;
  for (const int32_t voter : model.voters) {
    const auto known = model.quorum.find(voter);
    if (known == model.quorum.end() || !model.runs(voter)) continue;
    const QuorumReplicaModel& replica = known->second;
    if (replica.role == "prospective" || replica.role == "candidate")
      model.report.violate("NotStuckInProspective", last,
                           fmt::format("voter {} is {} in epoch {}", voter, replica.role, replica.epoch));
    if (replica.role == "leader" && replica.epoch > epoch) {
      leader = voter;
      epoch = replica.epoch;
    }
  }
  if (model.voters.empty()) return;
  if (leader < 0) {
    model.report.violate("LeadersElected", last, "the quorum has no leader");
    return;
  }
  for (const auto& [id, replica] : model.quorum)
    if (model.runs(id) && (replica.epoch != epoch || replica.leader != leader))
      model.report.violate("MetadataConverges", last,
                           fmt::format("{} follows {} in epoch {}; {} leads the quorum in epoch {}", id,
                                       replica.leader, replica.epoch, leader, epoch));
}

void check_partition(ClusterModel& model, const PartitionModel& partition, const Event& last) {
  const RegistrationModel& registration = partition.registration;
  const std::string name = partition.name.to_string();
  if (registration.leader < 0) {
    model.report.violate("LeadersElected", last,
                         fmt::format("{} has no leader; its epoch is {}", name, registration.leader_epoch));
    return;
  }
  const ReplicaModel* leader = partition.leader();
  for (const int32_t id : registration.replicas) {
    const ReplicaModel* replica = partition.find(id);
    if (!contains(registration.isr, id)) {
      model.report.violate(
          "ReplicasInSync", last,
          fmt::format("{}: {} is not in sync ({})", name, id, fmt::join(registration.isr, ",")));
    } else if (replica != nullptr && leader != nullptr && replica->is_loaded && leader->is_loaded &&
               replica->log.end() != leader->log.end()) {
      model.report.violate("ReplicasInSync", last,
                           fmt::format("{}: the log of {} ends at {}, that of its leader at {}", name, id,
                                       replica->log.end(), leader->log.end()));
    }
    if (replica != nullptr && replica->partition_epoch != registration.partition_epoch)
      model.report.violate("MetadataConverges", last,
                           fmt::format("{}: broker {} has partition epoch {}, the newest is {}", name, id,
                                       replica->partition_epoch, registration.partition_epoch));
  }
}

}  // namespace

void check_liveness(ClusterModel& model, const Event& last) {
  check_quorum(model, last);
  for (const auto& [id, broker] : model.brokers)
    if (model.runs(id) && broker.committed_state != "unfenced")
      model.report.violate("BrokersUnfenced", last,
                           fmt::format("broker {} is {}", id, broker.committed_state));
  for (auto& [name, named] : model.partitions) {
    const PartitionModel* partition = model.of_name(name);
    if (partition == nullptr || partition->is_metadata || partition->is_deleted) continue;
    if (partition->registration.partition_epoch >= 0) check_partition(model, *partition, last);
  }
}

}  // namespace brokerlab
