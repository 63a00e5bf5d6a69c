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

bool is_poll(const MessageInfo& m) {
  const bool is_internal_fetch = m.api_key == fetch_key && m.kind != MessageKind::fetch;
  return m.records <= 0 && m.error_code == 0 && (is_internal_fetch || m.api_key == broker_heartbeat_key);
}

bool is_poll(const EventModel& row) {
  const MessageInfo* m = message_of(row);
  return m != nullptr && is_poll(*m);
}

bool are_equal_polls(const EventModel& a, const EventModel& b) {
  const MessageInfo& first = *message_of(a);
  const MessageInfo& second = *message_of(b);
  return first.kind == second.kind && first.api_key == second.api_key &&
         first.is_response == second.is_response;
}

/// The row that a poll folds into; null when it begins a new one.
EventModel* earlier_poll(std::deque<EventModel>& rows, const EventModel& poll) {
  for (auto row = rows.rbegin(); row != rows.rend() && is_poll(*row); ++row) {
    if (poll.event.at - row->event.at > EventFeed::longest_fold) break;
    if (are_equal_polls(*row, poll)) return &*row;
  }
  return nullptr;
}

bool is_sent_to_several(const EventModel& last, const EventModel& next) {
  const MessageInfo* a = message_of(last);
  const MessageInfo* b = message_of(next);
  if (a == nullptr || b == nullptr || last.event.at != next.event.at) return false;
  const auto what = [](const MessageInfo& m) {
    return std::tie(m.kind, m.is_response, m.api_key, m.error_code, m.topic, m.partition, m.offset, m.epoch,
                    m.records);
  };
  return last.event.ref.node == next.event.ref.node && what(*a) == what(*b);
}

void merge(std::vector<NodeId>& into, const std::vector<NodeId>& from) {
  for (const NodeId id : from) {
    if (std::find(into.begin(), into.end(), id) == into.end()) into.push_back(id);
  }
}

}  // namespace

void EventFeed::add(std::span<const Event> events, std::deque<EventModel>& rows) {
  for (const Event& event : events) add(event, rows);
}

void EventFeed::add(const Event& event, std::deque<EventModel>& rows) {
  if (std::holds_alternative<event::MessageDelivered>(event.payload) ||
      std::holds_alternative<event::MessageDropped>(event.payload)) {
    arrived(event.cause, rows);
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
    add_message(std::move(row), *sent, rows);
  } else {
    push(std::move(row), rows);
  }
}

void EventFeed::add_message(EventModel row, const event::MessageSent& sent, std::deque<EventModel>& rows) {
  const NodeId peer = sent.frame.peer;
  row.receivers = {peer};
  row.is_in_flight = true;
  const MessageInfo& m = sent.message;
  const NodeId self = row.event.ref.node;
  if (m.is_response) {
    const auto request = open_requests_.find({peer, self, m.api_key, m.correlation_id});
    if (request != open_requests_.end()) {
      row.answered = request->second.message;
      if (EventModel* asked = find(request->second.sent, rows)) asked->is_waiting = false;
      open_requests_.erase(request);
    }
  } else {
    open_requests_[{self, peer, m.api_key, m.correlation_id}] = {row.event.ref, m};
    if (open_requests_.size() > rows_kept) open_requests_.erase(open_requests_.begin());
  }
  if (EventModel* same = is_poll(m) ? earlier_poll(rows, row) : nullptr) {
    ++same->count;
    merge(same->senders, row.senders);
    merge(same->receivers, row.receivers);
  } else if (!rows.empty() && is_sent_to_several(rows.back(), row)) {
    merge(rows.back().receivers, row.receivers);
  } else {
    row_of_[row.event.ref] = rows_dropped_ + rows.size();
    push(std::move(row), rows);
  }
}

void EventFeed::push(EventModel row, std::deque<EventModel>& rows) {
  rows.push_back(std::move(row));
  if (rows.size() <= rows_kept) return;
  row_of_.erase(rows.front().event.ref);
  rows.pop_front();
  ++rows_dropped_;
}

void EventFeed::arrived(const EventRef& sent, std::deque<EventModel>& rows) {
  EventModel* row = find(sent, rows);
  if (row == nullptr) return;
  row->is_in_flight = false;
  const MessageInfo* m = message_of(*row);
  // A fetch that finds nothing is held back: it waits for records, or for its time to run out.
  row->is_waiting = m != nullptr && !m->is_response && m->kind == MessageKind::fetch;
}

EventModel* EventFeed::find(const EventRef& ref, std::deque<EventModel>& rows) {
  const auto row = row_of_.find(ref);
  return row == row_of_.end() ? nullptr : &rows[row->second - rows_dropped_];
}

std::optional<Instant> EventFeed::led_since(const TopicPartition& partition) const {
  const auto found = leaders_.find(partition);
  if (found == leaders_.end()) return std::nullopt;
  return found->second.second;
}

}  // namespace brokerlab::gui
