// The rows of the event list, kept up from the journal: which events are shown, which fold into one, which
// request a response answers, what is still under way.
//
// Two things fold: polls that bring nothing (fetches and heartbeats, which come without end) with the last of
// their kind, as long as only polls stand between and they are younger than `longest_fold`; and one message
// that a node sends to several others at once. What carries records or an error never folds as a poll.
#pragma once

#include <deque>
#include <map>
#include <span>
#include <tuple>

#include "gui/window_model.h"

namespace brokerlab::gui {

class EventFeed {
 public:
  static constexpr size_t rows_kept = 2000;
  static constexpr Duration longest_fold = milliseconds(500);

  /// REQUIRES: always the same `rows`, and nobody else changes them.
  void add(std::span<const Event> events, std::deque<EventModel>& rows);
  /// When the journal saw the partition's leader take over; nothing when it never did.
  std::optional<Instant> led_since(const TopicPartition& partition) const;

 private:
  struct Exchange {  // one request: who asked whom what
    NodeId asker;
    NodeId asked;
    int16_t api_key;
    int32_t correlation_id;
    friend auto operator<=>(const Exchange&, const Exchange&) = default;
  };
  struct Request {
    EventRef sent;
    MessageInfo message;
  };

  void add(const Event& event, std::deque<EventModel>& rows);
  void add_message(EventModel row, const event::MessageSent& sent, std::deque<EventModel>& rows);
  void push(EventModel row, std::deque<EventModel>& rows);
  void arrived(const EventRef& sent, std::deque<EventModel>& rows);
  /// The row that shows this event first of all; null when it is folded or gone.
  EventModel* find(const EventRef& ref, std::deque<EventModel>& rows);

  uint64_t rows_dropped_ = 0;
  std::map<EventRef, uint64_t> row_of_;  // messages: their row, counted from the first ever
  std::map<Exchange, Request> open_requests_;
  std::map<TopicPartition, std::pair<int32_t, Instant>> leaders_;
};

}  // namespace brokerlab::gui
