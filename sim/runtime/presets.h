// Clusters to start from.
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/bugs.h"
#include "sim/base/settings.h"
#include "sim/runtime/cluster_spec.h"

namespace brokerlab {

inline constexpr int most_brokers = 9;
inline constexpr int most_controllers = 9;
/// node.id of controller1. kafka1 stays node 1 however many brokers there are; and the clusters with separate roles that
/// Apache Kafka's behaviour was recorded of (golden/cli/failures) have their controller at 100, so that lines compare.
inline constexpr int32_t first_controller_id = 100;

struct KafkaClusterOptions {
  int brokers = 3;      ///< 1 to most_brokers
  int controllers = 0;  ///< nodes that are nothing but controllers; 0: each broker is a controller too
  Settings settings;
  Bugs bugs;
  /// EXTERNAL listeners from here on, INTERNAL from 20,000 and CONTROLLER from 30,000 more. 0 takes free
  /// ports.
  int port_base = 9092;
};
inline constexpr int highest_port_base = 35'000;

/// kafka1, kafka2 ..., controller1, controller2 ...: the node's name, host name and folder.
std::string broker_name(int n);
std::string controller_name(int n);

/// kafka1, kafka2 ...: combined nodes (broker and KRaft controller), all of them voters, node.id 1, 2 ...
/// Listeners EXTERNAL, advertised as 127.0.0.1, INTERNAL and CONTROLLER, advertised as the node's name.
/// With `controllers`: brokers without CONTROLLER, which only observe the quorum, and behind them controller1,
/// controller2 ... (node.id 100, 101 ...), the voters, which have no other listener.
ClusterSpec kafka_cluster(const KafkaClusterOptions& options);
/// How many of the nodes are brokers; they come first.
int brokers_of(const ClusterSpec& spec);

/// "127.0.0.1:9092,127.0.0.1:9093": the EXTERNAL listeners of a cluster, for clients.
std::string bootstrap_servers(const ClusterSpec& spec);

}  // namespace brokerlab
