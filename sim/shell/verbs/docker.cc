// docker stop|start|restart|kill|pause|unpause|ps|logs|exec: a node is what a container is in the guides. Output and
// errors follow docker's, except that an unknown node is answered with the nodes there are.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/shell/snapshot_path.h"
#include "sim/shell/verbs/verb.h"
#include "sim/tools/tool_output.h"

namespace brokerlab {

namespace {

/// docker's grace between SIGTERM and SIGKILL.
constexpr Duration default_grace = seconds(10);
constexpr int status_of_sigkill = 137;

bool is_up(NodeState state) { return state != NodeState::stopped && state != NodeState::killed; }

/// Whom `all` means: of the cluster's nodes those that the verb can do something with.
bool is_meant_by_all(std::string_view verb, NodeState state) {
  if (verb == "start") return !is_up(state);
  if (verb == "unpause") return state == NodeState::paused;
  if (verb == "pause") return is_up(state) && state != NodeState::paused;
  return verb == "restart" || is_up(state);
}

/// The nodes named after `words[1]`; nothing, with a complaint, when one does not exist.
std::optional<std::vector<NodeStatus>> named_nodes(std::string_view verb, std::span<const std::string> names,
                                                   const LabView& view, Job& job) {
  std::vector<NodeStatus> nodes;
  for (const std::string& name : names) {
    if (name == "all" && view.find(name) == nullptr) {
      for (const NodeStatus& node : view.nodes)
        if (!node.is_transient && is_meant_by_all(verb, node.state)) nodes.push_back(node);
      continue;
    }
    const NodeStatus* node = view.find(name);
    if (node == nullptr) {
      job.complain(no_such_node(view, name, job.language()));
      return std::nullopt;
    }
    nodes.push_back(*node);
  }
  return nodes;
}

int complain_of(const Status& status, Job& job) {
  job.complain("Error response from daemon: " + status.message);
  return exit_status::failure;
}

/// SIGTERM to every node, then, one after the other as docker does, its end is awaited; who has not ended after
/// the grace is killed. `restart` starts each again.
class StopCommand : public Command {
 public:
  StopCommand(std::vector<NodeStatus> nodes, Duration grace, bool restarts)
      : nodes_(std::move(nodes)), grace_(grace), restarts_(restarts) {}

  std::optional<int> poll(Job& job) override {
    while (next_ < nodes_.size()) {
      const NodeStatus& node = nodes_[next_];
      if (!is_told_) {
        is_told_ = true;
        kill_at_ = job.lab().now().monotonic + grace_;
        const std::optional<int> problem = tell(node, job);
        if (problem) return problem;
      }
      const LabView view = job.lab().view();
      const NodeStatus* now = view.find(node.name);
      if (now != nullptr && is_up(now->state)) {
        if (job.lab().now().monotonic < kill_at_) return std::nullopt;
        const Status killed = job.lab().kill(node.id, job.cause());
        if (!killed.ok()) return complain_of(killed, job);
      }
      if (restarts_) {
        const Status started = job.lab().start(node.id, job.cause());
        if (!started.ok()) return complain_of(started, job);
      }
      job.print(node.name + "\n");
      ++next_;
      is_told_ = false;
    }
    return exit_status::success;
  }

  Instant deadline() const override { return kill_at_; }

 private:
  std::optional<int> tell(const NodeStatus& node, Job& job) {
    const LabView view = job.lab().view();
    const NodeStatus* now = view.find(node.name);
    if (now == nullptr || !is_up(now->state)) return std::nullopt;
    // A paused process takes SIGTERM when it goes on; docker thaws it first.
    if (now->state == NodeState::paused) {
      const Status resumed = job.lab().resume(node.id, job.cause());
      if (!resumed.ok()) return complain_of(resumed, job);
    }
    const Status stopped = job.lab().stop(node.id, job.cause());
    if (!stopped.ok()) return complain_of(stopped, job);
    return std::nullopt;
  }

  std::vector<NodeStatus> nodes_;
  Duration grace_;
  bool restarts_;
  size_t next_ = 0;
  bool is_told_ = false;
  Instant kill_at_ = never;
};

Started stop_or_restart(const Words& words, bool restarts, Job& job) {
  Duration grace = default_grace;
  Words names;
  for (size_t i = 2; i < words.size(); ++i) {
    const bool is_option = words[i] == "-t" || words[i] == "--time" || words[i] == "--timeout";
    if (!is_option) {
      names.push_back(words[i]);
      continue;
    }
    int64_t grace_seconds = 0;
    const std::string value = i + 1 < words.size() ? words[++i] : "";
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), grace_seconds);
    constexpr int64_t longest = 3600;
    if (error != std::errc{} || end != value.data() + value.size() || grace_seconds < 0 ||
        grace_seconds > longest) {
      job.complain(Text{"--time takes seconds from 0 to 3600", "--time은 0~3600초입니다"});
      return exit_status::usage;
    }
    grace = seconds(grace_seconds);
  }
  if (names.empty()) return refuse_usage(docker_verb(), words, job);
  std::optional<std::vector<NodeStatus>> nodes = named_nodes(words[1], names, job.lab().view(), job);
  if (!nodes) return exit_status::failure;
  return std::make_unique<StopCommand>(std::move(*nodes), grace, restarts);
}

