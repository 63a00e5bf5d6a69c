// fault: what goes wrong with nodes, their links, clocks and disks. The text of a fault is that of
// sim/runtime/faults.h; what there is, is listed from sim/runtime/fault_catalogue.h.
#include <fmt/format.h>

#include <algorithm>

#include "sim/runtime/fault_catalogue.h"
#include "sim/shell/snapshot_path.h"
#include "sim/shell/verbs/verb.h"

namespace brokerlab {

namespace {

/// In a place of a node: every node that belongs to the cluster.
constexpr std::string_view every_node = "all";

std::vector<std::string> names_of_cluster(const LabView& view) {
  std::vector<std::string> names;
  for (const NodeStatus& node : view.nodes)
    if (!node.is_transient) names.push_back(node.name);
  return names;
}

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

bool are_nodes(std::span<const Fault> faults, Job& job) {
  return std::all_of(faults.begin(), faults.end(), [&](const Fault& fault) {
    const Words names{fault.from, fault.to};
    return are_nodes(names, job);
  });
}

int complain_of(const Status& status, Job& job, int exit) {
  job.complain(text_of(status));
  return exit;
}

std::string text_from(const Words& words, size_t first) {
  return fmt::format("{}", fmt::join(std::span(words).subspan(first), " "));
}

// ---- fault list -------------------------------------------------------------------------------------------

std::string_view heading(FaultKind::Group group, Language language) {
  const bool is_korean = language == Language::korean;
  switch (group) {
    case FaultKind::Group::process:
      return is_korean ? "프로세스" : "processes";
    case FaultKind::Group::network:
      return is_korean ? "네트워크" : "network";
    case FaultKind::Group::clock:
      return is_korean ? "시계" : "clocks";
    case FaultKind::Group::disk:
      return is_korean ? "디스크" : "disks";
  }
  return {};
}

int list_faults(Job& job) {
  const Language language = job.language();
  const std::vector<Fault> set = job.lab().view().faults;
  if (set.empty()) job.print(Text{"no fault is set\n", "걸려 있는 장애가 없습니다\n"}.in(language));
  if (!set.empty()) job.print(Text{"set now\n", "지금 걸려 있는 장애\n"}.in(language));
  for (const Fault& fault : set) job.print("  " + fault.to_string() + "\n");
  size_t width = 0;
  for (const FaultKind& kind : fault_catalogue()) width = std::max(width, kind.usage.size());
  std::optional<FaultKind::Group> group;
  for (const FaultKind& kind : fault_catalogue()) {
    if (group != kind.group) job.print(fmt::format("\n{}\n", heading(kind.group, language)));
    group = kind.group;
    const std::string_view says = language == Language::korean ? kind.korean : kind.english;
    job.print(fmt::format("  {:<{}}  {}\n", kind.usage, width, says));
  }
  job.print(Text{"\nhealing\n", "\n복구\n"}.in(language));
  job.print(fmt::format("  {:<{}}  {}\n", "fault heal [FAULT] [NODE [NODE]]", width,
                        Text{"ends all of them, those of a kind or of a node, or one as it is written above",
                             "모든 장애, 한 종류나 한 노드의 장애, 또는 위에 적힌 장애 하나를 끝냅니다"}
                            .in(language)));
  return exit_status::success;
}

// ---- setting and healing ----------------------------------------------------------------------------------

/// `isolate`, `partition` and `bridge` are several cuts; `all` is several nodes.
Result<std::vector<Fault>> faults_of(const std::string& text, const std::vector<std::string>& cluster) {
  Result<std::vector<Fault>> faults = parse_faults(text, cluster);
  if (!faults || faults->size() != 1 || faults->front().from != every_node) return faults;
  if (is_of_link(faults->front().kind)) return faults;
  std::vector<Fault> of_all(cluster.size(), faults->front());
  for (size_t i = 0; i < cluster.size(); ++i) of_all[i].from = cluster[i];
  return of_all;
}

int set_faults(const Words& words, Job& job) {
  const Result<std::vector<Fault>> faults =
      faults_of(text_from(words, 1), names_of_cluster(job.lab().view()));
  if (!faults) return complain_of(faults.status(), job, exit_status::usage);
  if (!are_nodes(*faults, job)) return exit_status::failure;
  for (const Fault& fault : *faults) {
    const Status status = job.lab().set_fault(fault, job.cause());
    if (!status) return complain_of(status, job, exit_status::failure);
    job.print(fault.to_string() + "\n");
  }
  return exit_status::success;
}

bool is_several_cuts(std::string_view word) {
  return word == "isolate" || word == "partition" || word == "bridge";
}

/// Heals each, and fails only when there was nothing to heal at all.
int heal_each(std::span<const Fault> faults, std::optional<Fault::Kind> kind, Job& job) {
  Status problem;
  bool has_healed = false;
  for (const Fault& fault : faults) {
    const Status status = job.lab().heal(fault.from, fault.to, job.cause(), kind);
    has_healed = has_healed || status.ok();
    if (!status) problem = status;
  }
  if (has_healed) return exit_status::success;
  const Text why = text_of(problem);
  job.complain({why.english + "; fault list shows what is set",
                why.korean + ". 걸려 있는 장애는 fault list로 봅니다"});
  return exit_status::failure;
}

/// `heal [KIND] [NODE [[to] NODE]]`, or `heal` and the whole text of a fault.
int heal(const Words& words, Job& job) {
  const std::string first = words.size() > 2 ? words[2] : "";
  std::vector<Fault> faults;
  std::optional<Fault::Kind> kind = fault_kind(first);
  if (is_several_cuts(first)) {
    const Result<std::vector<Fault>> cuts =
        faults_of(text_from(words, 2), names_of_cluster(job.lab().view()));
    if (!cuts) return complain_of(cuts.status(), job, exit_status::usage);
    faults = *cuts;
    kind = Fault::Kind::cut;
  } else if (const Result<Fault> whole = parse_fault(text_from(words, 2)); kind && whole) {
    faults.push_back(*whole);
  } else {
    Words names(words.begin() + (kind ? 3 : 2), words.end());
    if (names.size() == 3 && names[1] == "to") names.erase(names.begin() + 1);
    if (names.size() > 2) return refuse_usage(fault_verb(), words, job);
    Fault& fault = faults.emplace_back();
    if (!names.empty()) fault.from = names[0];
    if (names.size() > 1) fault.to = names[1];
  }
  if (faults.size() == 1 && faults[0].from == every_node) faults[0].from.clear();
  if (!are_nodes(faults, job)) return exit_status::failure;
  const int status = heal_each(faults, kind, job);
  if (status == exit_status::success) job.print(text_from(words, 1) + "\n");
  return status;
}

Started start_fault(const Words& words, Job& job) {
  const std::string verb = words.size() > 1 ? words[1] : "";
  if (verb == "list" && words.size() == 2) return list_faults(job);
  if (verb == "heal") return heal(words, job);
  if (fault_kind(verb) || is_several_cuts(verb)) return set_faults(words, job);
  return refuse_usage(fault_verb(), words, job);
}

}  // namespace

const Verb& fault_verb() {
  static const Verb verb{
      "fault",
      "fault cut|half-open NODE [[to] NODE]\n"
      "fault isolate|bridge NODE\n"
      "fault partition NODE... | NODE...\n"
      "fault flap NODE [[to] NODE] 2s\n"
      "fault slow NODE [[to] NODE] 50ms [jitter 10ms]\n"
      "fault throttle NODE [[to] NODE] 64KB/s\n"
      "fault reset NODE [NODE]\n"
      "fault slow-cpu NODE 5ms\n"
      "fault power-loss NODE|all\n"
      "fault clock-skew|clock-jump NODE -2s\n"
      "fault clock-drift NODE 200ppm\n"
      "fault slow-disk NODE 50ms\n"
      "fault io-error|fsync-failure|disk-full|torn-write NODE\n"
      "fault bit-flip NODE [TOPIC-PARTITION|records]\n"
      "fault wipe-disk NODE\n"
      "fault heal [FAULT] [NODE [NODE]]\n"
      "fault list",
      {"break links, processors, clocks and disks, and heal them",
       "네트워크, 프로세서, 시계, 디스크에 장애를 일으키고 복구합니다"},
      {"`fault list` explains each in a line and shows what is set. Those of processes are docker's: kill, "
       "pause.\n"
       "  links    cut, flap, slow, throttle and half-open concern both directions between two nodes; with "
       "`to`\n"
       "           only what the first sends; with one node alone, every other one. What a cut holds comes "
       "after\n"
       "           the heal, as with TCP's retransmission; after 30 s of waiting the connection breaks.\n"
       "  sides    isolate, partition and bridge are several cuts at once. `to` instead of | is one way.\n"
       "  moments  reset, half-open, power-loss, bit-flip and wipe-disk happen once: nothing is left to "
       "heal. A\n"
       "           node without power, or wiped, is down: docker start. All others last until they are "
       "healed, also\n"
       "           over restarts; torn-write waits for the node's next crash.\n"
       "  clocks   only the wall clock (timestamps) is wrong. Timeouts use the monotonic one.\n"
       "  disks    with an I/O error or a full disk Kafka gives its only log directory up and ends: exit "
       "status 1.\n"
       "  heal     everything, one node, two nodes, or one kind: fault heal slow-disk kafka1. A fault's own "
       "text\n"
       "           heals it too.\n"
       "Try: producer start shop --topic orders --rate 50, then fault power-loss kafka1.",
       "`fault list`는 모든 장애를 한 줄씩 설명하고, 지금 걸려 있는 장애를 보여 줍니다. 프로세스 장애는 "
       "docker\n"
       "kill, pause로 일으킵니다.\n"
       "  링크     cut, flap, slow, throttle, half-open은 두 노드 사이의 양방향에 적용됩니다. `to`를 쓰면 앞 "
       "노드가\n"
       "           보내는 방향만, 노드를 하나만 쓰면 나머지 모든 노드와의 링크에 적용됩니다. 끊긴 동안 보낸\n"
       "           데이터는 TCP 재전송처럼 기다렸다가 복구되면 도착하고, 30초가 지나면 연결이 끊어집니다.\n"
       "  분할     isolate, partition, bridge는 여러 링크를 한꺼번에 끊습니다. | 대신 `to`를 쓰면 한 "
       "방향입니다.\n"
       "  순간     reset, half-open, power-loss, bit-flip, wipe-disk는 그 순간에 끝나므로 복구할 것이 "
       "없습니다.\n"
       "           전원이 나가거나 디스크가 지워진 노드는 꺼져 있습니다. docker start로 켭니다. 나머지는 "
       "복구할\n"
       "           때까지, 재시작해도 남습니다. torn-write는 다음에 죽을 때 일어납니다.\n"
       "  시계     벽시계(타임스탬프)만 틀립니다. 타임아웃은 단조 시계로 잽니다.\n"
       "  디스크   I/O 오류나 공간 부족이 생기면 카프카는 하나뿐인 로그 디렉터리를 포기하고 종료합니다(종료 "
       "코드 1).\n"
       "  heal     전부, 한 노드, 두 노드 사이, 또는 한 종류만 복구합니다. 예: fault heal slow-disk kafka1. "
       "장애를\n"
       "           걸 때 쓴 문장을 그대로 써도 됩니다.\n"
       "먼저 해 보세요: producer start shop --topic orders --rate 50, 그다음 fault power-loss kafka1"},
      true,
      start_fault};
  return verb;
}

}  // namespace brokerlab
