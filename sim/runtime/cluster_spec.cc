#include "sim/runtime/cluster_spec.h"

#include <algorithm>

#include "sim/base/assert.h"

namespace brokerlab {

std::string_view to_string(Driver driver) { return driver == Driver::live ? "live" : "sandbox"; }

std::optional<Driver> parse_driver(std::string_view text) {
  if (text == "live") return Driver::live;
  if (text == "sandbox") return Driver::sandbox;
  return std::nullopt;
}

std::optional<NodeId> ClusterSpec::find(std::string_view node_name) const {
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].name == node_name) return NodeId{static_cast<uint32_t>(i + 1)};
  }
  return std::nullopt;
}

uint16_t ClusterSpec::port_of(std::string_view node_name, std::string_view listener) const {
  const std::optional<NodeId> node = find(node_name);
  BROKERLAB_ASSERT_THAT(node.has_value(), std::string(node_name));
  const std::vector<ListenerSpec>& listeners = nodes[node->value - 1].listeners;
  const auto found = std::find_if(listeners.begin(), listeners.end(),
                                  [&](const ListenerSpec& spec) { return spec.name == listener; });
  BROKERLAB_ASSERT_THAT(found != listeners.end(), std::string(listener));
  return found->port;
}

}  // namespace brokerlab
