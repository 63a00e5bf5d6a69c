// fault: what is wrong with the network between nodes. The text of a fault is that of sim/network/links.h.
#include <fmt/format.h>

#include "sim/shell/snapshot_path.h"
#include "sim/shell/verbs/verb.h"

namespace brokerlab {

namespace {

/// Complains and returns false when a word names no node.
bool are_nodes(std::span<const std::string> names, Job& job) {
  const LabView view = job.lab().view();
  for (const std::string& name : names) {
    if (name.empty() || view.find(name) != nullptr) continue;
    job.complain(no_such_node(view, name, job.language()));
    return false;
  }
  return true;
}

int finish(const Status& status, std::string_view done, Job& job) {
  if (!status.ok()) {
    job.complain(text_of(status));
    return exit_status::failure;
  }
  job.print(fmt::format("{}\n", done));
  return exit_status::success;
}

int list_faults(Job& job) {
  for (const Fault& fault : job.lab().view().faults) job.print(fault.to_string() + "\n");
  return exit_status::success;
}

int set_fault(const Words& words, Job& job) {
  const Result<Fault> fault = parse_fault(fmt::format("{}", fmt::join(std::span(words).subspan(1), " ")));
  if (!fault.ok()) return refuse_usage(fault_verb(), words, job);
  const Words names{fault->from, fault->to};
  if (!are_nodes(names, job)) return exit_status::failure;
  return finish(job.lab().set_fault(*fault, job.cause()), fault->to_string(), job);
}

Started start_fault(const Words& words, Job& job) {
  const std::string verb = words.size() > 1 ? words[1] : "";
  if (verb == "list" && words.size() == 2) return list_faults(job);
  if (verb == "cut" || verb == "slow") return set_fault(words, job);
  const bool heals = verb == "heal", resets = verb == "reset";
  const bool has_right_count = words.size() <= 4 && (heals || (resets && words.size() >= 3));
  if (!has_right_count) return refuse_usage(fault_verb(), words, job);
  const std::span<const std::string> names = std::span(words).subspan(2);
  if (!are_nodes(names, job)) return exit_status::failure;
  const std::string from = names.empty() ? "" : names[0], to = names.size() > 1 ? names[1] : "";
  const Status status =
      heals ? job.lab().heal(from, to, job.cause()) : job.lab().reset_connections(from, to, job.cause());
  return finish(status, fmt::format("{}", fmt::join(std::span(words).subspan(1), " ")), job);
}

}  // namespace

const Verb& fault_verb() {
  static const Verb verb{
      "fault",
      "fault cut NODE [[to] NODE]\n"
      "fault slow NODE [[to] NODE] 50ms [jitter 10ms]\n"
      "fault heal [NODE [NODE]]\n"
      "fault reset NODE [NODE]\n"
      "fault list",
      {"cut, slow down and heal links between nodes", "노드 사이의 네트워크를 끊고, 늦추고, 복구합니다"},
      {"  cut      nothing passes; what is sent waits, as TCP's retransmission does, and comes after the "
       "heal.\n"
       "           With `to` only that direction is cut. After 30 s of waiting the connection breaks.\n"
       "  slow     this latency instead of the lab's own.\n"
       "  heal     takes faults away: between two nodes, all of one, or all there are.\n"
       "  reset    breaks the connections now, at both ends.",
       "  cut      아무것도 전달되지 않습니다. 보낸 데이터는 TCP 재전송처럼 기다리다가 복구되면 도착합니다.\n"
       "           `to`를 쓰면 그 방향만 끊습니다. 30초가 지나면 연결이 끊어집니다.\n"
       "  slow     랩의 기본 지연 대신 이 지연을 씁니다.\n"
       "  heal     두 노드 사이, 한 노드, 또는 모든 장애를 복구합니다.\n"
       "  reset    지금 있는 연결을 양쪽에서 강제로 끊습니다(RST)."},
      true,
      start_fault};
  return verb;
}

}  // namespace brokerlab
