// Clusters to start from.
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/bugs.h"
#include "sim/base/settings.h"
#include "sim/runtime/cluster_spec.h"

namespace brokerlab {

inline constexpr int most_brokers = 9;

struct KafkaClusterOptions {
  int brokers = 3;  ///< 1 to most_brokers
  Settings settings;
  Bugs bugs;
  /// EXTERNAL listeners from here on, INTERNAL from 20,000 and CONTROLLER from 30,000 more. 0 takes free
  /// ports.
  int port_base = 9092;
};
inline constexpr int highest_port_base = 35'000;

/// kafka1, kafka2 ...: the node's name, host name and folder.
std::string broker_name(int n);

/// kafka1, kafka2 ...: combined nodes (broker and KRaft controller), all of them voters, node.id 1, 2 ...
/// Listeners EXTERNAL, advertised as 127.0.0.1, INTERNAL and CONTROLLER, advertised as the node's name.
ClusterSpec kafka_cluster(const KafkaClusterOptions& options);

/// "127.0.0.1:9092,127.0.0.1:9093": the EXTERNAL listeners of a cluster, for clients.
std::string bootstrap_servers(const ClusterSpec& spec);

}  // namespace brokerlab
