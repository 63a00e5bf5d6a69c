// What the threads of a live lab share of its network: names, links, and for each connection between two nodes
// of the lab what is on its way. The bytes themselves travel over TCP.
//
// Whoever connects enters its local port here before it connects, so that the accepting side knows which node
// it is; a port that is not entered belongs to a client from outside.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "sim/network/links.h"
#include "sim/network/name_table.h"
#include "sim/network/pipe.h"

namespace brokerlab {

/// A connection between two nodes of the lab, shared by their threads.
struct LabConnection {
  std::array<NodeId, 2> nodes;  ///< [0] opened it, [1] accepts it
  std::mutex mutex;
  // Under the mutex:
  std::array<Pipe, 2> pipes;                   ///< [i] from nodes[i] to the other
  std::array<bool, 2> is_open = {true, true};  ///< [i]: nodes[i] still takes what arrives
  bool is_accepted = false;                    ///< nodes[1] has it: it was not left to the system
  // Not under it:
  std::array<std::atomic<bool>, 2> is_dead =
      {};  ///< [i]: what nodes[i] sends is never handed over (half-open)
};

class LiveNetwork {
 public:
  LiveNetwork(LatencyModel latency, uint64_t seed)
      : links_(latency, seed), has_latency_(latency != LatencyModel{}) {}

  void add_name(std::string_view node_name, NodeId node, std::string_view listener, uint16_t port);
  void remove_names(NodeId node);
  std::optional<NameTable::Entry> resolve(const Address& address) const;
  bool is_local(std::string_view host) const;

  std::shared_ptr<LabConnection> make_connection(NodeId opener, NodeId acceptor);
  /// The opener is about to connect from this port.
  void expect(uint16_t local_port, std::shared_ptr<LabConnection> connection);
  /// Who connected from this port; null for a client from outside.
  std::shared_ptr<LabConnection> accepted(uint16_t peer_port);
  /// The connection from this port is over, whether it was accepted or not.
  void forget(uint16_t local_port, const LabConnection& connection);

  bool is_cut(NodeId from, NodeId to, Instant now) const;
  /// Whether what the end at `side` sends waits now.
  bool is_held(const LabConnection& connection, int side, Instant now) const {
    return connection.is_dead[side] || is_cut(connection.nodes[side], connection.nodes[1 - side], now);
  }
  Duration draw_latency(NodeId from, NodeId to);
  /// As Links::transmission.
  Duration transmission(NodeId from, NodeId to, uint64_t bytes, Instant now);
  /// All that is wrong from now on; what waits for a healed link is let go.
  void set_faults(std::vector<LinkFault> faults, Instant now);
  /// Connections between the two go dead (`half-open`). `to`: `no_node` for every other node.
  void kill_connections(NodeId from, NodeId to, bool one_way, Instant now);
  /// When a link that flaps changes next; `never` without one.
  Instant next_flap(Instant now) const;
  /// Lets go what waited for links that have flapped.
  void look(Instant now);

 private:
  void hold_or_release(Instant now);

  mutable std::mutex mutex_;
  NameTable names_;
  Links links_;
  const bool has_latency_;
  std::atomic<bool> has_faults_ = false;  ///< without them and latency nobody need lock
  std::atomic<bool> has_flaps_ = false;
  Instant next_flap_ = never;
  std::map<uint16_t, std::shared_ptr<LabConnection>> expected_;
  std::vector<std::weak_ptr<LabConnection>> connections_;
};

}  // namespace brokerlab
