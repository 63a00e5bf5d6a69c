#include "sim/runtime/presets.h"

#include <fmt/format.h>

#include <algorithm>

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

Address address_in(const ClusterSpec& cluster, const std::string& node, std::string_view listener_name) {
  const bool is_for_clients = listener_name == listener_external;
  return {is_for_clients ? "127.0.0.1" : node, cluster.port_of(node, listener_name)};
}

/// What a node has to know of itself and of the others, once the ports are chosen.
KafkaNodeConfig config_of(const std::string& name, int32_t id, const ClusterSpec& cluster,
                          const KafkaClusterOptions& options) {
  KafkaNodeConfig config;
  config.node_id = id;
  config.cluster_id =
      cluster.cluster_id.empty() ? Random(cluster.seed).fork(0).uuid().to_string() : cluster.cluster_id;
  for (const ListenerSpec& own : cluster.nodes[cluster.find(name)->value - 1].listeners)
    config.advertised[own.name] = address_in(cluster, name, own.name);
  config.is_broker = config.advertised.contains(listener_external);
  config.is_controller = config.advertised.contains(listener_controller);
  for (int n = 1; n <= options.controllers; ++n)
    config.voters[first_controller_id + n - 1] = address_in(cluster, controller_name(n), listener_controller);
  for (int n = 1; options.controllers == 0 && n <= options.brokers; ++n)
    config.voters[n] = address_in(cluster, broker_name(n), listener_controller);
  config.settings = options.settings;
  config.bugs = options.bugs;
  return config;
}

}  // namespace

std::string broker_name(int n) { return fmt::format("kafka{}", n); }
std::string controller_name(int n) { return fmt::format("controller{}", n); }

ClusterSpec kafka_cluster(const KafkaClusterOptions& options) {
  BROKERLAB_ASSERT(options.brokers >= 1 && options.brokers <= most_brokers);
  BROKERLAB_ASSERT(options.controllers >= 0 && options.controllers <= most_controllers);
  BROKERLAB_ASSERT(options.port_base >= 0 && options.port_base <= highest_port_base);
  const auto max_request_bytes = static_cast<size_t>(options.settings.number("socket.request.max.bytes"));
  ClusterSpec cluster;
  const auto add_node = [&](const std::string& name, int32_t id) -> NodeSpec& {
    NodeSpec& node = cluster.nodes.emplace_back();
    node.name = name;
    node.limits = connection_limits(options.settings);
    node.factory = [name, id, options](const Boot& boot, const ClusterSpec& made) {
      return make_kafka_node(boot, config_of(name, id, made, options));
    };
    return node;
  };
  const auto add_controller_listener = [&](NodeSpec& node, int n) {
    node.listeners.push_back(
        listener(listener_controller, options.port_base, controller_ports + n - 1, max_request_bytes));
    node.listeners.back().server = SocketServer::controller;
  };
  for (int n = 1; n <= options.brokers; ++n) {
    NodeSpec& node = add_node(broker_name(n), n);
    node.listeners = {
        listener(listener_external, options.port_base, n - 1, max_request_bytes),
        listener(listener_internal, options.port_base, internal_ports + n - 1, max_request_bytes)};
    node.listeners[1].is_protected = true;
    if (options.controllers == 0) add_controller_listener(node, n);
  }
  for (int n = 1; n <= options.controllers; ++n)
    add_controller_listener(add_node(controller_name(n), first_controller_id + n - 1), n);
  return cluster;
}

int brokers_of(const ClusterSpec& spec) {
  return static_cast<int>(std::ranges::count_if(spec.nodes, [](const NodeSpec& node) {
    return std::ranges::any_of(node.listeners,
                               [](const ListenerSpec& own) { return own.name == listener_external; });
  }));
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
