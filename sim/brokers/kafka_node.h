// A Kafka node: one process with the roles {broker, KRaft controller} in it, as the guides' `kafka1` is.
//
// The roles share one Raft client, one disk and one table of incoming connections, and speak to other nodes,
// and to themselves over a listener, only by frames. KRaft mode (KIP-500, KIP-595, KIP-631).
//
// Commands: `stop` (SIGTERM: controlled shutdown, then end 0), `close` (the program ends: checkpoints,
// clean-shutdown mark, end 0 at once).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/address.h"
#include "sim/base/bugs.h"
#include "sim/base/node.h"
#include "sim/base/settings.h"

namespace brokerlab {

/// Names of a Kafka node's listeners, as registrations and the drivers use them.
inline constexpr std::string_view listener_external = "EXTERNAL";
inline constexpr std::string_view listener_internal = "INTERNAL";
inline constexpr std::string_view listener_controller = "CONTROLLER";

struct KafkaNodeConfig {
  int32_t node_id = -1;
  /// 22 characters of URL-safe base64. An empty disk is formatted with it; else the disk says to which
  /// cluster it belongs, and a node with a disk of another cluster is refused by the quorum
  /// (INCONSISTENT_CLUSTER_ID), as in Kafka.
  std::string cluster_id;
  bool is_broker = true;
  bool is_controller = true;
  /// What clients and peers are told, by listener name. A client learns the addresses of the listener it came
  /// in by; brokers reach each other over INTERNAL, everyone the controllers over CONTROLLER.
  std::map<std::string, Address, std::less<>> advertised;
  /// The static quorum: node id and CONTROLLER address of every voter (KIP-595).
  std::map<int32_t, Address> voters;
  Settings settings;
  Bugs bugs;  ///< built in on purpose
};

std::unique_ptr<Node> make_kafka_node(const Boot& boot, KafkaNodeConfig config);

}  // namespace brokerlab
