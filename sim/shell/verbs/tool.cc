// Kafka's command-line tools inside the lab: each is a client node (sim/tools) that lives as long as its
// command.
#include "sim/tools/tool.h"

#include <fmt/format.h>

#include "sim/shell/text_file.h"
#include "sim/shell/verbs/verb.h"

namespace brokerlab {

namespace {

class ToolCommand : public Command {
 public:
  ToolCommand(NodeId node, bool reads) : node_(node), reads_(reads) {}

  std::optional<int> poll(Job& job) override {
    // State first: what was written before the end is there once the end is seen.
    const LabView view = job.lab().view();
    const auto node = std::find_if(view.nodes.begin(), view.nodes.end(),
                                   [&](const NodeStatus& status) { return status.id == node_; });
    for (OutputChunk& chunk : job.lab().take_output(node_)) job.write(std::move(chunk));
    if (node == view.nodes.end()) return exit_failure;
    if (node->state != NodeState::stopped && node->state != NodeState::killed) return std::nullopt;
    const int status = node->state == NodeState::stopped ? node->exit_status : status_of_sigkill;
    (void)job.lab().remove(node_, job.cause());
    return status;
  }

  bool reads_standard_input() const override { return reads_; }
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
  bool reads_;
};

}  // namespace

std::string tool_name(std::string_view word) {
  const size_t slash = word.rfind('/');
  if (slash != std::string_view::npos) word.remove_prefix(slash + 1);
  constexpr std::string_view suffix = ".sh";
  if (word.ends_with(suffix)) word.remove_suffix(suffix.size());
  return is_tool(word) ? std::string(word) : std::string();
}

Started start_tool(std::string_view name, const Words& arguments, Job& job) {
  NodeSpec spec;
  spec.name = job.lab().free_name(name);
  spec.factory = [tool = std::string(name), arguments](const Boot& boot, const ClusterSpec&) {
    ToolEnvironment environment;
    environment.read_file = read_text_file;
    return make_tool(boot, tool, arguments, environment);
  };
  const Result<NodeId> node = job.lab().add(std::move(spec), job.cause());
  if (!node.ok()) {
    job.complain(node.status().message);
    return exit_failure;
  }
  return std::make_unique<ToolCommand>(*node, reads_standard_input(name));
}

}  // namespace brokerlab
