#include "sim/shell/description.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/base/fields.h"
#include "sim/shell/snapshot_path.h"

namespace brokerlab {

namespace {

using Json = nlohmann::ordered_json;

const KafkaView* kafka_of(const NodeStatus& node) {
  return node.snapshot ? std::get_if<KafkaView>(&node.snapshot->view) : nullptr;
}
const ClientView* client_of(const NodeStatus& node) {
  return node.snapshot ? std::get_if<ClientView>(&node.snapshot->view) : nullptr;
}

std::string list(const std::vector<int32_t>& ids) {
  return ids.empty() ? "-" : fmt::format("{}", fmt::join(ids, ","));
}

/// Two of the same columns below each other.
class Table {
 public:
  explicit Table(std::string indent) : indent_(std::move(indent)) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string text() const {
    std::vector<size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const auto& row : rows_) {
      std::string line = indent_;
      for (size_t i = 0; i < row.size(); ++i)
        line += i + 1 < row.size() ? fmt::format("{:<{}}  ", row[i], widths[i]) : row[i];
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    }
    return text;
  }

 private:
  std::string indent_;
  std::vector<std::vector<std::string>> rows_;
};

// The words of the protocol stay as they are in both languages, as in Kafka's own tools; headings are translated.

std::string nodes_text(const LabView& view, const KafkaView* cluster) {
  Table table("  ");
  for (const NodeStatus& node : view.nodes) {
    std::string state(to_string(node.state));
    if (node.state == NodeState::stopped) state += fmt::format(" ({})", node.exit_status);
    std::vector<std::string> cells = {node.name, std::move(state), fmt::format("start {}", node.incarnation)};
    if (const KafkaView* kafka = kafka_of(node)) {
      std::string registration = "unregistered";
      if (cluster != nullptr) {
        for (const BrokerRegistrationView& broker : cluster->brokers) {
          if (broker.broker != kafka->node_id) continue;
          registration =
              fmt::format("broker epoch {}{}{}", broker.broker_epoch, broker.fenced ? ", fenced" : "",
                          broker.in_controlled_shutdown ? ", in controlled shutdown" : "");
        }
      }
      cells.push_back(std::move(registration));
      cells.push_back(fmt::format("metadata offset {}", kafka->metadata_offset));
    }
    table.row(std::move(cells));
  }
  return table.text();
}

std::string quorum_text(const LabView& view) {
  Table table("  ");
  for (const NodeStatus& node : view.nodes) {
    const KafkaView* kafka = kafka_of(node);
    if (kafka == nullptr || kafka->quorum.role.empty()) continue;
    const QuorumView& quorum = kafka->quorum;
    table.row({node.name, quorum.role, fmt::format("epoch {}", quorum.epoch),
               fmt::format("leader {}", quorum.leader_id), fmt::format("voted {}", quorum.voted_id),
               fmt::format("end {}", quorum.log_end_offset),
               fmt::format("high watermark {}", quorum.high_watermark)});
  }
  return table.text();
}

std::string partitions_text(const LabView& view, const KafkaView& cluster) {
  std::string text;
  for (const PartitionView& partition : cluster.partitions) {
    const std::string name = TopicPartition{partition.topic, partition.partition}.to_string();
    text += fmt::format("  {}  leader {}  leader epoch {}  partition epoch {}  replicas {}  isr {}  elr {}\n",
                        name, partition.leader, partition.leader_epoch, partition.partition_epoch,
                        list(partition.replicas), list(partition.isr), list(partition.elr));
    Table table("    ");
    for (const NodeStatus& node : view.nodes) {
      const KafkaView* kafka = kafka_of(node);
      if (kafka == nullptr) continue;
      for (const ReplicaView& replica : kafka->replicas) {
        if (replica.topic != partition.topic || replica.partition != partition.partition) continue;
        const bool is_alive = node.state != NodeState::stopped && node.state != NodeState::killed;
        table.row({node.name, is_alive ? replica.role : std::string(to_string(node.state)),
                   fmt::format("epoch {}", replica.leader_epoch),
                   fmt::format("start {}", replica.log_start_offset),
                   fmt::format("high watermark {}", replica.high_watermark),
                   fmt::format("end {}", replica.log_end_offset)});
      }
    }
    text += table.text();
  }
  return text;
}

std::string clients_text(const LabView& view) {
  std::string text;
  for (const NodeStatus& node : view.nodes) {
    const ClientView* client = client_of(node);
    if (client == nullptr) continue;
    text += fmt::format("  {}  {} of {}{}  records {}  failed {}  in flight {}\n", node.name, client->role,
                        client->topic.empty() ? "-" : client->topic,
                        client->role == "producer" ? fmt::format("  acks {}", client->acks) : "",
                        client->records, client->failed, client->in_flight);
    Table table("    ");
    for (const ClientPositionView& position : client->positions)
      table.row({TopicPartition{position.topic, position.partition}.to_string(),
                 fmt::format("offset {}", position.offset), fmt::format("leader {}", position.leader)});
    text += table.text();
  }
  return text;
}

// ---- JSON -------------------------------------------------------------------------------------------------

template <class T>
Json json_of(const T& value);

struct JsonFields {
  Json& object;
  template <class T>
  void operator()(std::string_view name, T& value) {
    object[std::string(name)] = json_of(value);
  }
};

template <class T>
Json json_of(const T& value) {
  if constexpr (is_vector<T>) {
    Json array = Json::array();
    for (const auto& element : value) array.push_back(json_of(element));
    return array;
  } else if constexpr (std::is_class_v<T> && !std::is_same_v<T, std::string>) {
    Json object = Json::object();
    visit_fields(const_cast<T&>(value), JsonFields{object});
    return object;
  } else {
    return value;
  }
}

}  // namespace

