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

/// What is wrong with one link; how it is written stands in sim/runtime/faults.h.
struct LinkFault {
  enum class Kind : uint8_t { cut, slow, throttle };
  Kind kind = Kind::cut;
  NodeId from;
  NodeId to = no_node;  ///< `no_node`: every other node
  bool one_way = false;
  Duration period = {};  ///< of a cut that flaps: cut for its first half, whole for the second
  Instant since = {};
  LatencyModel latency = {};      ///< of `slow`
  uint64_t bytes_per_second = 0;  ///< of `throttle`
};

/// "50ms", "2.5s", "300us". A reason in words when it is not a duration.
Result<Duration> parse_duration(std::string_view text);
std::string to_string(Duration duration);

class Links {
 public:
  Links(LatencyModel normal, uint64_t seed) : normal_(normal), random_(seed) {}

  /// All that is wrong from now on, in the order in which it was set.
  void set_faults(std::vector<LinkFault> faults) { faults_ = std::move(faults); }

  /// Whether what `from` sends to `to` waits now.
  bool is_cut(NodeId from, NodeId to, Instant now) const;
  /// When a link that flaps changes next; `never` without one.
  Instant next_change(Instant now) const;
  /// Draws how long the next thing from one to the other travels; of several faults the last one counts. Nothing to
  /// itself.
  Duration draw_latency(NodeId from, NodeId to);
  /// How much longer `bytes` take over a throttled link, behind what it still carries.
  Duration transmission(NodeId from, NodeId to, uint64_t bytes, Instant now);

 private:
  using Direction = std::pair<NodeId, NodeId>;
  LatencyModel normal_;
  Random random_;
  std::vector<LinkFault> faults_;
  std::map<Direction, Random> jitter_;
  std::map<Direction, Instant> is_busy_until_;  ///< throttled
};

}  // namespace brokerlab
