#include "sim/time/timer_set.h"

namespace brokerlab {

void TimerSet::set(TimerKey timer, Instant deadline) {
  const auto known = by_key_.find(timer);
  if (known != by_key_.end()) by_deadline_.erase(known->second);
  if (deadline == never) {
    if (known != by_key_.end()) by_key_.erase(known);
    return;
  }
  const Position position{deadline, next_sequence_++};
  by_key_.insert_or_assign(timer, position);
  by_deadline_.emplace(position, timer);
}

std::optional<TimerKey> TimerSet::take_due(Instant now) {
  if (by_deadline_.empty() || by_deadline_.begin()->first.deadline > now) return std::nullopt;
  const TimerKey timer = by_deadline_.begin()->second;
  by_deadline_.erase(by_deadline_.begin());
  by_key_.erase(timer);
  return timer;
}

}  // namespace brokerlab
