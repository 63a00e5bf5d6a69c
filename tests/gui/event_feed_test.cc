// The rows of the event list: what folds, what never does, and what is still under way.
#include "gui/event_feed.h"

#include <doctest/doctest.h>

using namespace brokerlab;
using namespace brokerlab::gui;

namespace {

constexpr NodeId kafka1{1};
constexpr NodeId kafka2{2};
constexpr NodeId kafka3{3};
constexpr NodeId shop{7};

MessageInfo message(MessageKind kind, int16_t api_key, bool is_response, int32_t records = -1) {
  MessageInfo m;
  m.kind = kind;
  m.api_key = api_key;
  m.is_response = is_response;
  m.records = records;
  return m;
}
MessageInfo poll() { return message(MessageKind::replicate, 1, false); }
MessageInfo empty_answer() { return message(MessageKind::replicate, 1, true, 0); }
MessageInfo heartbeat() { return message(MessageKind::control, 63, false); }
MessageInfo records() { return message(MessageKind::replicate, 1, true, 3); }
MessageInfo write() { return message(MessageKind::produce, 0, false, 1); }

/// Who watches the cluster and fills the list.
class Observer {
 public:
  EventRef sent(NodeId from, NodeId to, int64_t at_ms, const MessageInfo& m) {
    return say(from, at_ms, event::MessageSent{{{1}, to, 0, 100}, m}, {});
  }
  void delivered(NodeId to, NodeId from, int64_t at_ms, EventRef sent) {
    say(to, at_ms, event::MessageDelivered{{{1}, from, 0, 100}}, sent);
  }
  const std::deque<EventModel>& rows() const { return rows_; }

 private:
  EventRef say(NodeId node, int64_t at_ms, EventPayload payload, EventRef cause) {
    const EventRef ref{node, ++sequence_};
    feed_.add(std::vector<Event>{{ref, cause, Instant{} + milliseconds(at_ms), std::move(payload)}}, rows_);
    return ref;
  }

  uint64_t sequence_ = 0;
  EventFeed feed_;
  std::deque<EventModel> rows_;
};

}  // namespace

TEST_CASE("polls fold by kind and direction, also across polls of another kind") {
  Observer list;
  list.sent(kafka2, kafka1, 10, poll());
  list.sent(kafka1, kafka2, 20, empty_answer());
  list.sent(kafka2, kafka3, 25, heartbeat());
  list.sent(kafka3, kafka1, 30, poll());
  list.sent(kafka1, kafka3, 40, empty_answer());
  REQUIRE(list.rows().size() == 3);
  CHECK(list.rows()[0].count == 2);
  CHECK(list.rows()[0].senders == std::vector<NodeId>{kafka2, kafka3});
  CHECK(list.rows()[1].count == 2);
  CHECK(list.rows()[1].receivers == std::vector<NodeId>{kafka2, kafka3});
  CHECK(list.rows()[2].count == 1);
}

TEST_CASE("news ends a fold, and so does time") {
  Observer list;
  list.sent(kafka2, kafka1, 10, poll());
  list.sent(shop, kafka1, 20, write());
  list.sent(kafka2, kafka1, 30, poll());
  CHECK(list.rows().size() == 3);
  list.sent(kafka2, kafka1, 30 + EventFeed::longest_fold.milliseconds(), poll());
  CHECK(list.rows().size() == 3);
  list.sent(kafka2, kafka1, 31 + EventFeed::longest_fold.milliseconds(), poll());
  CHECK(list.rows().size() == 4);
}

TEST_CASE("what carries records or an error never folds") {
  Observer list;
  list.sent(kafka1, kafka2, 10, records());
  list.sent(kafka1, kafka2, 20, records());
  MessageInfo refused = empty_answer();
  refused.error_code = 6;
  list.sent(kafka1, kafka2, 30, refused);
  list.sent(kafka1, kafka2, 40, refused);
  CHECK(list.rows().size() == 4);
}

TEST_CASE("one message to several at once is one row that names them all") {
  Observer list;
  list.sent(kafka1, kafka2, 10, records());
  list.sent(kafka1, kafka3, 10, records());
  REQUIRE(list.rows().size() == 1);
  CHECK(list.rows()[0].count == 1);
  CHECK(list.rows()[0].receivers == std::vector<NodeId>{kafka2, kafka3});
}

TEST_CASE("a message is under way until it is delivered; a fetch then waits for its answer") {
  Observer list;
  MessageInfo fetch = message(MessageKind::fetch, 1, false);
  const EventRef asked = list.sent(shop, kafka1, 10, fetch);
  CHECK(list.rows()[0].is_in_flight);
  list.delivered(kafka1, shop, 20, asked);
  CHECK_FALSE(list.rows()[0].is_in_flight);
  CHECK(list.rows()[0].is_waiting);
  fetch.is_response = true;
  list.sent(kafka1, shop, 30, fetch);
  CHECK_FALSE(list.rows()[0].is_waiting);
}

TEST_CASE("old rows make room, and what is under way is still found") {
  Observer list;
  for (size_t i = 0; i < EventFeed::rows_kept; ++i) list.sent(shop, kafka1, static_cast<int64_t>(i), write());
  const EventRef last = list.sent(shop, kafka2, 9999, write());
  CHECK(list.rows().size() == EventFeed::rows_kept);
  list.delivered(kafka2, shop, 10'000, last);
  CHECK_FALSE(list.rows().back().is_in_flight);
}
