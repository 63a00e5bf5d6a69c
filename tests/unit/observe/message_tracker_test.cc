#include "sim/observe/message_tracker.h"

#include <doctest/doctest.h>

#include "sim/runtime/sandbox.h"
#include "tests/unit/runtime/echo_node.h"

using namespace brokerlab;
using namespace brokerlab::test;

namespace {

Event event_of(NodeId node, uint64_t sequence, EventRef cause, EventPayload payload) {
  Event event;
  event.ref = {node, sequence};
  event.cause = cause;
  event.at = Instant{static_cast<int64_t>(sequence)};
  event.payload = std::move(payload);
  return event;
}

}  // namespace

TEST_CASE("message tracker: a frame is under way from its sending to its delivery") {
  ClusterSpec spec = echo_cluster(Driver::sandbox);
  spec.latency = {milliseconds(1), {}};
  Sandbox lab(std::move(spec));
  MessageTracker tracker(100);
  lab.journal().subscribe(&tracker);
  const NodeId caller = lab.add(caller_spec("caller-1", {echo_address(lab), {"one"}, {}}), {}).value();
  lab.run_for(microseconds(2'500));  // two for the handshake, then half of the way there
  const std::vector<TrackedMessage> under_way = tracker.messages({});
  REQUIRE(under_way.size() == 1);
  CHECK(under_way[0].from == caller);
  CHECK(under_way[0].to == NodeId{1});
  CHECK(under_way[0].sent_at == Instant{} + milliseconds(2));
  CHECK_FALSE(under_way[0].ended_at);
  lab.run_for(milliseconds(10));
  const std::vector<TrackedMessage> all = tracker.messages({});
  REQUIRE(all.size() == 2);
  CHECK(all[0].ended_at == Instant{} + milliseconds(3));
  CHECK(all[1].from == NodeId{1});
  CHECK(all[1].ended_at == all[1].sent_at + milliseconds(1));
  CHECK(tracker.messages(Instant{} + milliseconds(4)).size() == 1);
  lab.journal().unsubscribe(&tracker);
}

TEST_CASE("message tracker: a frame that is lost with its connection ends as dropped") {
  Sandbox lab(echo_cluster(Driver::sandbox));
  MessageTracker tracker(100);
  lab.journal().subscribe(&tracker);
  lab.add(caller_spec("caller-1", {echo_address(lab), {"one"}, {}}), {}).value();
  REQUIRE(lab.set_fault(parse_fault("cut echo1 to caller-1").value(), {}).ok());
  REQUIRE(lab.heal("", "", {}).ok());
  REQUIRE(lab.set_fault(parse_fault("slow caller-1 echo1 1s").value(), {}).ok());
  lab.run_for(milliseconds(500));
  REQUIRE(lab.kill(NodeId{1}, {}).ok());
  lab.run_for(seconds(2));
  const std::vector<TrackedMessage> all = tracker.messages({});
  REQUIRE(all.size() == 1);
  CHECK(all[0].is_dropped);
  lab.journal().unsubscribe(&tracker);
}

TEST_CASE("message tracker: the receiver of a frame from outside says what it was") {
  MessageTracker tracker(2);
  const NodeId node{1};
  const auto deliver = [&](uint64_t sequence) {
    return event_of(node, sequence, {}, event::MessageDelivered{{{7}, no_node, sequence, 10}});
  };
  MessageInfo produce;
  produce.kind = MessageKind::produce;
  const std::vector<Event> events = {
      deliver(1), deliver(2), event_of(node, 3, {node, 1}, event::MessageDescribed{{7}, "kcat", produce})};
  tracker.on_events(events);
  std::vector<TrackedMessage> all = tracker.messages({});
  REQUIRE(all.size() == 2);
  CHECK(all[0].message.kind == MessageKind::produce);
  CHECK(all[1].message.kind == MessageKind::control);
  tracker.on_events(std::vector{deliver(4)});
  all = tracker.messages({});
  REQUIRE(all.size() == 2);
  CHECK(all[0].ended == EventRef{node, 2});
}
