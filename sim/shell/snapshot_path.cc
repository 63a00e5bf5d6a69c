#include "sim/shell/snapshot_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/base/fields.h"
#include "sim/base/settings.h"
#include "sim/shell/cluster_health.h"

namespace brokerlab {

namespace {

// ---- the keys of lists ------------------------------------------------------------------------------------

template <class T>
std::string key_of(const T& element) {
  if constexpr (requires { element.replica; })
    return std::to_string(element.replica);
  else if constexpr (requires { element.broker; })
    return std::to_string(element.broker);
  else
    return TopicPartition{element.topic, element.partition}.to_string();
}

/// Whether `path` begins with `name` as a whole segment; `rest` is what follows it. Topics may contain dots,
/// so paths are matched by the names that exist and not split beforehand.
bool begins_with(std::string_view path, std::string_view name, std::string_view& rest) {
  if (!path.starts_with(name)) return false;
  if (path.size() == name.size()) {
    rest = {};
    return true;
  }
  if (path[name.size()] != '.') return false;
  rest = path.substr(name.size() + 1);
  return true;
}

std::string first_segment(std::string_view path) { return std::string(path.substr(0, path.find('.'))); }

// ---- looking into the structs of views --------------------------------------------------------------------

struct Found {
  bool is_there = false;
  std::string text;
  bool is_broker_id = false;
  std::vector<std::string> known;  ///< names where the path went wrong
  std::string unknown;             ///< and what it said there instead
};

void descend(const auto& value, std::string_view path, std::string_view field, Found& found);

template <class T>
void descend_list(const std::vector<T>& list, std::string_view path, Found& found) {
  std::string_view rest;
  if (begins_with(path, "size", rest) && rest.empty()) {
    found.is_there = true;
    found.text = std::to_string(list.size());
    return;
  }
  if constexpr (std::is_class_v<T>) {
    for (const T& element : list)
      if (begins_with(path, key_of(element), rest)) return descend(element, rest, {}, found);
    for (const T& element : list) found.known.push_back(key_of(element));
    found.known.emplace_back("size");
    found.unknown = first_segment(path);
  } else if (path.empty()) {
    found.is_there = true;
    found.text = fmt::format("{}", fmt::join(list, ","));
  } else {
    found.known.emplace_back("size");
    found.unknown = first_segment(path);
  }
}

/// Finds the field that `path` begins with.
struct FieldFinder {
  std::string_view path;
  Found& found;
  bool is_done = false;
  std::vector<std::string> names;
  void operator()(std::string_view name, const auto& value) {
    if (is_done) return;
    std::string_view rest;
    if (begins_with(path, name, rest)) {
      is_done = true;
      descend(value, rest, name, found);
    } else {
      names.emplace_back(name);
    }
  }
};

void descend(const auto& value, std::string_view path, std::string_view field, Found& found) {
  using T = std::decay_t<decltype(value)>;
  if constexpr (is_vector<T>) {
    descend_list(value, path, found);
  } else if constexpr (requires(T t, FieldFinder f) { t.fields(f); }) {
    FieldFinder finder{path, found, false, {}};
    const_cast<T&>(value).fields(finder);  // the visitor of fields.h takes values that it could change
    if (!finder.is_done) {
      found.known = std::move(finder.names);
      found.unknown = first_segment(path);
    }
  } else if (!path.empty()) {
    found.unknown = first_segment(path);
  } else {
    found.is_there = true;
    found.is_broker_id = field == "leader" || field == "leader_id" || field == "voted_id";
    if constexpr (std::is_same_v<T, bool>)
      found.text = value ? "true" : "false";
    else
      found.text = fmt::format("{}", value);
  }
}

// ---- the lab as a whole -----------------------------------------------------------------------------------

bool is_alive(const NodeStatus& node) {
  return node.state == NodeState::running || node.state == NodeState::stopping;
}

}  // namespace

const KafkaView* best_informed(const LabView& view) {
  const KafkaView* best = nullptr;
  const auto rank = [](const KafkaView& kafka) {
    return std::tuple(kafka.quorum.epoch, kafka.quorum.role == "leader", kafka.metadata_offset);
  };
  for (const NodeStatus& node : view.nodes) {
    const KafkaView* kafka = is_alive(node) ? kafka_view(node) : nullptr;
    if (kafka != nullptr && (best == nullptr || rank(*kafka) > rank(*best))) best = kafka;
  }
  return best;
}

namespace {

std::string broker_name(const LabView& view, std::string_view id) {
  if (id == "-1") return "none";
  for (const NodeStatus& node : view.nodes) {
    const KafkaView* kafka = kafka_view(node);
    if (kafka != nullptr && std::to_string(kafka->node_id) == id) return node.name;
  }
  return {};
}

const PartitionView* find_partition(const KafkaView& kafka, std::string_view path, std::string_view& rest) {
  for (const PartitionView& partition : kafka.partitions)
    if (begins_with(path, key_of(partition), rest)) return &partition;
  return nullptr;
}

Found look_at_brokers(const KafkaView& kafka, std::string_view path) {
  std::vector<int32_t> fenced, unfenced;
  for (const BrokerRegistrationView& broker : kafka.brokers)
    (broker.fenced ? fenced : unfenced).push_back(broker.broker);
  Found found;
  std::string_view rest;
  if (path == "alive") {
    found.is_there = true;
    found.text = std::to_string(unfenced.size());
  } else if (begins_with(path, "unfenced", rest)) {
    descend_list(unfenced, rest, found);
  } else if (begins_with(path, "fenced", rest)) {
    descend_list(fenced, rest, found);
  } else {
    found.known = {"alive", "fenced", "unfenced"};
    found.unknown = first_segment(path);
  }
  return found;
}

Found look_at_controller(const KafkaView& kafka, std::string_view path) {
  // The field is called leader_id after the protocol; `controller.leader` is what people say.
  constexpr std::string_view short_name = "leader", field = "leader_id";
  Found found;
  descend(kafka.quorum, path == short_name ? field : path, {}, found);
  return found;
}

Found look_at_replica(const NodeStatus& node, const std::string& partition, std::string_view path) {
  Found found;
  if (const KafkaView* kafka = kafka_view(node))
    descend(kafka->replicas, partition + "." + std::string(path), {}, found);
  return found;
}

Found look_at_node(const LabView& lab, const NodeStatus& node, std::string_view path) {
  Found found;
  if (path == "state") {
    found.is_there = true;
    found.text = to_string(node.state);
    // A Kafka node that runs says more: starting, recovering, running, stopping.
    if (const KafkaView* kafka = kafka_view(node); kafka != nullptr && node.state == NodeState::running)
      found.text = kafka->state;
    return found;
  }
  if (path == "exit_status") {
    found.is_there = node.state == NodeState::stopped;
    found.text = std::to_string(node.exit_status);
    return found;
  }
  if (node.snapshot == nullptr) return found;
  const auto* client = std::get_if<ClientView>(&node.snapshot->view);
  if (client != nullptr && client->role == "consumer" && path == "lag") {
    found.is_there = true;
    found.text = std::to_string(lag_of(lab, *client));
    return found;
  }
  std::visit(
      [&](const auto& view) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(view)>, std::monostate>)
          descend(view, path, {}, found);
      },
      node.snapshot->view);
  if (std::find(found.known.begin(), found.known.end(), "state") == found.known.end())
    found.known.emplace_back("state");
  return found;
}

