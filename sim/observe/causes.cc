#include "sim/observe/causes.h"

#include <algorithm>
#include <set>
#include <string>
#include <type_traits>
#include <variant>

namespace brokerlab {

namespace {

template <class T, class... Kinds>
inline constexpr bool is_one_of = (std::is_same_v<T, Kinds> || ...);

bool is_done_to_the_lab(const EventPayload& payload) {
  return std::visit(
      [](const auto& p) {
        return is_one_of<std::decay_t<decltype(p)>, event::CommandGiven, event::FaultSet, event::FaultHealed,
                         event::NodeStarted, event::NodeStopped, event::NodePaused, event::NodeResumed>;
      },
      payload);
}

/// Traffic of clients apart.
bool is_history_of_partition(const EventPayload& payload, const std::string& partition) {
  const bool is_told = std::visit(
      [](const auto& p) {
        return is_one_of<std::decay_t<decltype(p)>, event::LogLoaded, event::LogRemoved, event::LogAppended,
                         event::LogTruncated, event::LogStartMoved, event::HighWatermarkAdvanced,
                         event::Acknowledged, event::PartitionChanged, event::IsrProposed,
                         event::IsrAccepted>;
      },
      payload);
  std::string name;
  return is_told && field_of(payload, "partition", name) && name == partition;
}

}  // namespace

std::vector<Event> what_led_to(std::span<const Event> events, EventRef event, size_t limit) {
  // The journal is in order of time, not of references: one pass back finds each cause before its effect.
  std::set<size_t> chosen;
  std::string partition;
  EventRef wanted = event;
  size_t causes = 0;
  size_t of_lab = 0;
  size_t of_partition = 0;
  bool is_found = false;
  for (size_t i = events.size(); i-- > 0;) {
    const Event& candidate = events[i];
    if (candidate.ref == wanted && causes <= limit) {
      if (!is_found) (void)field_of(candidate.payload, "partition", partition);
      is_found = true;
      ++causes;
      wanted = candidate.cause;
      chosen.insert(i);
    } else if (is_found && of_lab < limit && is_done_to_the_lab(candidate.payload)) {
      ++of_lab;
      chosen.insert(i);
    } else if (is_found && of_partition < limit && !partition.empty() &&
               is_history_of_partition(candidate.payload, partition)) {
      ++of_partition;
      chosen.insert(i);
    }
  }
  std::vector<Event> led;
  for (const size_t i : chosen) led.push_back(events[i]);
  return led;
}

}  // namespace brokerlab
