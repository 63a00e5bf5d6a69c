// The links between nodes and what is wrong with them. Both drivers ask the same table, so a fault means the
// same in both.
//
// A cut link holds frames in order, as TCP's retransmission does: what would arrive while it is cut waits,
// and comes after the heal. New connections wait the same way. What has waited for `break_after` breaks its
// connection. Inside a connection nothing is ever dropped, doubled or reordered.
//
// A value: jitter comes from a seeded stream for each direction of each link, so what one link draws does not
// depend on the traffic of another.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/random.h"
#include "sim/base/result.h"
#include "sim/base/time.h"

namespace brokerlab {

/// How long a frame travels: `base` plus a uniform draw from [0, jitter].
struct LatencyModel {
  Duration base;
  Duration jitter;
  friend bool operator==(const LatencyModel&, const LatencyModel&) = default;
};

/// How long what a connection sent may wait for a cut link, before the connection breaks.
inline constexpr Duration break_after = seconds(30);

/// One fault of the network. Its text (`to_string`, `parse_fault`) is the one description of it: commands,
/// lessons, journal and window use it.
///
///   cut kafka1 kafka2                       nothing passes between them
///   cut kafka1 to kafka2                    one way: what kafka1 sends waits; kafka2's answers would arrive
///   cut kafka1                              from every other node of the lab
///   slow kafka1 kafka2 50ms [jitter 10ms]   this latency instead of the lab's; also `to`, or one node alone
struct Fault {
  enum class Kind : uint8_t { cut, slow };
  Kind kind = Kind::cut;
  std::string from;
  std::string to;  ///< empty: every other node
  bool one_way = false;
  LatencyModel latency;  ///< of `slow`
  friend bool operator==(const Fault&, const Fault&) = default;
  std::string to_string() const;
};

/// A reason in words when `text` is no fault. Does not check that the nodes exist.
Result<Fault> parse_fault(std::string_view text);
/// "50ms", "2.5s", "300us". A reason in words when it is not a duration.
Result<Duration> parse_duration(std::string_view text);
std::string to_string(Duration duration);

class Links {
 public:
  Links(LatencyModel normal, uint64_t seed) : normal_(normal), random_(seed) {}

  /// Adds the fault; one of the same kind and nodes is replaced. `from` and `to` are those of the fault's
  /// names; `no_node` for every other node.
  void set(Fault fault, NodeId from, NodeId to);
  /// Removes all faults; those set between two nodes; or, with `no_node`, all in which `from` is named.
  /// Returns what was removed.
  std::vector<Fault> heal();
  std::vector<Fault> heal(NodeId from, NodeId to);
  std::vector<Fault> faults() const;

  /// Whether what `from` sends to `to` waits now.
  bool is_cut(NodeId from, NodeId to) const;
  /// Draws how long the next thing from one to the other travels. Nothing to itself.
  Duration draw_latency(NodeId from, NodeId to);

 private:
  struct Placed {
    Fault fault;
    NodeId from;
    NodeId to;
    bool concerns(NodeId sender, NodeId receiver) const;
  };
  LatencyModel normal_;
  Random random_;
  std::vector<Placed> faults_;
  std::map<std::pair<NodeId, NodeId>, Random> jitter_;
};

}  // namespace brokerlab
