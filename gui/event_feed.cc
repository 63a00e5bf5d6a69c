#include "gui/event_feed.h"

#include <algorithm>

#include "gui/text/event_words.h"

namespace brokerlab::gui {
namespace {

const MessageInfo* message_of(const EventModel& row) {
  const auto* sent = std::get_if<event::MessageSent>(&row.event.payload);
  return sent == nullptr ? nullptr : &sent->message;
}

constexpr int16_t fetch_key = 1;
constexpr int16_t broker_heartbeat_key = 63;

/// Polls come without end and say nothing new: they may fold. What carries records or an error never does.
bool is_poll(const MessageInfo& m) {
  const bool is_internal_fetch = m.api_key == fetch_key && m.kind != MessageKind::fetch;
  return m.records <= 0 && m.error_code == 0 && (is_internal_fetch || m.api_key == broker_heartbeat_key);
}

}  // namespace

void EventFeed::add(std::span<const Event> events) {
  for (const Event& event : events) add(event);
}

void EventFeed::add(const Event& event) {
  if (std::holds_alternative<event::MessageDelivered>(event.payload) ||
      std::holds_alternative<event::MessageDropped>(event.payload)) {
    arrived(event.cause);
    return;
  }
  if (const auto* changed = std::get_if<event::PartitionChanged>(&event.payload)) {
    auto& [leader, since] = leaders_[changed->partition];
    if (leader != changed->leader || since == Instant{}) since = event.at;
    leader = changed->leader;
  }
  if (!is_shown(event)) return;
  EventModel row;
  row.event = event;
  row.senders = {event.ref.node};
  if (const auto* sent = std::get_if<event::MessageSent>(&event.payload)) {
    add_message(std::move(row), *sent);
  } else {
    push(std::move(row));
  }
}

void EventFeed::add_message(EventModel row, const event::MessageSent& sent) {
  row.peer = sent.frame.peer;
  row.is_in_flight = true;
  const MessageInfo& m = sent.message;
  const NodeId self = row.event.ref.node;
  if (m.is_response) {
    const auto request = open_requests_.find({row.peer, self, m.api_key, m.correlation_id});
    if (request != open_requests_.end()) {
      row.answered = request->second.message;
      if (EventModel* asked = find(request->second.sent)) asked->is_waiting = false;
      open_requests_.erase(request);
    }
  } else {
    open_requests_[{self, row.peer, m.api_key, m.correlation_id}] = {row.event.ref, m};
    if (open_requests_.size() > rows_kept) open_requests_.erase(open_requests_.begin());
  }
  push(std::move(row));
}

void EventFeed::arrived(const EventRef& sent) {
  EventModel* row = find(sent);
  if (row == nullptr) return;
  row->is_in_flight = false;
  const MessageInfo* m = message_of(*row);
  // A fetch that finds nothing is held back: it waits for records, or for its time to run out.
  row->is_waiting = m != nullptr && !m->is_response && m->kind == MessageKind::fetch;
}

EventModel* EventFeed::find(const EventRef& ref) {
  const auto row = std::find_if(rows_.rbegin(), rows_.rend(),
                                [&](const EventModel& candidate) { return candidate.event.ref == ref; });
  return row == rows_.rend() ? nullptr : &*row;
}

bool EventFeed::folds(const EventModel& last, const EventModel& next) {
  const MessageInfo* a = message_of(last);
  const MessageInfo* b = message_of(next);
  return a != nullptr && b != nullptr && is_poll(*a) && is_poll(*b) && a->kind == b->kind &&
         a->api_key == b->api_key;
}

void EventFeed::push(EventModel row) {
  if (!rows_.empty() && folds(rows_.back(), row)) {
    EventModel& last = rows_.back();
    ++last.count;
    const MessageInfo& message = *message_of(row);
    const NodeId asker = message.is_response ? row.peer : row.event.ref.node;
    if (std::find(last.senders.begin(), last.senders.end(), asker) == last.senders.end()) {
      last.senders.push_back(asker);
    }
    return;
  }
  const MessageInfo* message = message_of(row);
  if (message != nullptr && message->is_response) row.senders = {row.peer};
  rows_.push_back(std::move(row));
  if (rows_.size() > rows_kept) rows_.pop_front();
}

std::optional<Instant> EventFeed::led_since(const TopicPartition& partition) const {
  const auto found = leaders_.find(partition);
  if (found == leaders_.end()) return std::nullopt;
  return found->second.second;
}

}  // namespace brokerlab::gui
