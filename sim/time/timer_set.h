// The timers of one node: set, move, cancel, and take those that are due, by deadline and then in the order
// of setting. Both drivers keep a node's timers in one of these.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "sim/base/node.h"
#include "sim/base/time.h"

namespace brokerlab {

class TimerSet {
 public:
  struct Due {
    TimerKey timer;
    EventRef set_by;  ///< the event whose step set it: why it fires
  };

  /// Sets or moves; `never` cancels.
  void set(TimerKey timer, Instant deadline, EventRef set_by);
  /// The earliest deadline; `never` when none is set.
  Instant next_deadline() const {
    return by_deadline_.empty() ? never : by_deadline_.begin()->first.deadline;
  }
  /// Takes the first timer that is due at `now`.
  std::optional<Due> take_due(Instant now);

 private:
  struct Position {
    Instant deadline;
    uint64_t sequence;
    friend auto operator<=>(const Position&, const Position&) = default;
  };
  std::map<TimerKey, Position> by_key_;
  std::map<Position, Due> by_deadline_;
  uint64_t next_sequence_ = 0;
};

}  // namespace brokerlab
