#include "gui/window_model.h"

#include <algorithm>

namespace brokerlab::gui {
namespace {

bool is_running(const NodeModel& node) {
  return node.look != NodeLook::dead && node.look != NodeLook::paused;
}

/// Whether it still fetches what it misses.
bool can_catch_up(const NodeModel& node) {
  return node.look == NodeLook::alive || node.look == NodeLook::starting || node.look == NodeLook::fenced;
}

bool holds(const std::vector<int32_t>& ids, int32_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// The view whose image is newest; a running node's before a dead one's.
const KafkaView* newest_image(const std::vector<NodeModel>& brokers) {
  const KafkaView* newest = nullptr;
  bool newest_runs = false;
  for (const NodeModel& node : brokers) {
    const KafkaView* view = node.kafka();
    if (view == nullptr) continue;
    const bool runs = is_running(node);
    if (newest == nullptr || (runs && !newest_runs) ||
        (runs == newest_runs && view->metadata_offset > newest->metadata_offset)) {
      newest = view;
      newest_runs = runs;
    }
  }
  return newest;
}

ReplicaModel cell_of(const PartitionView& partition, const NodeModel& node) {
  ReplicaModel cell;
  const KafkaView* view = node.kafka();
  if (view == nullptr || !holds(partition.replicas, view->node_id)) return cell;
  cell.broker = view->node_id;
  for (const ReplicaView& replica : view->replicas) {
    if (replica.topic != partition.topic || replica.partition != partition.partition) continue;
    cell.high_watermark = replica.high_watermark;
    cell.log_end_offset = replica.log_end_offset;
  }
  if (node.look == NodeLook::dead) {
    cell.state = ReplicaState::offline;
  } else if (partition.leader == cell.broker) {
    cell.state = ReplicaState::leader;
  } else if (holds(partition.isr, cell.broker)) {
    cell.state = ReplicaState::in_sync;
  } else {
    cell.state = can_catch_up(node) ? ReplicaState::catching_up : ReplicaState::out_of_sync;
  }
  return cell;
}

}  // namespace

const NodeModel* WindowModel::find(NodeId id) const {
  for (const auto* list : {&brokers, &clients}) {
    for (const NodeModel& node : *list) {
      if (node.id == id) return &node;
    }
  }
  return nullptr;
}

const NodeModel* WindowModel::find(std::string_view name) const {
  for (const auto* list : {&brokers, &clients}) {
    for (const NodeModel& node : *list) {
      if (node.name == name) return &node;
    }
  }
  return nullptr;
}

std::string WindowModel::name_of(NodeId id) const {
  if (const NodeModel* node = find(id)) return node->name;
  const auto known = names.find(id);
  return known == names.end() ? "client" : known->second;
}

std::vector<PartitionModel> partitions_of(const std::vector<NodeModel>& brokers, int& hidden) {
  hidden = 0;
  const KafkaView* image = newest_image(brokers);
  if (image == nullptr) return {};
  std::vector<PartitionModel> rows;
  for (const PartitionView& partition : image->partitions) {
    if (partition.topic.starts_with("__")) {
      ++hidden;
      continue;
    }
    PartitionModel row;
    row.topic = partition.topic;
    row.partition = partition.partition;
    row.leader = partition.leader;
    row.leader_epoch = partition.leader_epoch;
    row.replicas = partition.replicas;
    row.isr = partition.isr;
    for (const NodeModel& node : brokers) row.cells.push_back(cell_of(partition, node));
    rows.push_back(std::move(row));
  }
  return rows;
}

QuorumModel quorum_of(const std::vector<NodeModel>& brokers) {
  QuorumModel quorum;
  for (const NodeModel& node : brokers) {
    const KafkaView* view = node.kafka();
    if (view == nullptr || view->quorum.role.empty() || !is_running(node)) continue;
    quorum.epoch = std::max(quorum.epoch, view->quorum.epoch);
  }
  bool has_leader = false;
  for (const NodeModel& node : brokers) {
    const KafkaView* view = node.kafka();
    if (view == nullptr || view->quorum.role.empty()) continue;
    SeatModel seat;
    seat.node = node.id;
    if (node.look == NodeLook::dead) {
      seat.state = SeatState::gone;
    } else if (view->quorum.role == "leader" && view->quorum.epoch == quorum.epoch) {
      seat.state = SeatState::leader;
      has_leader = true;
    } else if (view->quorum.role == "candidate" || view->quorum.role == "prospective") {
      seat.state = SeatState::candidate;
      seat.votes = view->quorum.votes;
      seat.votes_needed = view->quorum.votes_needed;
    }
    quorum.seats.push_back(seat);
  }
  if (!has_leader && quorum.epoch > 0) quorum.previous_epoch = quorum.epoch - 1;
  return quorum;
}

}  // namespace brokerlab::gui