/// The names that a path can begin with.
std::vector<std::string> beginnings(const LabView& view, const KafkaView* kafka) {
  std::vector<std::string> names{"brokers", "cluster.problem", "controller"};
  for (const NodeStatus& node : view.nodes)
    if (node.name != "lab") names.push_back(node.name);
  if (kafka != nullptr)
    for (const PartitionView& partition : kafka->partitions)
      if (!partition.topic.starts_with("__")) names.push_back(key_of(partition));
  return names;
}

Found look(const LabView& view, std::string_view path) {
  const KafkaView* kafka = best_informed(view);
  std::string_view rest;
  if (path == "cluster.problem") {
    Found found;
    found.is_there = true;
    found.text = cluster_problem(view);
    return found;
  }
  if (kafka != nullptr) {
    if (begins_with(path, "brokers", rest)) return look_at_brokers(*kafka, rest);
    if (begins_with(path, "controller", rest)) return look_at_controller(*kafka, rest);
    if (const PartitionView* partition = find_partition(*kafka, path, rest)) {
      for (const NodeStatus& node : view.nodes)
        if (std::string_view after; begins_with(rest, node.name, after))
          return look_at_replica(node, key_of(*partition), after);
      Found found;
      descend(*partition, rest, {}, found);
      return found;
    }
  }
  for (const NodeStatus& node : view.nodes)
    if (begins_with(path, node.name, rest)) return look_at_node(view, node, rest);
  Found found;
  found.known = beginnings(view, kafka);
  found.unknown = first_segment(path);
  return found;
}

}  // namespace

Result<PathValue> value_at_path(const LabView& view, std::string_view path, Language language) {
  Found found = look(view, path);
  if (found.is_there) {
    PathValue value;
    if (found.is_broker_id) value.name = broker_name(view, found.text);
    value.text = std::move(found.text);
    return value;
  }
  if (found.known.empty()) {
    return Status::error(
        StatusCode::not_found,
        Text{fmt::format("{} is not known now", path), fmt::format("{} 값을 지금은 알 수 없습니다", path)}.in(
            language));
  }
  const std::string known = fmt::format("{}", fmt::join(found.known, ", "));
  const Text text{fmt::format("no \"{}\" in {}. There: {}", found.unknown, path, known),
                  fmt::format("{}에 \"{}\" 이름이 없습니다. 있는 것: {}", path, found.unknown, known)};
  return Status::error(StatusCode::not_found, text.in(language));
}

std::string no_such_node(const LabView& view, std::string_view name, Language language) {
  std::vector<std::string> names;
  for (const NodeStatus& node : view.nodes) names.push_back(node.name);
  const std::string nodes = fmt::format("{}", fmt::join(names, ", "));
  return Text{fmt::format("no such node \"{}\". Nodes: {}", name, nodes),
              fmt::format("\"{}\" 노드가 없습니다. 노드: {}", name, nodes)}
      .in(language);
}

}  // namespace brokerlab
