// How many connections a live node takes, by Kafka's rules: max.connections (KIP-402), max.connections.per.ip.
//
// Over max.connections a new connection waits until another has gone, so that nobody who is served is cut off.
// The listener between brokers is protected: it always takes one more, and the unprotected connection that was
// quiet longest makes room. Over the limit of its address a new connection is closed at once.
//
// Listeners of one socket server share the limits; Kafka has one server for the broker's listeners and one for
// the controller's. In the lab every node is a host of its own; clients from outside are hosts by their address.
//
// Deviation: no max.connections.per.ip.overrides, as all clients from outside have one address.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace brokerlab {

enum class SocketServer : uint8_t { broker, controller };

struct ConnectionLimits {
  int64_t max_connections = INT32_MAX;
  int64_t max_connections_per_host = INT32_MAX;
  /// Connections on which nothing has moved for so long are closed (connections.max.idle.ms); negative: never.
  int64_t max_idle_ms = -1;
  /// While requests from outside take so much memory, no new ones are read (queued.max.request.bytes); negative:
  /// no limit.
  int64_t queued_max_request_bytes = -1;
};

class ConnectionCounts {
 public:
  explicit ConnectionCounts(const ConnectionLimits& limits) : limits_(limits) {}

  /// Whether a new connection may come in now; if not it waits.
  bool has_slot(SocketServer server, bool is_protected) const {
    return is_protected || total(server) < limits_.max_connections;
  }
  /// Counts it. False when its host has too many: it must be closed then, and `remove` called as for any other.
  bool add(SocketServer server, const std::string& host);
  /// REQUIRES: it was added.
  void remove(SocketServer server, const std::string& host);
  /// A protected listener took one more than there may be: an unprotected one has to go.
  bool is_exceeded(SocketServer server) const { return total(server) > limits_.max_connections; }

 private:
  int64_t total(SocketServer server) const;

  ConnectionLimits limits_;
  std::map<SocketServer, int64_t> totals_;
  std::map<std::pair<SocketServer, std::string>, int64_t> by_host_;
};

}  // namespace brokerlab
