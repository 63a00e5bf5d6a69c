#include "gui/traffic.h"

#include <algorithm>

namespace brokerlab::gui {
namespace {

/// Sent but not arrived messages are kept no longer: their connection is long gone.
constexpr size_t flights_kept = 4000;
/// A message that has not arrived yet stays before its end.
constexpr float furthest_unarrived = 0.94F;

}  // namespace

void Traffic::add(std::span<const Event> events, double real_ms) {
  for (const Event& event : events) add(event, real_ms);
}

void Traffic::add(const Event& event, double real_ms) {
  const NodeId self = event.ref.node;
  if (const auto* sent = std::get_if<event::MessageSent>(&event.payload)) {
    Flight flight;
    flight.message.sent = event.ref;
    flight.message.from = self;
    flight.message.to = sent->frame.peer;
    flight.message.info = sent->message;
    flight.message.sent_at = event.at;
    flight.seen_ms = real_ms;
    flights_.emplace(event.ref, std::move(flight));
    if (flights_.size() > flights_kept) flights_.erase(flights_.begin());
  } else if (std::holds_alternative<event::MessageDelivered>(event.payload)) {
    ends(event.cause, event.at, false);
  } else if (std::holds_alternative<event::MessageDropped>(event.payload)) {
    ends(event.cause, event.at, true);
  } else if (const auto* opened = std::get_if<event::ConnectionOpened>(&event.payload)) {
    if (!opened->listener.empty()) return;  // the other end tells the same
    open_[{self, opened->connection.value}] = opened->peer;
    broken_.erase({self, opened->peer});
  } else if (const auto* closed = std::get_if<event::ConnectionClosed>(&event.payload)) {
    if (open_.erase({self, closed->connection.value}) > 0) broken_.insert({self, closed->peer});
  } else if (std::holds_alternative<event::NodeStopped>(event.payload)) {
    std::erase_if(open_, [&](const auto& entry) { return entry.first.first == self; });
    std::erase_if(broken_, [&](const Pair& pair) { return pair.first == self; });
  }
}

void Traffic::ends(const EventRef& sent, Instant at, bool is_dropped) {
  const auto found = flights_.find(sent);
  if (found == flights_.end()) return;
  Flight& flight = found->second;
  flight.arrived_at = at;
  flight.message.is_dropped = is_dropped;
  if (!is_dropped) last_took_[{flight.message.from, flight.message.to}] = at - flight.message.sent_at;
}

std::vector<MessageModel> Traffic::messages(Instant now, double real_ms) {
  const Motion& motion = tokens().motion;
  std::erase_if(flights_, [&](const auto& entry) {
    const Flight& flight = entry.second;
    const double shown = flight.message.is_dropped ? motion.dropped_visible : motion.message_min_visible;
    return flight.arrived_at && *flight.arrived_at <= now && real_ms - flight.seen_ms >= shown;
  });
  std::vector<MessageModel> moving;
  for (auto& [ref, flight] : flights_) {
    MessageModel& message = flight.message;
    const auto last = last_took_.find({message.from, message.to});
    const Duration expected = last == last_took_.end() ? usual_ : last->second;
    message.arrives_at = flight.arrived_at.value_or(message.sent_at + expected);
    const auto whole = static_cast<float>((message.arrives_at - message.sent_at).nanoseconds);
    const auto done = static_cast<float>((now - message.sent_at).nanoseconds);
    const float furthest = flight.arrived_at && !message.is_dropped ? 1.0F : furthest_unarrived;
    message.progress = whole > 0 ? std::clamp(done / whole, 0.0F, furthest) : furthest;
    message.has_arrived = flight.arrived_at && *flight.arrived_at <= now;
    moving.push_back(message);
  }
  return moving;
}

std::vector<LinkModel> Traffic::links(const std::set<NodeId>& gone) const {
  std::set<Pair> open;
  for (const auto& [end, peer] : open_) open.insert({end.first, peer});
  std::vector<LinkModel> links;
  for (const auto& [from, to] : open) links.push_back({from, to, gone.contains(to)});
  for (const Pair& pair : broken_) {
    if (gone.contains(pair.second) && !open.contains(pair)) links.push_back({pair.first, pair.second, true});
  }
  return links;
}

}  // namespace brokerlab::gui
