#include "sim/observe/output_collector.h"

#include <utility>

namespace brokerlab {

void OutputCollector::watch(NodeId node) {
  const std::lock_guard lock(mutex_);
  watched_.try_emplace(node);
}

void OutputCollector::forget(NodeId node) {
  const std::lock_guard lock(mutex_);
  watched_.erase(node);
}

std::vector<OutputChunk> OutputCollector::take(NodeId node) {
  const std::lock_guard lock(mutex_);
  const auto watched = watched_.find(node);
  return watched == watched_.end() ? std::vector<OutputChunk>{} : std::exchange(watched->second, {});
}

void OutputCollector::on_events(std::span<const Event> events) {
  for (const Event& event : events) {
    const auto* printed = std::get_if<event::Printed>(&event.payload);
    if (printed == nullptr) continue;
    const std::lock_guard lock(mutex_);
    const auto watched = watched_.find(event.ref.node);
    if (watched != watched_.end()) watched->second.push_back({printed->stream, printed->text});
  }
}

}  // namespace brokerlab
