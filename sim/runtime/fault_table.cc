#include "sim/runtime/fault_table.h"

#include <algorithm>
#include <utility>

#include "sim/base/assert.h"

namespace brokerlab {

using Kind = Fault::Kind;

Now ClockError::apply(Now now) const {
  constexpr int64_t billion = 1'000'000'000;
  const int64_t elapsed_us = (now.monotonic - drift.since).nanoseconds / 1'000;
  now.wall_ms += offset_ms + elapsed_us * drift.ppm / billion;
  return now;
}

void FaultTable::set(Placed placed) {
  BROKERLAB_ASSERT(placed.from != no_node && placed.from != placed.to && !is_momentary(placed.fault.kind));
  std::erase_if(faults_, [&](const Placed& known) {
    const bool is_same = known.fault.kind == placed.fault.kind && known.from == placed.from &&
                         known.to == placed.to && known.fault.one_way == placed.fault.one_way;
    if (is_same && placed.fault.kind == Kind::clock_jump)
      placed.fault.time = placed.fault.time + known.fault.time;
    return is_same;
  });
  faults_.push_back(std::move(placed));
}

std::vector<Fault> FaultTable::heal(NodeId from, NodeId to, std::optional<Kind> kind) {
  std::vector<Fault> healed;
  std::erase_if(faults_, [&](const Placed& placed) {
    const bool is_between =
        (placed.from == from && placed.to == to) || (placed.from == to && placed.to == from);
    const bool names_it = to == no_node && (placed.from == from || placed.to == from);
    const bool is_meant =
        (from == no_node || is_between || names_it) && (!kind || placed.fault.kind == *kind);
    if (is_meant) healed.push_back(placed.fault);
    return is_meant;
  });
  return healed;
}

std::vector<Fault> FaultTable::faults() const {
  std::vector<Fault> faults;
  for (const Placed& placed : faults_) faults.push_back(placed.fault);
  return faults;
}

std::optional<Fault> FaultTable::find(Kind kind, NodeId node) const {
  for (const Placed& placed : faults_) {
    if (placed.fault.kind == kind && placed.from == node) return placed.fault;
  }
  return std::nullopt;
}

std::vector<LinkFault> FaultTable::of_links() const {
  std::vector<LinkFault> links;
  for (const auto& [fault, from, to, since] : faults_) {
    if (!is_of_link(fault.kind)) continue;
    LinkFault& link = links.emplace_back();
    link.kind = fault.kind == Kind::slow       ? LinkFault::Kind::slow
                : fault.kind == Kind::throttle ? LinkFault::Kind::throttle
                                               : LinkFault::Kind::cut;
    link.from = from;
    link.to = to;
    link.one_way = fault.one_way;
    link.period = fault.kind == Kind::flap ? fault.time : Duration{};
    link.since = since;
    link.latency = fault.latency;
    link.bytes_per_second = fault.bytes_per_second;
  }
  return links;
}

NodeFaults FaultTable::of_node(NodeId node) const {
  NodeFaults faults;
  for (const auto& [fault, from, to, since] : faults_) {
    if (from != node) continue;
    switch (fault.kind) {
      case Kind::slow_cpu:
        faults.step_time = fault.time;
        break;
      case Kind::clock_skew:
      case Kind::clock_jump:
        faults.clock.offset_ms += fault.time.milliseconds();
        break;
      case Kind::clock_drift:
        faults.clock.drift = {since, fault.ppm};
        break;
      case Kind::slow_disk:
        faults.disk_time = fault.time;
        break;
      case Kind::io_error:
        faults.disk.fails = true;
        break;
      case Kind::fsync_failure:
        faults.disk.flush_fails = true;
        break;
      case Kind::disk_full:
        faults.disk.is_full = true;
        break;
      default:
        break;
    }
  }
  return faults;
}

}  // namespace brokerlab
