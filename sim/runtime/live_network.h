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

  bool is_cut(NodeId from, NodeId to) const;
  Duration draw_latency(NodeId from, NodeId to);
  std::vector<Fault> faults() const;
  void set_fault(Fault fault, NodeId from, NodeId to, Instant now);
  /// As Links::heal; what waits for a healed link is let go.
  std::vector<Fault> heal(bool all, NodeId from, NodeId to, Instant now);

 private:
  void hold_or_release(Instant now);

  mutable std::mutex mutex_;
  NameTable names_;
  Links links_;
  const bool has_latency_;
  std::atomic<bool> has_faults_ = false;  ///< without them and latency nobody need lock
  std::map<uint16_t, std::shared_ptr<LabConnection>> expected_;
  std::vector<std::weak_ptr<LabConnection>> connections_;
};

}  // namespace brokerlab
