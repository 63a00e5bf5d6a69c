#include "sim/runtime/sandbox.h"

#include <doctest/doctest.h>

#include "tests/unit/runtime/echo_node.h"

using namespace brokerlab;
using namespace brokerlab::test;

namespace {

ClusterSpec sandbox_cluster() {
  ClusterSpec spec = echo_cluster(Driver::sandbox);
  spec.latency = {milliseconds(1), microseconds(500)};
  return spec;
}

NodeId call(Lab& lab, int lines, Duration pause = milliseconds(10)) {
  return lab.add(caller_spec(lab.free_name("caller"), {echo_address(lab), numbered_lines(lines), pause}), {})
      .value();
}

}  // namespace

TEST_CASE("sandbox: a caller gets its echoes in order, after the disk and the way there and back") {
  Sandbox lab(sandbox_cluster());
  const NodeId caller = call(lab, 3);
  CHECK(wait_for_end(lab, caller) == WaitResult::reached);
  CHECK(text_of(lab.take_output(caller)) == "opened\necho line 1\necho line 2\necho line 3\n");
  CHECK(status_of(lab, caller).state == NodeState::stopped);
  CHECK(status_of(lab, caller).exit_status == 0);
  // Handshake and three rounds of 2 to 3 ms and a flush each, and two pauses.
  const Duration least = milliseconds(4 * 2 + 2 * 10) + Sandbox::flush_time * 3;
  CHECK(lab.now().monotonic >= Instant{} + least);
  CHECK(lab.now().monotonic <= Instant{} + least + milliseconds(4));
  CHECK(count_events(lab, "message_sent", caller) == 3);
  CHECK(count_events(lab, "message_delivered", caller) == 3);
  CHECK(count_events(lab, "disk_finished", echo1) == 3);
}

TEST_CASE("sandbox: what is delivered is caused by what was sent, and that by what the sender received") {
  Sandbox lab(sandbox_cluster());
  const NodeId caller = call(lab, 1);
  wait_for_end(lab, caller);
  uint64_t position = 0;
  std::map<EventRef, Event> by_ref;
  Event last_delivered;
  for (const Event& event : lab.ring().since(position)) {
    by_ref[event.ref] = event;
    if (std::holds_alternative<event::MessageDelivered>(event.payload)) last_delivered = event;
  }
  std::vector<std::string_view> chain;
  for (EventRef ref = last_delivered.ref; by_ref.contains(ref); ref = by_ref[ref].cause) {
    chain.push_back(kind_of(by_ref[ref].payload));
  }
  const std::vector<std::string_view> expected = {"message_delivered", "message_sent", "disk_finished",
                                                  "message_delivered", "message_sent", "connection_opened",
                                                  "node_started"};
  CHECK(chain == expected);
}

TEST_CASE("sandbox: one seed gives one journal, another seed another") {
  const auto run = [](uint64_t seed) {
    ClusterSpec spec = sandbox_cluster();
    spec.seed = seed;
    Sandbox lab(std::move(spec));
    call(lab, 20);
    call(lab, 20);
    lab.run_for(milliseconds(200));
    REQUIRE(lab.kill(echo1, {}).ok());
    lab.run_for(milliseconds(50));
    REQUIRE(lab.start(echo1, {}).ok());
    lab.run_for(seconds(1));
    return lab.hash();
  };
  CHECK(run(7) == run(7));
  CHECK(run(7) != run(8));
}

TEST_CASE("sandbox: a clone goes on to the same journal as the original") {
  Sandbox original(sandbox_cluster());
  call(original, 50);
  const NodeId second = call(original, 50);
  original.run_for(milliseconds(105));
  REQUIRE(original.pause(second, {}).ok());
  REQUIRE(original.set_fault(parse_fault("slow caller-1 echo1 4ms jitter 2ms").value(), {}).ok());
  original.run_for(milliseconds(7));
  const std::unique_ptr<Sandbox> clone = original.clone();
  CHECK(clone->hash() == original.hash());
  for (Sandbox* lab : {&original, clone.get()}) {
    lab->run_for(milliseconds(20));
    REQUIRE(lab->resume(second, {}).ok());
    lab->run_for(seconds(2));
  }
  CHECK(clone->hash() == original.hash());
  CHECK(clone->events() == original.events());
  CHECK(text_of(original.take_output(second)).ends_with("echo line 50\n"));
  CHECK(text_of(clone->take_output(second)).ends_with("echo line 50\n"));
  clone->run_for(seconds(1));
  REQUIRE(clone->kill(echo1, {}).ok());
  CHECK(clone->hash() != original.hash());
}

