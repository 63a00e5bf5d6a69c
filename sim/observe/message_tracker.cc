#include "sim/observe/message_tracker.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace brokerlab {

void MessageTracker::on_events(std::span<const Event> events) {
  const std::lock_guard lock(mutex_);
  for (const Event& event : events) {
    if (const auto* sent_payload = std::get_if<event::MessageSent>(&event.payload)) {
      sent(event, *sent_payload);
    } else if (const auto* delivery = std::get_if<event::MessageDelivered>(&event.payload)) {
      delivered(event, delivery->frame);
    } else if (std::holds_alternative<event::MessageDropped>(event.payload)) {
      end(event, true);
    } else if (const auto* description = std::get_if<event::MessageDescribed>(&event.payload)) {
      described(event, *description);
    }
  }
}

void MessageTracker::sent(const Event& event, const event::MessageSent& sent) {
  TrackedMessage message;
  message.sent = event.ref;
  message.from = event.ref.node;
  message.to = sent.frame.peer;
  message.frame = sent.frame;
  message.message = sent.message;
  message.sent_at = event.at;
  if (message.to == no_node) {  // nobody will say when it came
    message.ended_at = event.at;
    keep(std::move(message));
  } else {
    under_way_.emplace(event.ref, std::move(message));
  }
}

void MessageTracker::delivered(const Event& event, const FrameRef& frame) {
  if (frame.peer != no_node) return end(event, false);
  TrackedMessage message;
  message.to = event.ref.node;
  message.frame = frame;
  message.sent_at = event.at;
  message.ended_at = event.at;
  message.ended = event.ref;
  keep(std::move(message));
}

/// The receiver of a frame from outside says what it was.
void MessageTracker::described(const Event& event, const event::MessageDescribed& described) {
  const auto found = std::find_if(ended_.rbegin(), ended_.rend(), [&](const TrackedMessage& message) {
    return message.ended == event.cause && message.frame.connection == described.connection;
  });
  if (found != ended_.rend()) found->message = described.message;
}

void MessageTracker::end(const Event& event, bool is_dropped) {
  const auto found = under_way_.find(event.cause);
  if (found == under_way_.end()) return;  // sent before this began to listen, or to nobody
  TrackedMessage message = std::move(found->second);
  under_way_.erase(found);
  message.ended_at = event.at;
  message.ended = event.ref;
  message.is_dropped = is_dropped;
  keep(std::move(message));
}

void MessageTracker::keep(TrackedMessage message) {
  ended_.push_back(std::move(message));
  if (ended_.size() > capacity_) ended_.pop_front();
}

std::vector<TrackedMessage> MessageTracker::messages(Instant since) const {
  const std::lock_guard lock(mutex_);
  std::vector<TrackedMessage> messages;
  for (const auto& [sent, message] : under_way_) messages.push_back(message);
  std::copy_if(ended_.begin(), ended_.end(), std::back_inserter(messages),
               [&](const TrackedMessage& message) { return message.ended_at >= since; });
  std::sort(messages.begin(), messages.end(), [](const TrackedMessage& a, const TrackedMessage& b) {
    return std::tie(a.sent_at, a.sent, a.ended) < std::tie(b.sent_at, b.sent, b.ended);
  });
  return messages;
}

}  // namespace brokerlab
