#include "sim/runtime/fault_catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

using Nodes = std::span<const std::string>;
using Group = FaultKind::Group;
using Damage = FaultKind::Damage;

const std::string& one_of(Random& random, Nodes nodes) { return nodes[random.below(nodes.size())]; }

/// One node and another one.
std::array<std::string, 2> two_of(Random& random, Nodes nodes) {
  BROKERLAB_ASSERT(nodes.size() >= 2);
  const size_t first = random.below(nodes.size());
  const size_t step = 1 + random.below(nodes.size() - 1);
  return {nodes[first], nodes[(first + step) % nodes.size()]};
}

std::string start_again(const std::string& node) { return "docker start " + node; }

/// `fault KIND NODE PARAMETER`, which lasts until `fault heal KIND NODE`.
DrawnFault of_node(std::string_view kind, const std::string& node, const std::string& parameter = {}) {
  return {fmt::format("fault {} {}{}{}", kind, node, parameter.empty() ? "" : " ", parameter),
          {fmt::format("fault heal {} {}", kind, node)},
          {node}};
}

/// `fault KIND A [to] B PARAMETER`.
DrawnFault of_link(std::string_view kind, Random& random, Nodes nodes, bool one_way,
                   const std::string& parameter = {}) {
  const auto [from, to] = two_of(random, nodes);
  return {fmt::format("fault {} {}{} {}{}{}", kind, from, one_way ? " to" : "", to,
                      parameter.empty() ? "" : " ", parameter),
          {fmt::format("fault heal {} {} {}", kind, from, to)},
          {from, to}};
}

std::string drawn_ms(Random& random, int64_t low, int64_t high) {
  return fmt::format("{}ms", random.between(low, high));
}

// ---- processes --------------------------------------------------------------------------------------------

DrawnFault draw_crash(Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  return {"docker kill " + node, {start_again(node)}, {node}};
}

DrawnFault draw_crash_all(Random&, Nodes nodes) {
  return {"docker kill all", {start_again("all")}, {nodes.begin(), nodes.end()}};
}

DrawnFault draw_pause(Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  return {"docker pause " + node, {"docker unpause " + node}, {node}};
}

DrawnFault draw_power_loss(Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  return {"fault power-loss " + node, {start_again(node)}, {node}};
}

DrawnFault draw_power_loss_all(Random&, Nodes nodes) {
  return {"fault power-loss all", {start_again("all")}, {nodes.begin(), nodes.end()}};
}

