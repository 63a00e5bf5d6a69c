// Kafka's command-line tools inside the lab: each is a client node (sim/tools) that lives as long as its
// command.
#include "sim/tools/tool.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/network/name_table.h"
#include "sim/runtime/presets.h"
#include "sim/shell/recipes.h"
#include "sim/shell/verbs/verb.h"

namespace brokerlab {

namespace {

class ToolCommand : public Command {
 public:
  explicit ToolCommand(NodeId node) : node_(node) {}

  std::optional<int> poll(Job& job) override {
    // State first: what was written before the end is there once the end is seen.
    const LabView view = job.lab().view();
    const auto node = std::find_if(view.nodes.begin(), view.nodes.end(),
                                   [&](const NodeStatus& status) { return status.id == node_; });
    for (OutputChunk& chunk : job.lab().take_output(node_)) job.write(std::move(chunk));
    if (node == view.nodes.end()) return exit_status::failure;
    wants_input_ = node->wants_input;
    if (node->state != NodeState::stopped && node->state != NodeState::killed) return std::nullopt;
    const int status = node->state == NodeState::stopped ? node->exit_status : status_of_sigkill;
    (void)job.lab().remove(node_, job.cause());
    return status;
  }

  bool wants_standard_input() const override { return wants_input_; }
  void standard_input(Job& job, std::string_view bytes) override {
    (void)job.lab().standard_input(node_, {Bytes::copy_of(bytes), false});
  }
  void end_standard_input(Job& job) override { (void)job.lab().standard_input(node_, {{}, true}); }

  std::optional<int> interrupt(Job& job) override {
    (void)job.lab().command(node_, {"interrupt", {}}, job.cause());
    return std::nullopt;
  }

 private:
  static constexpr int status_of_sigkill = 137;
  NodeId node_;
  bool wants_input_ = false;
};

/// The listener that `address` means where the brokers have the guides' ports: kafka1:29092, localhost:9093. A lab
/// on other ports is meant all the same, so that every command of the guides works in it.
std::string address_in_lab(const std::string& address, const ClusterSpec& spec) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return address;
  const std::string host = address.substr(0, colon), port = address.substr(colon + 1);
  constexpr int guide_port_base = 9092;
  KafkaClusterOptions guides;
  guides.brokers = brokers_of(spec);
  guides.controllers = static_cast<int>(spec.nodes.size()) - guides.brokers;
  guides.port_base = guide_port_base;
  for (const NodeSpec& node : kafka_cluster(guides).nodes) {
    const bool is_its_host = host == "localhost" || host == "127.0.0.1" ||
                             NameTable::canonical(host) == NameTable::canonical(node.name);
    for (const ListenerSpec& listener : node.listeners)
      if (is_its_host && std::to_string(listener.port) == port)
        return fmt::format("{}:{}", host, spec.port_of(node.name, listener.name));
  }
  return address;
}

Words with_ports_of_lab(Words arguments, const ClusterSpec& spec) {
  for (size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i - 1] != "--bootstrap-server" && arguments[i - 1] != "--bootstrap-controller") continue;
    std::string addresses;
    for (std::string_view rest = arguments[i]; !rest.empty();) {
      const size_t comma = std::min(rest.find(','), rest.size());
      addresses += (addresses.empty() ? "" : ",") + address_in_lab(std::string(rest.substr(0, comma)), spec);
      rest.remove_prefix(std::min(rest.size(), comma + 1));
    }
    arguments[i] = std::move(addresses);
  }
  return arguments;
}

}  // namespace

std::string tool_name(std::string_view word) {
  const size_t slash = word.rfind('/');
  if (slash != std::string_view::npos) word.remove_prefix(slash + 1);
  constexpr std::string_view suffix = ".sh";
  if (word.ends_with(suffix)) word.remove_suffix(suffix.size());
  return is_tool(word) ? std::string(word) : std::string();
}

Started start_tool(std::string_view name, const Words& words, Job& job) {
  const Words arguments = with_ports_of_lab(words, job.lab().spec());
  NodeSpec spec;
  spec.name = job.lab().free_name(name);
  follow(recipe_of_tool(name, arguments, job.piped()), spec);
  const Result<NodeId> node = job.lab().add(std::move(spec), job.cause());
  if (!node.ok()) {
    job.complain(text_of(node.status()));
    return exit_status::failure;
  }
  return std::make_unique<ToolCommand>(*node);
}

}  // namespace brokerlab