std::string describe_cluster(const LabView& view, Language language) {
  const auto heading = [&](const char* english, const char* korean, const std::string& body) {
    const Text nothing{"  none\n", "  없음\n"};
    return "\n" + Text{english, korean}.in(language) + "\n" + (body.empty() ? nothing.in(language) : body);
  };
  const KafkaView* cluster = best_informed(view);
  const int64_t us = view.clock.now.monotonic.nanoseconds / 1'000;
  const std::string at = fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
  std::string text = Text{fmt::format("At {} s, {}, seed {}\n", at, to_string(view.driver), view.seed),
                          fmt::format("{}초 시점, {}, 시드 {}\n", at, to_string(view.driver), view.seed)}
                         .in(language);
  if (cluster != nullptr && !cluster->cluster_id.empty())
    text += Text{"Cluster ", "클러스터 "}.in(language) + cluster->cluster_id + "\n";
  text += heading("Nodes", "노드", nodes_text(view, cluster));
  text += heading("Quorum (what each voter knows)", "쿼럼 (각 보터가 아는 상태)", quorum_text(view));
  text +=
      heading("Partitions, and each replica as its broker has it", "파티션, 그리고 브로커별 레플리카 상태",
              cluster == nullptr ? std::string() : partitions_text(view, *cluster));
  text += heading("Clients", "클라이언트", clients_text(view));
  std::string faults;
  for (const Fault& fault : view.faults) faults += "  " + fault.to_string() + "\n";
  return text + heading("Faults", "장애", faults);
}

std::string describe_cluster_json(const LabView& view) {
  Json nodes = Json::array();
  for (const NodeStatus& node : view.nodes) {
    Json json = {{"name", node.name},
                 {"state", to_string(node.state)},
                 {"incarnation", node.incarnation},
                 {"exit_status", node.exit_status}};
    if (const KafkaView* kafka = kafka_of(node)) json["kafka"] = json_of(*kafka);
    if (const ClientView* client = client_of(node)) json["client"] = json_of(*client);
    nodes.push_back(std::move(json));
  }
  Json faults = Json::array();
  for (const Fault& fault : view.faults) faults.push_back(fault.to_string());
  const KafkaView* cluster = best_informed(view);
  const Json json = {{"at_ns", view.clock.now.monotonic.nanoseconds},
                     {"wall_ms", view.clock.now.wall_ms},
                     {"driver", to_string(view.driver)},
                     {"seed", view.seed},
                     {"best_informed", cluster == nullptr ? Json() : Json(cluster->node_id)},
                     {"nodes", std::move(nodes)},
                     {"faults", std::move(faults)}};
  return json.dump(2) + "\n";
}

}  // namespace brokerlab
