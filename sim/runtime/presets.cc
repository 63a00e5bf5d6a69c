#include "sim/runtime/presets.h"

#include <fmt/format.h>

#include "sim/base/assert.h"
#include "sim/base/random.h"
#include "sim/brokers/kafka_node.h"

namespace brokerlab {

namespace {

constexpr int internal_ports = 20'000;
constexpr int controller_ports = 30'000;

ListenerSpec listener(std::string_view name, int port_base, int offset, size_t max_frame_bytes) {
  const int port = port_base == 0 ? 0 : port_base + offset;
  return {std::string(name), Protocol::kafka, static_cast<uint16_t>(port), max_frame_bytes};
}

ConnectionLimits connection_limits(const Settings& settings) {
  ConnectionLimits limits;
  limits.max_connections = settings.number("max.connections");
  limits.max_connections_per_host = settings.number("max.connections.per.ip");
  limits.max_idle_ms = settings.number("connections.max.idle.ms");
  limits.queued_max_request_bytes = settings.number("queued.max.request.bytes");
  return limits;
}

/// What kafkaN has to know of itself and of the others, once the ports are chosen.
KafkaNodeConfig config_of(int n, const ClusterSpec& cluster, const KafkaClusterOptions& options) {
  KafkaNodeConfig config;
  config.node_id = n;
  config.cluster_id =
      cluster.cluster_id.empty() ? Random(cluster.seed).fork(0).uuid().to_string() : cluster.cluster_id;
  const std::string name = broker_name(n);
  config.advertised = {
      {std::string(listener_external), {"127.0.0.1", cluster.port_of(name, listener_external)}},
      {std::string(listener_internal), {name, cluster.port_of(name, listener_internal)}},
      {std::string(listener_controller), {name, cluster.port_of(name, listener_controller)}}};
  for (int voter = 1; voter <= options.brokers; ++voter) {
    const std::string voter_name = broker_name(voter);
    config.voters[voter] = {voter_name, cluster.port_of(voter_name, listener_controller)};
  }
  config.settings = options.settings;
  config.bugs = options.bugs;
  return config;
}

}  // namespace

std::string broker_name(int n) { return fmt::format("kafka{}", n); }

ClusterSpec kafka_cluster(const KafkaClusterOptions& options) {
  BROKERLAB_ASSERT(options.brokers >= 1 && options.brokers <= most_brokers);
  BROKERLAB_ASSERT(options.port_base >= 0 && options.port_base <= highest_port_base);
  const auto max_request_bytes = static_cast<size_t>(options.settings.number("socket.request.max.bytes"));
  ClusterSpec cluster;
  for (int n = 1; n <= options.brokers; ++n) {
    NodeSpec node;
    node.name = broker_name(n);
    node.listeners = {
        listener(listener_external, options.port_base, n - 1, max_request_bytes),
        listener(listener_internal, options.port_base, internal_ports + n - 1, max_request_bytes),
        listener(listener_controller, options.port_base, controller_ports + n - 1, max_request_bytes)};
    node.listeners[1].is_protected = true;
    node.listeners[2].server = SocketServer::controller;
    node.limits = connection_limits(options.settings);
    node.factory = [n, options](const Boot& boot, const ClusterSpec& made) {
      return make_kafka_node(boot, config_of(n, made, options));
    };
    cluster.nodes.push_back(std::move(node));
  }
  return cluster;
}

std::string bootstrap_servers(const ClusterSpec& spec) {
  std::string servers;
  for (const NodeSpec& node : spec.nodes) {
    for (const ListenerSpec& listener : node.listeners) {
      if (listener.name != listener_external) continue;
      if (!servers.empty()) servers += ',';
      servers += fmt::format("127.0.0.1:{}", listener.port);
    }
  }
  return servers;
}

}  // namespace brokerlab
