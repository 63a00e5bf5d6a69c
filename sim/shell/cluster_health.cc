#include "sim/shell/cluster_health.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/brokers/kafka_node.h"
#include "sim/shell/snapshot_path.h"

namespace brokerlab {

const KafkaView* kafka_view(const NodeStatus& node) {
  return node.snapshot == nullptr ? nullptr : std::get_if<KafkaView>(&node.snapshot->view);
}

namespace {

std::string problem_of_node(const NodeStatus& node, const KafkaView& cluster) {
  const KafkaView* kafka = kafka_view(node);
  if (node.state != NodeState::running) return fmt::format("{} is {}", node.name, to_string(node.state));
  if (kafka == nullptr || kafka->state != "running")
    return fmt::format("{} is {}", node.name, kafka == nullptr ? "starting" : kafka->state);
  if (!is_broker(node)) return {};
  const auto is_it = [&](const BrokerRegistrationView& broker) { return broker.broker == kafka->node_id; };
  const auto registration = std::ranges::find_if(cluster.brokers, is_it);
  if (registration == cluster.brokers.end()) return fmt::format("{} is not registered", node.name);
  return registration->fenced ? fmt::format("{} is fenced", node.name) : std::string();
}

std::string problem_of_partition(const PartitionView& partition) {
  const std::string name = TopicPartition{partition.topic, partition.partition}.to_string();
  if (partition.leader == -1) return fmt::format("{} has no leader", name);
  if (partition.isr.size() < partition.replicas.size())
    return fmt::format("{} has {} of {} replicas in sync", name, partition.isr.size(),
                       partition.replicas.size());
  return {};
}

}  // namespace

bool is_broker(const NodeStatus& node) {
  return std::ranges::any_of(node.listeners,
                             [](const ListenerSpec& listener) { return listener.name == listener_external; });
}

std::string cluster_problem(const LabView& view) {
  const KafkaView* cluster = best_informed(view);
  if (cluster == nullptr || cluster->quorum.leader_id == -1) return "no controller";
  for (const NodeStatus& node : view.nodes) {
    if (node.is_transient) continue;
    if (std::string problem = problem_of_node(node, *cluster); !problem.empty()) return problem;
  }
  for (const PartitionView& partition : cluster->partitions)
    if (std::string problem = problem_of_partition(partition); !problem.empty()) return problem;
  return "none";
}

int64_t lag_of(const LabView& view, const ClientView& client) {
  const KafkaView* cluster = best_informed(view);
  if (cluster == nullptr || client.positions.empty()) return -1;
  int64_t lag = 0;
  for (const PartitionView& partition : cluster->partitions) {
    if (partition.topic != client.topic) continue;
    const auto is_it = [&](const auto& entry) {
      return entry.topic == partition.topic && entry.partition == partition.partition;
    };
    const auto position = std::ranges::find_if(client.positions, is_it);
    // It has not heard of this one yet: metadata.max.age.ms.
    if (position == client.positions.end()) continue;
    const ReplicaView* leader = nullptr;
    for (const NodeStatus& node : view.nodes) {
      const KafkaView* kafka = kafka_view(node);
      if (kafka == nullptr || kafka->node_id != partition.leader) continue;
      const auto replica = std::ranges::find_if(kafka->replicas, is_it);
      if (replica != kafka->replicas.end() && replica->role == "leader") leader = &*replica;
    }
    if (leader == nullptr) return -1;
    const int64_t next = position->offset >= 0 ? position->offset : leader->log_start_offset;
    lag += std::max<int64_t>(leader->high_watermark - next, 0);
  }
  return lag;
}

}  // namespace brokerlab
