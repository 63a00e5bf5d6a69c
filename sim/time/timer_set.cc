#include "sim/time/timer_set.h"

namespace brokerlab {

void TimerSet::set(TimerKey timer, Instant deadline, EventRef set_by) {
  const auto known = by_key_.find(timer);
  if (known != by_key_.end()) by_deadline_.erase(known->second);
  if (deadline == never) {
    if (known != by_key_.end()) by_key_.erase(known);
    return;
  }
  const Position position{deadline, next_sequence_++};
  by_key_.insert_or_assign(timer, position);
  by_deadline_.emplace(position, Due{timer, set_by});
}

std::optional<TimerSet::Due> TimerSet::take_due(Instant now) {
  if (next_deadline() > now || by_deadline_.empty()) return std::nullopt;
  const Due due = by_deadline_.begin()->second;
  by_deadline_.erase(by_deadline_.begin());
  by_key_.erase(due.timer);
  return due;
}

}  // namespace brokerlab