/// Verbs that are done at once, one node after the other.
int each_node(const Words& words, Job& job, std::optional<Status> (*act)(const NodeStatus&, Job&)) {
  if (words.size() < 3) return refuse_usage(docker_verb(), words, job);
  const std::optional<std::vector<NodeStatus>> nodes =
      named_nodes(words[1], std::span(words).subspan(2), job.lab().view(), job);
  if (!nodes) return exit_status::failure;
  int status = exit_status::success;
  for (const NodeStatus& node : *nodes) {
    const std::optional<Status> done = act(node, job);
    if (done && !done->ok())
      status = complain_of(*done, job);
    else
      job.print(node.name + "\n");
  }
  return status;
}

Status refused(std::string message) { return Status::error(StatusCode::invalid, std::move(message)); }

std::optional<Status> start_node(const NodeStatus& node, Job& job) {
  if (is_up(node.state)) return std::nullopt;  // docker says nothing of it either
  return job.lab().start(node.id, job.cause());
}

std::optional<Status> kill_node(const NodeStatus& node, Job& job) {
  if (!is_up(node.state))
    return refused(fmt::format("cannot kill container: {0}: container {0} is not running", node.name));
  return job.lab().kill(node.id, job.cause());
}

std::optional<Status> pause_node(const NodeStatus& node, Job& job) {
  if (node.state == NodeState::paused)
    return refused(fmt::format("container {} is already paused", node.name));
  if (!is_up(node.state)) return refused(fmt::format("container {} is not running", node.name));
  return job.lab().pause(node.id, job.cause());
}

std::optional<Status> unpause_node(const NodeStatus& node, Job& job) {
  if (node.state != NodeState::paused) return refused(fmt::format("container {} is not paused", node.name));
  return job.lab().resume(node.id, job.cause());
}

// ---- docker ps --------------------------------------------------------------------------------------------

std::string status_column(const NodeStatus& node) {
  switch (node.state) {
    case NodeState::starting:
    case NodeState::running:
    case NodeState::stopping:
      return "Up";
    case NodeState::paused:
      return "Up (Paused)";
    case NodeState::stopped:
      return fmt::format("Exited ({})", node.exit_status);
    case NodeState::killed:
      return fmt::format("Exited ({})", status_of_sigkill);
  }
  return {};
}

std::string ports_column(const NodeStatus& node) {
  if (!is_up(node.state)) return {};
  std::string ports;
  for (const ListenerSpec& listener : node.listeners)
    ports += fmt::format("{}127.0.0.1:{}->{}/tcp", ports.empty() ? "" : ", ", listener.port, listener.port);
  return ports;
}

/// As `docker ps --format "table {{.Names}}\t{{.Status}}\t{{.Ports}}"` lays it out: three blanks between the
/// columns. The other columns of docker (image, command, created) mean nothing here.
int list_nodes(const Words& words, Job& job) {
  bool all = false;
  for (size_t i = 2; i < words.size(); ++i) {
    if (words[i] != "-a" && words[i] != "--all") return refuse_usage(docker_verb(), words, job);
    all = true;
  }
  std::vector<std::array<std::string, 3>> rows{{"NAMES", "STATUS", "PORTS"}};
  const LabView view = job.lab().view();
  for (const NodeStatus& node : view.nodes)
    if (all || is_up(node.state)) rows.push_back({node.name, status_column(node), ports_column(node)});
  std::array<size_t, 2> widths{};
  for (const auto& row : rows)
    for (size_t column = 0; column < widths.size(); ++column)
      widths[column] = std::max(widths[column], row[column].size());
  for (const auto& row : rows)
    job.print(fmt::format("{:<{}}   {:<{}}   {}\n", row[0], widths[0], row[1], widths[1], row[2]));
  return exit_status::success;
}

// ---- docker logs ------------------------------------------------------------------------------------------

/// What the node wrote to its log, as far as the lab's ring of events goes back.
int print_logs(const Words& words, Job& job) {
  if (words.size() != 3) return refuse_usage(docker_verb(), words, job);
  const LabView view = job.lab().view();
  const NodeStatus* node = view.find(words[2]);
  if (node == nullptr) {
    job.complain(no_such_node(view, words[2], job.language()));
    return exit_status::failure;
  }
  const Now now = job.lab().now();
  uint64_t position = 0;
  for (const Event& event : job.lab().ring().since(position)) {
    const auto* noted = std::get_if<event::Noted>(&event.payload);
    if (noted == nullptr || event.ref.node != node->id) continue;
    const int64_t wall_ms = now.wall_ms - (now.monotonic - event.at).nanoseconds / 1'000'000;
    job.print(log_time(wall_ms) + noted->text + "\n");
  }
  return exit_status::success;
}

