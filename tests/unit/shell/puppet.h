// A node for tests of the shell and of lessons: it shows what it is told to show.
#pragma once

#include <memory>
#include <string>

#include "sim/base/node.h"
#include "sim/runtime/sandbox.h"
#include "sim/storage/disk.h"

namespace brokerlab {

/// Commands: `leader TOPIC PARTITION LEADER EPOCH ISR...`, `fence BROKER`, `unfence BROKER`, `emit TOPIC` (an event),
/// `stop` (ends after a while, as a controlled shutdown does; a stubborn one never), `close`. It keeps a file.
class Puppet : public Node {
 public:
  static constexpr Duration shutdown_time = milliseconds(300);

  Puppet(int32_t node_id, bool is_stubborn) : is_stubborn_(is_stubborn) {
    view_.node_id = node_id;
    view_.state = "running";
    view_.quorum.role = node_id == 1 ? "leader" : "follower";
    view_.quorum.epoch = 1;
    view_.quorum.leader_id = 1;
    for (int32_t broker = 1; broker <= 3; ++broker)
      view_.brokers.push_back({broker, broker, false, false, {}, 0});
    view_.partitions.push_back({"orders", 0, 1, 0, 0, {1, 2, 3}, {1, 2, 3}, {}, {}});
    view_.partitions.push_back({"orders", 1, 2, 0, 0, {2, 3, 1}, {2, 3, 1}, {}, {}});
    view_.replicas.push_back({"orders", 1, "follower", 0, 0, 5, 7, 512, {}});
  }

  void step(const Now& now, const Input& input, Effects& effects) override {
    if (const auto* command = std::get_if<input::Command>(&input)) obey(now, *command, effects);
    if (std::holds_alternative<input::TimerFired>(input)) effects.end(0);
    if (std::holds_alternative<input::Start>(input))
      (void)effects.disk().replace_file("kept", Bytes::copy_of("something"), Durability::synced);
  }
  std::unique_ptr<Node> clone() const override { return std::make_unique<Puppet>(*this); }
  NodeView describe(const Now&) const override { return view_; }

 private:
  void obey(const Now& now, const input::Command& command, Effects& effects) {
    const auto number = [&](size_t i) { return static_cast<int32_t>(std::stoi(command.arguments[i])); };
    if (command.verb == "close") effects.end(0);
    if (command.verb == "stop" && !is_stubborn_) effects.set_timer({1, 0}, now.monotonic + shutdown_time);
    if (command.verb == "fence" || command.verb == "unfence")
      view_.brokers[static_cast<size_t>(number(0)) - 1].fenced = command.verb == "fence";
    if (command.verb == "emit") {
      event::Acknowledged acknowledged;
      acknowledged.partition = {command.arguments[0], 1};
      effects.emit(acknowledged);
    }
    if (command.verb != "leader") return;
    for (PartitionView& partition : view_.partitions) {
      if (partition.topic != command.arguments[0] || partition.partition != number(1)) continue;
      partition.leader = number(2);
      partition.leader_epoch = number(3);
      partition.isr.clear();
      for (size_t i = 4; i < command.arguments.size(); ++i) partition.isr.push_back(number(i));
    }
  }

  KafkaView view_;
  bool is_stubborn_;
};

/// kafka1, kafka2, kafka3 in a sandbox; `stubborn` never ends when it is told to stop.
inline std::unique_ptr<Sandbox> puppet_lab(std::string_view stubborn = {}) {
  ClusterSpec spec;
  spec.driver = Driver::sandbox;
  spec.seed = 42;
  for (int32_t id = 1; id <= 3; ++id) {
    NodeSpec node;
    node.name = "kafka" + std::to_string(id);
    node.listeners.push_back({"EXTERNAL", Protocol::kafka, static_cast<uint16_t>(9091 + id), 1 << 20});
    const bool is_stubborn = node.name == stubborn;
    node.factory = [id, is_stubborn](const Boot&, const ClusterSpec&) {
      return std::make_unique<Puppet>(id, is_stubborn);
    };
    spec.nodes.push_back(std::move(node));
  }
  auto lab = std::make_unique<Sandbox>(std::move(spec));
  (void)lab->run_for(milliseconds(100));
  return lab;
}

/// Tells one of them, as a test's own hand in the cluster.
inline void tell(Lab& lab, std::string_view node, std::string verb, std::vector<std::string> arguments) {
  (void)lab.command(*lab.find(node), {std::move(verb), std::move(arguments)});
  (void)lab.run_for(milliseconds(100));
}

}  // namespace brokerlab
