#include "sim/observe/causes.h"

#include <doctest/doctest.h>

using namespace brokerlab;

namespace {

Event event_of(uint32_t node, uint64_t sequence, EventRef cause, EventPayload payload) {
  Event event;
  event.ref = {NodeId{node}, sequence};
  event.cause = cause;
  event.payload = std::move(payload);
  return event;
}

}  // namespace

TEST_CASE("What led to an event: its causes, what was done to the lab, and the partition's history") {
  const TopicPartition orders{"orders", 0};
  const TopicPartition users{"users", 0};
  const auto advanced = [](const TopicPartition& partition, int64_t offset) {
    return event::HighWatermarkAdvanced{partition, 1, offset, 0, true};
  };
  const std::vector<Event> journal = {
      event_of(9, 1, {}, event::FaultSet{"cut kafka1 kafka2"}),
      event_of(0, 1, {}, advanced(orders, 1)),
      event_of(0, 2, {}, advanced(users, 1)),
      event_of(1, 1, {}, event::TimerFired{}),
      event_of(1, 2, {NodeId{1}, 1}, event::MessageSent{}),
      event_of(0, 3, {NodeId{1}, 2}, event::MessageDelivered{}),
      event_of(0, 4, {}, event::TimerFired{}),
      event_of(0, 5, {NodeId{0}, 3}, event::LogTruncated{orders, 1, 0, 1, 0}),
      event_of(0, 6, {}, advanced(orders, 2)),
  };
  const auto refs = [&](size_t limit) {
    std::string text;
    for (const Event& event : what_led_to(journal, {NodeId{0}, 5}, limit))
      text += std::to_string(event.ref.node.value) + "." + std::to_string(event.ref.sequence) + " ";
    return text;
  };
  CHECK(refs(10) == "9.1 0.1 1.1 1.2 0.3 0.5 ");
  CHECK(refs(1) == "9.1 0.1 0.3 0.5 ");
  CHECK(what_led_to(journal, {NodeId{0}, 77}, 10).empty());
}
