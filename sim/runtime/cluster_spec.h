// What a lab consists of before it runs: nodes, their listeners, seed, speed, latency, folders, ports.
//
// How a node is made (`NodeFactory`) lives here, with the driver, never in a node. A factory is called again
// for each incarnation of its node; what a node remembers is on its disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/address.h"
#include "sim/base/node.h"
#include "sim/base/result.h"
#include "sim/network/links.h"
#include "sim/runtime/connection_limits.h"
#include "sim/time/speed.h"

namespace brokerlab {

enum class Driver : uint8_t { live, sandbox };
std::string_view to_string(Driver driver);
std::optional<Driver> parse_driver(std::string_view text);

struct ListenerSpec {
  std::string name;
  Protocol protocol = Protocol::kafka;
  uint16_t port = 0;                  ///< 0: a free one, chosen when the lab is made
  size_t max_frame_bytes = 64 << 10;  ///< a longer frame closes its connection
  SocketServer server = SocketServer::broker;
  bool is_protected = false;  ///< max.connections does not keep anybody out (connection_limits.h)
};

struct ClusterSpec;
class Recorder;

/// Makes one incarnation of a node. The specification has all ports by then.
using NodeFactory = std::function<std::unique_ptr<Node>(const Boot&, const ClusterSpec&)>;

struct NodeSpec {
  std::string name;  ///< also its host name and its folder
  std::vector<ListenerSpec> listeners;
  NodeFactory factory;
  ConnectionLimits limits = {};  ///< of its sockets: live only
  /// Of a node that is added while the lab runs: by what a replay makes its factory again (sim/shell/recipes.h).
  std::vector<std::string> recipe = {};
};

struct ClusterSpec {
  /// Node 0 is the lab itself; these are 1, 2, 3 ... in this order.
  std::vector<NodeSpec> nodes;
  Driver driver = Driver::live;
  uint64_t seed = 1;
  Speed speed;
  LatencyModel latency;
  /// Of a cluster that exists already; empty: drawn from the seed.
  std::string cluster_id;
  /// Live: a folder for each node's folder; empty means a private temporary one, removed at the end.
  std::string data_folder;
  /// Live: what happens is recorded there; null: nowhere.
  std::shared_ptr<Recorder> recorder;
  /// What a tool may read of the machine's files; null: what is there. A replay reads what was there then.
  std::function<Result<std::string>(NodeId reader, const std::string& path)> read_file;
  /// Live: milliseconds since 1970 at lab time zero are the machine's; sandbox: these.
  int64_t sandbox_wall_start_ms = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

  /// 1-based place of the node with this name; nothing when there is none.
  std::optional<NodeId> find(std::string_view node_name) const;
  /// The port of a listener. REQUIRES: both exist.
  uint16_t port_of(std::string_view node_name, std::string_view listener) const;
};

/// The lab itself in the journal: commands and faults are its events.
inline constexpr NodeId lab_node{0};

}  // namespace brokerlab
