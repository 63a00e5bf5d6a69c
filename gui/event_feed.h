// The rows of the event list, kept up from the journal: which events are shown, which fold into one, which
// request a response answers, what is still under way.
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

  void add(std::span<const Event> events);
  const std::deque<EventModel>& rows() const { return rows_; }
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

  void add(const Event& event);
  void add_message(EventModel row, const event::MessageSent& sent);
  void arrived(const EventRef& sent);
  EventModel* find(const EventRef& ref);
  void push(EventModel row);
  static bool folds(const EventModel& last, const EventModel& next);

  std::deque<EventModel> rows_;
  std::map<Exchange, Request> open_requests_;
  std::map<TopicPartition, std::pair<int32_t, Instant>> leaders_;
};

}  // namespace brokerlab::gui