TEST_CASE("sandbox: a killed node's peers see the connection close; a restarted one finds its disk") {
  Sandbox lab(sandbox_cluster());
  const NodeId caller = call(lab, 1000);
  CHECK(wait_for_records(lab, caller, 5) == WaitResult::reached);
  CHECK(lab.kill(echo1, {}).ok());
  CHECK_FALSE(lab.kill(echo1, {}).ok());
  CHECK(status_of(lab, echo1).state == NodeState::killed);
  CHECK(records_of(lab, echo1) >= 5);  // its last words stay readable
  CHECK(wait_for_end(lab, caller) == WaitResult::reached);
  CHECK(text_of(lab.take_output(caller)).ends_with("2> closed by peer\n"));

  const NodeId refused = call(lab, 1);
  CHECK(wait_for_end(lab, refused) == WaitResult::reached);
  CHECK(text_of(lab.take_output(refused)) == "2> connection refused\n");

  CHECK(lab.start(echo1, {}).ok());
  CHECK(status_of(lab, echo1).incarnation == 2);
  const NodeId again = call(lab, 1);
  CHECK(wait_for_end(lab, again) == WaitResult::reached);
  CHECK(text_of(lab.take_output(again)) == "opened\necho line 1\n");
  uint64_t position = 0;
  std::string printed;
  for (const Event& event : lab.ring().since(position)) {
    const auto* text = std::get_if<event::Printed>(&event.payload);
    if (text != nullptr && event.ref.node == echo1 && text->text.starts_with("started")) printed = text->text;
  }
  CHECK(printed.starts_with("started with "));
  CHECK(printed != "started with 0 bytes\n");
}

TEST_CASE("sandbox: a paused node answers when it is resumed, and nothing is lost") {
  Sandbox lab(sandbox_cluster());
  const NodeId caller = call(lab, 10);
  CHECK(wait_for_records(lab, caller, 3) == WaitResult::reached);
  CHECK(lab.pause(echo1, {}).ok());
  lab.run_for(seconds(100));
  CHECK(records_of(lab, caller) <= 4);
  // A new connection is accepted by the system behind a paused process.
  const NodeId late = call(lab, 1);
  lab.run_for(seconds(1));
  CHECK(text_of(lab.take_output(late)) == "opened\n");
  CHECK(lab.resume(echo1, {}).ok());
  CHECK(wait_for_end(lab, caller) == WaitResult::reached);
  CHECK(wait_for_end(lab, late) == WaitResult::reached);
  CHECK(text_of(lab.take_output(caller)).ends_with("echo line 9\necho line 10\n"));
}

TEST_CASE("sandbox: a paused node can be killed, and who was connecting learns it") {
  Sandbox lab(sandbox_cluster());
  REQUIRE(lab.pause(echo1, {}).ok());
  const NodeId caller = call(lab, 1);
  lab.run_for(milliseconds(100));
  CHECK(lab.kill(echo1, {}).ok());
  CHECK(wait_for_end(lab, caller) == WaitResult::reached);
  CHECK(text_of(lab.take_output(caller)) == "opened\n2> closed by peer\n");
}

TEST_CASE("sandbox: a cut link holds frames in order and lets them go when healed") {
  Sandbox lab(sandbox_cluster());
  const NodeId caller = call(lab, 10);
  wait_for_records(lab, caller, 3);
  CHECK(lab.set_fault(parse_fault("cut caller-1 echo-1").value(), {}).ok());
  CHECK(lab.view().faults.front().to_string() == "cut caller-1 echo1");
  lab.run_for(seconds(25));
  const int64_t before = records_of(lab, caller);
  CHECK(before <= 4);
  CHECK(lab.heal("caller-1", "echo1", {}).ok());
  CHECK(lab.view().faults.empty());
  CHECK(wait_for_end(lab, caller) == WaitResult::reached);
  CHECK(status_of(lab, caller).exit_status == 0);
  CHECK_FALSE(lab.heal("", "", {}).ok());
}

