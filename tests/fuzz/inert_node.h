// A node that does nothing, and the cluster of them in which recordings are fuzzed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/runtime/replay.h"

namespace brokerlab::fuzz {

class InertNode : public Node {
 public:
  void step(const Now&, const Input&, Effects&) override {}
  std::unique_ptr<Node> clone() const override { return std::make_unique<InertNode>(); }
  NodeView describe(const Now&) const override { return {}; }
};

inline std::unique_ptr<Node> make_inert_node(const Boot&, const ClusterSpec&) {
  return std::make_unique<InertNode>();
}

inline ClusterSpec inert_cluster() {
  ClusterSpec spec;
  for (const char* name : {"kafka1", "kafka2"})
    spec.nodes.push_back({name, {{"LINE", Protocol::line, 0, 100}}, make_inert_node});
  return spec;
}

inline ReplayMakers inert_makers() {
  return {
      [](const std::vector<std::string>&) -> Result<ClusterSpec> { return inert_cluster(); },
      [](const std::vector<std::string>&) -> Result<NodeFactory> { return NodeFactory(make_inert_node); }};
}

}  // namespace brokerlab::fuzz