// ---- docker exec ------------------------------------------------------------------------------------------

Started exec(const Words& words, Job& job) {
  size_t at = 2;
  while (at < words.size() &&
         (words[at] == "-i" || words[at] == "-t" || words[at] == "-it" || words[at] == "-ti"))
    ++at;
  if (words.size() < at + 2) return refuse_usage(docker_verb(), words, job);
  const LabView view = job.lab().view();
  const NodeStatus* node = view.find(words[at]);
  if (node == nullptr) {
    job.complain(no_such_node(view, words[at], job.language()));
    return exit_status::failure;
  }
  if (!is_up(node->state))
    return complain_of(refused(fmt::format("container {} is not running", node->name)), job);
  if (node->state == NodeState::paused)
    return complain_of(
        refused(fmt::format("container {} is paused, unpause the container before exec", node->name)), job);
  const std::string tool = tool_name(words[at + 1]);
  if (tool.empty()) {
    job.complain(Text{
        fmt::format("{} is not in {}. There: {}", words[at + 1], node->name, fmt::join(all_tools(), ", ")),
        fmt::format("{} 안에 {} 명령이 없습니다. 있는 것: {}", node->name, words[at + 1],
                    fmt::join(all_tools(), ", "))});
    return exit_status::no_such_command;
  }
  return start_tool(tool, Words(words.begin() + static_cast<ptrdiff_t>(at) + 2, words.end()), job);
}

Started start_docker(const Words& words, Job& job) {
  const std::string verb = words.size() > 1 ? words[1] : "";
  if (verb == "stop") return stop_or_restart(words, false, job);
  if (verb == "restart") return stop_or_restart(words, true, job);
  if (verb == "start") return each_node(words, job, start_node);
  if (verb == "kill") return each_node(words, job, kill_node);
  if (verb == "pause") return each_node(words, job, pause_node);
  if (verb == "unpause") return each_node(words, job, unpause_node);
  if (verb == "ps") return list_nodes(words, job);
  if (verb == "logs") return print_logs(words, job);
  if (verb == "exec") return exec(words, job);
  return refuse_usage(docker_verb(), words, job);
}

}  // namespace

const Verb& docker_verb() {
  static const Verb verb{
      "docker",
      "docker stop|start|restart|kill|pause|unpause NODE...|all\n"
      "docker ps [-a]\n"
      "docker logs NODE\n"
      "docker exec NODE TOOL [OPTION]...",
      {"stop, start, kill or pause nodes, and list them",
       "노드를 중지, 시작, 강제 종료, 일시 정지하고 목록을 봅니다"},
      {"A node is what a container is in the guides: kafka1 is one broker. `all` is every node of the "
       "cluster.\n"
       "  stop     SIGTERM: the broker hands its leaderships over, then ends. After 10 s (--time) it is "
       "killed.\n"
       "  kill     SIGKILL: gone at once. The others notice only when its heartbeats stay out.\n"
       "  pause    its thread stands still. Connections stay open, so clients hang instead of failing.\n"
       "  start    starts it again on the disk that it left.\n"
       "  logs     what it wrote to its log, as far back as the lab's newest events go.\n"
       "  exec     runs a tool, such as docker exec kafka1 kafka-topics --bootstrap-server kafka1:9092 "
       "--list.",
       "노드는 가이드의 컨테이너에 해당합니다. kafka1이 브로커 하나입니다. `all`은 클러스터의 모든 "
       "노드입니다.\n"
       "  stop     SIGTERM. 브로커가 리더를 다른 브로커로 넘긴 뒤 종료합니다. 10초(--time)가 지나면 "
       "강제 종료합니다.\n"
       "  kill     SIGKILL. 즉시 종료합니다. 다른 노드는 하트비트가 끊긴 뒤에야 압니다.\n"
       "  pause    스레드를 멈춥니다. 연결은 그대로라서 클라이언트는 오류 없이 기다리기만 합니다.\n"
       "  start    남아 있는 디스크로 다시 시작합니다.\n"
       "  logs     노드가 남긴 로그를 봅니다. 랩이 보관 중인 최근 이벤트까지만 거슬러 올라갑니다.\n"
       "  exec     카프카 도구를 실행합니다. 예: docker exec kafka1 kafka-topics --bootstrap-server "
       "kafka1:9092 --list"},
      true,
      start_docker};
  return verb;
}

}  // namespace brokerlab
