// What led to an event: for whoever has to understand a violation.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/base/event.h"

namespace brokerlab {

/// Of `events`, in order, those that led to `event`, and the event itself: its causes, one behind the other; what was
/// done to the lab (commands, faults, nodes that stopped and started); and what happened to the same partition's logs
/// and registration. The last `limit` of each. Empty when `event` is not among them.
std::vector<Event> what_led_to(std::span<const Event> events, EventRef event, size_t limit);

}  // namespace brokerlab
