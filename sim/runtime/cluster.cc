#include "sim/runtime/cluster.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/network/name_table.h"
#include "sim/runtime/live.h"
#include "sim/runtime/sandbox.h"

namespace brokerlab {

std::string_view to_string(NodeState state) {
  switch (state) {
    case NodeState::starting:
      return "starting";
    case NodeState::running:
      return "running";
    case NodeState::stopping:
      return "stopping";
    case NodeState::paused:
      return "paused";
    case NodeState::stopped:
      return "stopped";
    case NodeState::killed:
      return "killed";
  }
  return "?";
}

const NodeStatus* LabView::find(std::string_view node_name) const {
  const std::string name = NameTable::canonical(node_name);
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const NodeStatus& node) {
    return NameTable::canonical(node.name) == name;
  });
  return found == nodes.end() ? nullptr : &*found;
}

std::optional<NodeId> Lab::find(std::string_view node_name) {
  const LabView now = view();
  const NodeStatus* node = now.find(node_name);
  return node == nullptr ? std::nullopt : std::optional(node->id);
}

std::string Lab::free_name(std::string_view stem) {
  const LabView now = view();
  for (int n = 1;; ++n) {
    std::string name = fmt::format("{}-{}", stem, n);
    if (now.find(name) == nullptr) return name;
  }
}

Result<Lab::NodePair> Lab::find_pair(std::string_view from, std::string_view to) {
  NodePair pair;
  const LabView now = view();
  for (const auto& [name, node] : {std::pair(from, &pair.from), std::pair(to, &pair.to)}) {
    if (name.empty()) continue;
    const NodeStatus* found = now.find(name);
    if (found == nullptr)
      return Status::error(StatusCode::not_found, fmt::format("no node is called {}", name),
                           fmt::format("{}(이)라는 노드가 없습니다", name));
    *node = found->id;
  }
  return pair;
}

Result<FaultTable::Placed> Lab::place(const Fault& fault) {
  Result<NodePair> nodes = find_pair(fault.from, fault.to);
  if (!nodes) return nodes.status();
  const LabView seen = view();
  FaultTable::Placed placed{fault, nodes->from, nodes->to, now().monotonic};
  placed.fault.from = seen.find(fault.from)->name;
  if (!fault.to.empty()) placed.fault.to = seen.find(fault.to)->name;
  if (placed.from == placed.to)
    return Status::error(StatusCode::invalid, fmt::format("{} has no link to itself", placed.fault.from),
                         fmt::format("{} 자신과의 링크는 없습니다", placed.fault.from));
  if (is_of_disk(fault.kind) && seen.find(fault.from)->is_transient)
    return Status::error(StatusCode::invalid, fmt::format("{} keeps nothing on a disk", placed.fault.from),
                         fmt::format("{}: 디스크를 쓰지 않는 노드입니다", placed.fault.from));
  return placed;
}

Status Lab::no_such_node(NodeId node) {
  return Status::error(StatusCode::not_found, fmt::format("there is no node {}", node.value),
                       fmt::format("노드 {}번이 없습니다", node.value));
}
Status Lab::node_exists(std::string_view name) {
  return Status::error(StatusCode::already_exists, fmt::format("a node is called {} already", name),
                       fmt::format("{}(이)라는 노드가 이미 있습니다", name));
}
Status Lab::already_runs(std::string_view name) {
  return Status::error(StatusCode::already_exists, fmt::format("{} is running", name),
                       fmt::format("노드 {}: 이미 실행 중입니다", name));
}
Status Lab::does_not_run(std::string_view name) {
  return Status::error(StatusCode::unavailable, fmt::format("{} is not running", name),
                       fmt::format("노드 {}: 실행 중이 아닙니다", name));
}
Status Lab::already_paused(std::string_view name) {
  return Status::error(StatusCode::already_exists, fmt::format("{} is paused", name),
                       fmt::format("노드 {}: 이미 일시 정지되어 있습니다", name));
}
Status Lab::is_not_paused(std::string_view name) {
  return Status::error(StatusCode::invalid, fmt::format("{} is not paused", name),
                       fmt::format("노드 {}: 일시 정지 상태가 아닙니다", name));
}
Status Lab::nothing_to_heal() {
  return Status::error(StatusCode::not_found, "there is no such fault to heal", "복구할 장애가 없습니다");
}

Status Lab::nothing_to_damage(const Fault& fault) {
  const std::string where = fault.partition.empty() ? fault.from : fault.from + "/" + fault.partition;
  return Status::error(StatusCode::not_found, fmt::format("there is nothing in {} yet to damage", where),
                       fmt::format("{}: 망가뜨릴 데이터가 아직 없습니다", where));
}

Result<std::unique_ptr<Lab>> make_lab(ClusterSpec spec) {
  if (spec.driver == Driver::sandbox) return std::unique_ptr<Lab>(std::make_unique<Sandbox>(std::move(spec)));
  Result<std::unique_ptr<Live>> live = Live::make(std::move(spec));
  if (!live) return live.status();
  return std::unique_ptr<Lab>(std::move(live).value());
}

}  // namespace brokerlab
