// The faults that are set and last, and what follows from them for links, processors, clocks and disks. One for each
// lab; both drivers ask it. A value.
#pragma once

#include <optional>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/time.h"
#include "sim/network/links.h"
#include "sim/runtime/faults.h"
#include "sim/storage/disk_faults.h"

namespace brokerlab {

/// How wrong a node's wall clock is.
struct ClockError {
  struct Drift {
    Instant since;
    int64_t ppm = 0;
    friend bool operator==(const Drift&, const Drift&) = default;
  };
  int64_t offset_ms = 0;
  Drift drift;
  Now apply(Now now) const;
  friend bool operator==(const ClockError&, const ClockError&) = default;
};

/// What is wrong with one node, beside its links.
struct NodeFaults {
  Duration step_time;  ///< what an input costs
  Duration disk_time;  ///< what a flush takes longer, and a step that reads or appends
  ClockError clock;
  DiskFaults disk;
  friend bool operator==(const NodeFaults&, const NodeFaults&) = default;
};

class FaultTable {
 public:
  struct Placed {
    Fault fault;  ///< with the nodes' own names
    NodeId from = no_node;
    NodeId to = no_node;
    Instant since = {};
  };

  /// One of the same kind and nodes is replaced; leaps of a clock add up. REQUIRES: !is_momentary(fault.kind).
  void set(Placed placed);
  /// Takes away the faults between two nodes; with `to` `no_node`, all in which `from` is named; with both, all. Of one
  /// kind only, if it is given. Returns what it took.
  std::vector<Fault> heal(NodeId from, NodeId to, std::optional<Fault::Kind> kind = {});
  std::vector<Fault> faults() const;
  std::optional<Fault> find(Fault::Kind kind, NodeId node) const;

  std::vector<LinkFault> of_links() const;
  NodeFaults of_node(NodeId node) const;

 private:
  std::vector<Placed> faults_;
};

}  // namespace brokerlab
