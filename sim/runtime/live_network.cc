#include "sim/runtime/live_network.h"

#include <algorithm>
#include <utility>

namespace brokerlab {

void LiveNetwork::add_name(std::string_view node_name, NodeId node, std::string_view listener,
                           uint16_t port) {
  const std::lock_guard lock(mutex_);
  names_.add(node_name, node, listener, port);
}

void LiveNetwork::remove_names(NodeId node) {
  const std::lock_guard lock(mutex_);
  names_.remove(node);
}

std::optional<NameTable::Entry> LiveNetwork::resolve(const Address& address) const {
  const std::lock_guard lock(mutex_);
  return names_.resolve(address);
}

bool LiveNetwork::is_local(std::string_view host) const {
  const std::lock_guard lock(mutex_);
  return names_.is_local(host);
}

std::shared_ptr<LabConnection> LiveNetwork::make_connection(NodeId opener, NodeId acceptor) {
  auto connection = std::make_shared<LabConnection>();
  connection->nodes = {opener, acceptor};
  const std::lock_guard lock(mutex_);
  std::erase_if(connections_, [](const auto& known) { return known.expired(); });
  connections_.push_back(connection);
  return connection;
}

void LiveNetwork::expect(uint16_t local_port, std::shared_ptr<LabConnection> connection) {
  const std::lock_guard lock(mutex_);
  expected_[local_port] = std::move(connection);
}

std::shared_ptr<LabConnection> LiveNetwork::accepted(uint16_t peer_port) {
  const std::lock_guard lock(mutex_);
  const auto found = expected_.find(peer_port);
  if (found == expected_.end()) return nullptr;
  std::shared_ptr<LabConnection> connection = std::move(found->second);
  expected_.erase(found);
  return connection;
}

void LiveNetwork::forget(uint16_t local_port, const LabConnection& connection) {
  const std::lock_guard lock(mutex_);
  const auto found = expected_.find(local_port);
  if (found != expected_.end() && found->second.get() == &connection) expected_.erase(found);
}

bool LiveNetwork::is_cut(NodeId from, NodeId to, Instant now) const {
  if (!has_faults_) return false;
  const std::lock_guard lock(mutex_);
  return links_.is_cut(from, to, now);
}

Duration LiveNetwork::draw_latency(NodeId from, NodeId to) {
  if (!has_faults_ && !has_latency_) return {};
  const std::lock_guard lock(mutex_);
  return links_.draw_latency(from, to);
}

Duration LiveNetwork::transmission(NodeId from, NodeId to, uint64_t bytes, Instant now) {
  if (!has_faults_) return {};
  const std::lock_guard lock(mutex_);
  return links_.transmission(from, to, bytes, now);
}

void LiveNetwork::set_faults(std::vector<LinkFault> faults, Instant now) {
  const std::lock_guard lock(mutex_);
  has_faults_ = !faults.empty();
  links_.set_faults(std::move(faults));
  next_flap_ = links_.next_change(now);
  has_flaps_ = next_flap_ != never;
  hold_or_release(now);
}

void LiveNetwork::kill_connections(NodeId from, NodeId to, bool one_way, Instant now) {
  const std::lock_guard lock(mutex_);
  for (const std::weak_ptr<LabConnection>& known : connections_) {
    const std::shared_ptr<LabConnection> connection = known.lock();
    if (connection == nullptr) continue;
    const std::lock_guard connection_lock(connection->mutex);
    if (!connection->is_accepted) continue;
    for (const int side : {0, 1}) {
      const NodeId sender = connection->nodes[side];
      const NodeId receiver = connection->nodes[1 - side];
      const bool is_there = sender == from && (to == no_node || to == receiver);
      const bool is_back = !one_way && receiver == from && (to == no_node || to == sender);
      if (sender != receiver && (is_there || is_back)) connection->is_dead[side] = true;
    }
  }
  hold_or_release(now);
}

Instant LiveNetwork::next_flap(Instant now) const {
  if (!has_flaps_) return never;
  const std::lock_guard lock(mutex_);
  return links_.next_change(now);
}

void LiveNetwork::look(Instant now) {
  if (!has_flaps_) return;
  const std::lock_guard lock(mutex_);
  if (now < next_flap_) return;
  next_flap_ = links_.next_change(now);
  hold_or_release(now);
}

void LiveNetwork::hold_or_release(Instant now) {
  for (const std::weak_ptr<LabConnection>& known : connections_) {
    const std::shared_ptr<LabConnection> connection = known.lock();
    if (connection == nullptr) continue;
    const std::lock_guard lock(connection->mutex);
    for (const int side : {0, 1}) {
      const NodeId from = connection->nodes[side];
      const NodeId to = connection->nodes[1 - side];
      Pipe& pipe = connection->pipes[side];
      const bool is_held = connection->is_dead[side] || links_.is_cut(from, to, now);
      if (is_held && !pipe.empty()) pipe.hold(now);
      if (!is_held && pipe.held_since()) pipe.release(now, links_.draw_latency(from, to));
    }
  }
}

}  // namespace brokerlab
