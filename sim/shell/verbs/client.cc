#include "sim/shell/verbs/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/brokers/kafka_node.h"
#include "sim/shell/snapshot_path.h"

namespace brokerlab {

namespace {

bool has_ended(const NodeStatus& node) {
  return node.state == NodeState::stopped || node.state == NodeState::killed;
}

class StopClientCommand : public Command {
 public:
  explicit StopClientCommand(std::string name) : name_(std::move(name)) {}
  std::optional<int> poll(Job& job) override {
    const LabView view = job.lab().view();
    const NodeStatus* node = view.find(name_);
    if (node != nullptr && !has_ended(*node)) return std::nullopt;
    job.print(name_ + "\n");
    return exit_status::success;
  }

 private:
  std::string name_;
};

}  // namespace

std::string Flags::value(std::string_view name, std::string_view otherwise) const {
  const auto found = values.find(name);
  return found == values.end() ? std::string(otherwise) : found->second;
}

std::optional<Flags> take_flags(std::span<const std::string> words, std::span<const std::string_view> known,
                                Job& job) {
  Flags flags;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (!word.starts_with("--")) {
      flags.words.push_back(word);
      continue;
    }
    if (std::find(known.begin(), known.end(), word) == known.end()) {
      job.complain(Text{fmt::format("no option {}. There are {}", word, fmt::join(known, ", ")),
                        fmt::format("{} 옵션이 없습니다. 있는 것: {}", word, fmt::join(known, ", "))});
      return std::nullopt;
    }
    if (i + 1 == words.size()) {
      job.complain(Text{fmt::format("{} needs a value", word), fmt::format("{} 뒤에 값이 필요합니다", word)});
      return std::nullopt;
    }
    flags.values[word] = words[++i];
  }
  return flags;
}

std::optional<int64_t> whole_number(std::string_view name, const std::string& text, int64_t least,
                                    int64_t most, Job& job) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && number >= least && number <= most)
    return number;
  job.complain(Text{fmt::format("{} takes {} to {}, not {}", name, least, most, text),
                    fmt::format("{} 값은 {}~{}입니다 (입력: {})", name, least, most, text)});
  return std::nullopt;
}

std::vector<Address> client_addresses(const ClusterSpec& spec) {
  std::vector<Address> addresses;
  for (const NodeSpec& node : spec.nodes)
    for (const ListenerSpec& listener : node.listeners)
      if (listener.name == listener_external) addresses.push_back({"127.0.0.1", listener.port});
  return addresses;
}

int add_client(NodeSpec spec, Job& job) {
  const LabView view = job.lab().view();
  const NodeStatus* known = view.find(spec.name);
  if (known != nullptr && known->is_transient && has_ended(*known))
    (void)job.lab().remove(known->id, job.cause());
  const std::string name = spec.name;
  const Result<NodeId> added = job.lab().add(std::move(spec), job.cause());
  if (!added.ok()) {
    job.complain(text_of(added.status()));
    return exit_status::failure;
  }
  job.print(name + "\n");
  return exit_status::success;
}

std::optional<NodeId> running_client(const std::string& name, Job& job) {
  const LabView view = job.lab().view();
  const NodeStatus* node = view.find(name);
  if (node == nullptr || !node->is_transient) {
    job.complain(no_such_node(view, name, job.language()));
    return std::nullopt;
  }
  if (!has_ended(*node)) return node->id;
  job.complain(
      Text{fmt::format("{} has ended. Start it again first", name),
           fmt::format("{} 이미 종료되었습니다. 먼저 다시 시작하세요", with_particle(name, "은/는"))});
  return std::nullopt;
}

Started stop_client(const std::string& name, Job& job) {
  const std::optional<NodeId> node = running_client(name, job);
  if (!node) return exit_status::failure;
  const Status stopped = job.lab().stop(*node, job.cause());
  if (!stopped.ok()) {
    job.complain(text_of(stopped));
    return exit_status::failure;
  }
  return std::make_unique<StopClientCommand>(name);
}

}  // namespace brokerlab