DrawnFault draw_slow_cpu(Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  return of_node("slow-cpu", node, fmt::format("{}us", random.between(200, 20'000)));
}

// ---- network ----------------------------------------------------------------------------------------------

DrawnFault draw_cut(Random& random, Nodes nodes) { return of_link("cut", random, nodes, false); }
DrawnFault draw_one_way(Random& random, Nodes nodes) { return of_link("cut", random, nodes, true); }

DrawnFault draw_isolate(Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  return {"fault isolate " + node, {"fault heal isolate " + node}, {node}};
}

DrawnFault draw_partition(Random& random, Nodes nodes) {
  std::vector<std::string> mixed(nodes.begin(), nodes.end());
  for (size_t i = mixed.size(); i > 1; --i) std::swap(mixed[i - 1], mixed[random.below(i)]);
  const auto cut = mixed.begin() + random.between(1, static_cast<int64_t>(mixed.size()) - 1);
  const std::string sides =
      fmt::format("partition {} | {}", fmt::join(mixed.begin(), cut, " "), fmt::join(cut, mixed.end(), " "));
  return {"fault " + sides, {"fault heal " + sides}, {nodes.begin(), nodes.end()}};
}

DrawnFault draw_bridge(Random& random, Nodes nodes) {
  // Between two there is nothing to bridge.
  if (nodes.size() < 3) return draw_cut(random, nodes);
  const std::string& node = one_of(random, nodes);
  return {"fault bridge " + node, {"fault heal bridge " + node}, {nodes.begin(), nodes.end()}};
}

DrawnFault draw_flap(Random& random, Nodes nodes) {
  const bool one_way = random.chance(1, 3);
  const std::string period = drawn_ms(random, 100, 4000);
  return of_link("flap", random, nodes, one_way, period);
}

DrawnFault draw_slow(Random& random, Nodes nodes) {
  const bool one_way = random.chance(1, 3);
  const std::string base = drawn_ms(random, 5, 400);
  const std::string jitter = drawn_ms(random, 1, 200);
  return of_link("slow", random, nodes, one_way, base + " jitter " + jitter);
}

DrawnFault draw_throttle(Random& random, Nodes nodes) {
  const bool one_way = random.chance(1, 3);
  const std::string rate = fmt::format("{}KB/s", random.between(4, 500));
  return of_link("throttle", random, nodes, one_way, rate);
}

DrawnFault draw_reset(Random& random, Nodes nodes) {
  DrawnFault drawn = of_link("reset", random, nodes, false);
  drawn.heal.clear();
  return drawn;
}

DrawnFault draw_half_open(Random& random, Nodes nodes) {
  const bool one_way = random.chance(1, 2);
  DrawnFault drawn = of_link("half-open", random, nodes, one_way);
  drawn.heal.clear();
  return drawn;
}

// ---- clocks -----------------------------------------------------------------------------------------------

std::string drawn_signed(Random& random, int64_t most, std::string_view unit) {
  const std::string_view sign = random.chance(1, 2) ? "+" : "-";
  return fmt::format("{}{}{}", sign, random.between(1, most), unit);
}

DrawnFault draw_clock_skew(Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  return of_node("clock-skew", node, drawn_signed(random, 5'000, "ms"));
}

DrawnFault draw_clock_jump(Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  return of_node("clock-jump", node, drawn_signed(random, 3'600, "s"));
}

DrawnFault draw_clock_drift(Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  return of_node("clock-drift", node, drawn_signed(random, 100'000, "ppm"));
}

// ---- disks ------------------------------------------------------------------------------------------------

DrawnFault draw_slow_disk(Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  return of_node("slow-disk", node, drawn_ms(random, 1, 200));
}

/// Kafka ends with it, so that it has to be started again.
DrawnFault of_broken_disk(std::string_view kind, Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  DrawnFault drawn = of_node(kind, node);
  drawn.heal.push_back(start_again(node));
  return drawn;
}

DrawnFault draw_io_error(Random& random, Nodes nodes) { return of_broken_disk("io-error", random, nodes); }
DrawnFault draw_fsync_failure(Random& random, Nodes nodes) {
  return of_broken_disk("fsync-failure", random, nodes);
}
DrawnFault draw_disk_full(Random& random, Nodes nodes) { return of_broken_disk("disk-full", random, nodes); }

/// It shows when the node dies.
DrawnFault draw_torn_write(Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  return {"fault torn-write " + node, {"docker kill " + node, start_again(node)}, {node}};
}

DrawnFault draw_bit_flip(Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  return {"fault bit-flip " + node, {}, {node}};
}

DrawnFault draw_wipe_disk(Random& random, Nodes nodes) {
  const std::string& node = one_of(random, nodes);
  return {"fault wipe-disk " + node, {start_again(node)}, {node}};
}

constexpr FaultKind catalogue[] = {
    {"crash", "docker kill NODE...",
     "the process dies at once (SIGKILL); what it wrote is in the page cache and stays",
     "프로세스가 즉시 죽습니다(SIGKILL). 쓴 데이터는 페이지 캐시에 있으므로 남습니다", Group::process,
     Damage::none, draw_crash},
    {"crash-all", "docker kill all", "every node dies at the same moment", "모든 노드가 동시에 죽습니다",
     Group::process, Damage::none, draw_crash_all},
    {"pause", "docker pause NODE...",
     "the process stands still, as in a long garbage collection; its connections stay open",
     "긴 GC처럼 프로세스가 멈춥니다. 연결은 끊어지지 않습니다", Group::process, Damage::none, draw_pause},
    {"power-loss", "fault power-loss NODE",
     "the machine goes dark: what was written and not flushed (fsync) is gone",
     "머신의 전원이 나갑니다. 썼지만 플러시(fsync)하지 않은 데이터는 사라집니다", Group::process,
     Damage::unsynced, draw_power_loss},
    {"power-loss-all", "fault power-loss all", "every machine goes dark at the same moment",
     "모든 머신의 전원이 동시에 나갑니다", Group::process, Damage::unsynced, draw_power_loss_all},
    {"slow-cpu", "fault slow-cpu NODE 5ms", "every request, answer and timer costs the node so much time",
     "요청, 응답, 타이머를 하나 처리할 때마다 그만큼 시간이 걸립니다", Group::process, Damage::none,
     draw_slow_cpu},

    {"cut", "fault cut NODE [NODE]", "nothing passes between the two; what is sent waits for the heal",
     "두 노드 사이에 아무것도 전달되지 않습니다. 보낸 데이터는 복구될 때까지 기다립니다", Group::network,
     Damage::none, draw_cut},
    {"one-way", "fault cut NODE to NODE",
     "only what the first sends to the second waits; the other direction works",
     "첫 노드가 둘째 노드로 보내는 것만 막힙니다. 반대 방향은 정상입니다", Group::network, Damage::none,
     draw_one_way},
    {"isolate", "fault isolate NODE", "one node is cut from all others", "한 노드가 나머지 모두와 끊어집니다",
     Group::network, Damage::none, draw_isolate},
    {"partition", "fault partition NODE... | NODE...", "two sides that do not reach each other",
     "노드들이 서로 통신할 수 없는 두 무리로 나뉩니다", Group::network, Damage::none, draw_partition},
    {"bridge", "fault bridge NODE", "the others fall into two halves, and only this node reaches both",
     "나머지 노드가 둘로 나뉘고, 이 노드만 양쪽 모두와 통신합니다", Group::network, Damage::none,
     draw_bridge},
    {"flap", "fault flap NODE [[to] NODE] 2s", "the link is cut and whole in turn, once a period",
     "링크가 주기마다 끊어졌다 붙기를 되풀이합니다", Group::network, Damage::none, draw_flap},
    {"slow", "fault slow NODE [[to] NODE] 50ms [jitter 10ms]",
     "messages travel longer, and unevenly with jitter",
     "메시지가 늦게 도착합니다. jitter를 주면 지연이 들쭉날쭉합니다", Group::network, Damage::none,
     draw_slow},
    {"throttle", "fault throttle NODE [[to] NODE] 64KB/s",
     "the link carries no more bytes than that a second", "링크가 초당 보낼 수 있는 바이트를 제한합니다",
     Group::network, Damage::none, draw_throttle},
    {"reset", "fault reset NODE [NODE]", "connections break now, at both ends; new ones work",
     "지금 있는 연결이 양쪽에서 끊어집니다(RST). 새 연결은 됩니다", Group::network, Damage::none, draw_reset},
    {"half-open", "fault half-open NODE [[to] NODE]",
     "connections go dead and nobody is told, as when a firewall forgets them; new ones work",
     "방화벽이 연결을 잊었을 때처럼, 지금 있는 연결이 아무 통보 없이 죽습니다. 새 연결은 됩니다",
     Group::network, Damage::none, draw_half_open},

    {"clock-skew", "fault clock-skew NODE -2s", "the node's wall clock is wrong by so much",
     "노드의 벽시계가 그만큼 어긋나 있습니다", Group::clock, Damage::none, draw_clock_skew},
    {"clock-jump", "fault clock-jump NODE +60s", "the wall clock leaps, and goes on from there",
     "벽시계가 한 번에 건너뛰고, 거기서부터 계속 갑니다", Group::clock, Damage::none, draw_clock_jump},
    {"clock-drift", "fault clock-drift NODE 200ppm",
     "the wall clock runs too fast or (-) too slow, in microseconds a second",
     "벽시계가 초당 그만큼(마이크로초) 빠르거나(-면 느리게) 갑니다", Group::clock, Damage::none,
     draw_clock_drift},

    {"slow-disk", "fault slow-disk NODE 50ms", "each flush takes so much longer, and so do reads and appends",
     "플러시마다 그만큼 더 걸리고, 읽기와 쓰기도 늦어집니다", Group::disk, Damage::none, draw_slow_disk},
    {"io-error", "fault io-error NODE", "reads and writes fail: Input/output error",
     "읽기와 쓰기가 실패합니다: Input/output error", Group::disk, Damage::none, draw_io_error},
    {"fsync-failure", "fault fsync-failure NODE", "flushes fail, and nothing more becomes durable",
     "플러시가 실패해서, 그 뒤로는 아무것도 디스크에 확정되지 않습니다", Group::disk, Damage::none,
     draw_fsync_failure},
    {"disk-full", "fault disk-full NODE", "writes fail: No space left on device",
     "쓰기가 실패합니다: No space left on device", Group::disk, Damage::none, draw_disk_full},
    {"torn-write", "fault torn-write NODE", "at its next crash only half of the last append is there",
     "다음에 죽을 때, 마지막 쓰기는 절반만 남습니다", Group::disk, Damage::unsynced, draw_torn_write},
    {"bit-flip", "fault bit-flip NODE [TOPIC-PARTITION|records]",
     "one bit on the disk is inverted: of that log, of what checksums of records cover, or of anything",
     "디스크의 비트 하나가 뒤집힙니다: 그 로그, 레코드 체크섬이 보호하는 부분, 또는 아무 파일에서나",
     Group::disk, Damage::synced, draw_bit_flip},
    {"wipe-disk", "fault wipe-disk NODE", "the node is killed and its disk is empty",
     "노드가 죽고 디스크의 모든 데이터가 지워집니다", Group::disk, Damage::synced, draw_wipe_disk},
};

}  // namespace

std::span<const FaultKind> fault_catalogue() { return catalogue; }

const FaultKind* find_fault_kind(std::string_view name) {
  const auto* found = std::find_if(std::begin(catalogue), std::end(catalogue),
                                   [&](const FaultKind& kind) { return kind.name == name; });
  return found == std::end(catalogue) ? nullptr : found;
}

}  // namespace brokerlab