TEST_CASE("sandbox: a cut of 30 s breaks the connection of who had sent something, and the frame is lost") {
  Sandbox lab(sandbox_cluster());
  const NodeId caller = call(lab, 1000);
  wait_for_records(lab, caller, 3);
  REQUIRE(lab.set_fault(parse_fault("cut caller-1").value(), {}).ok());
  lab.run_for(seconds(29));
  CHECK(status_of(lab, caller).state == NodeState::running);
  CHECK(wait_for_end(lab, caller, seconds(2)) == WaitResult::reached);
  CHECK(text_of(lab.take_output(caller)).ends_with("2> timed out\n"));
  CHECK(count_events(lab, "message_dropped", caller) + count_events(lab, "message_dropped", echo1) >= 1);
  // The other end hears of it when something gets through again.
  const uint64_t closed_before = count_events(lab, "connection_closed", echo1);
  REQUIRE(lab.heal("", "", {}).ok());
  lab.run_for(milliseconds(10));
  CHECK(count_events(lab, "connection_closed", echo1) == 1);
  CHECK(closed_before == 0);
}

TEST_CASE("sandbox: one way cut, requests arrive and answers wait") {
  Sandbox lab(sandbox_cluster());
  const NodeId caller = call(lab, 100);
  wait_for_records(lab, caller, 3);
  const int64_t answered = records_of(lab, caller);
  REQUIRE(lab.set_fault(parse_fault("cut echo1 to caller-1").value(), {}).ok());
  lab.run_for(seconds(5));
  CHECK(records_of(lab, echo1) == answered + 1);
  CHECK(records_of(lab, caller) == answered);
  REQUIRE(lab.heal("", "", {}).ok());
  lab.run_for(milliseconds(100));
  CHECK(records_of(lab, caller) > answered);
}

TEST_CASE("sandbox: a new connection over a cut link waits for the heal, or times out") {
  Sandbox lab(sandbox_cluster());
  REQUIRE(lab.set_fault(parse_fault("cut echo1").value(), {}).ok());
  const NodeId patient = call(lab, 1);
  lab.run_for(seconds(29));
  CHECK(text_of(lab.take_output(patient)).empty());
  REQUIRE(lab.heal("", "", {}).ok());
  CHECK(wait_for_end(lab, patient) == WaitResult::reached);
  CHECK(text_of(lab.take_output(patient)) == "opened\necho line 1\n");

  REQUIRE(lab.set_fault(parse_fault("cut echo1").value(), {}).ok());
  const NodeId unlucky = call(lab, 1);
  CHECK(wait_for_end(lab, unlucky, seconds(31)) == WaitResult::reached);
  CHECK(text_of(lab.take_output(unlucky)) == "2> connection timed out\n");
}

TEST_CASE("sandbox: a reset breaks both ends at once") {
  Sandbox lab(sandbox_cluster());
  const NodeId caller = call(lab, 1000);
  wait_for_records(lab, caller, 3);
  CHECK(lab.reset_connections("caller-1", "echo1", {}).ok());
  lab.run_for({});
  CHECK(text_of(lab.take_output(caller)).ends_with("2> reset\n"));
  CHECK(count_events(lab, "connection_closed", echo1) == 1);
  CHECK(lab.reset_connections("nobody", "", {}).message == "no node is called nobody");
  CHECK(lab.reset_connections("nobody", "", {}).korean == "nobody(이)라는 노드가 없습니다");
}

TEST_CASE("sandbox: a frame longer than the listener takes closes the connection") {
  Sandbox lab(sandbox_cluster());
  const NodeId caller =
      lab.add(caller_spec("caller-1", {echo_address(lab), {std::string(101, 'x')}, {}}), {}).value();
  CHECK(wait_for_end(lab, caller) == WaitResult::reached);
  CHECK(text_of(lab.take_output(caller)) == "opened\n2> reset by peer\n");
}

TEST_CASE("sandbox: the clock can be paused, stepped and paced") {
  Sandbox lab(sandbox_cluster());
  const NodeId caller = call(lab, 100);
  REQUIRE(lab.pause_clock(false).ok());
  const Instant paused_at = lab.now().monotonic;
  lab.advance(seconds(1));
  CHECK(lab.now().monotonic == paused_at);
  CHECK(wait_for_end(lab, caller) == WaitResult::paused);
  lab.step();
  CHECK(count_events(lab, "message_delivered", echo1) == 1);
  lab.step();
  CHECK(count_events(lab, "message_delivered", caller) == 1);
  CHECK(count_events(lab, "message_delivered", echo1) == 1);
  lab.resume_clock();
  REQUIRE(lab.set_speed({50}, false).ok());
  const Instant before = lab.now().monotonic;
  lab.advance(milliseconds(40));
  CHECK(lab.now().monotonic == before + milliseconds(20));
}
