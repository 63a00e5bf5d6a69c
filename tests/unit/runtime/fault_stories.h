// What each fault means, told of an echo node and its callers. The stories are the same for both drivers: unit tests
// play them in the sandbox, tests/live in real threads. Whoever includes this defines
//
//   STORY_DRIVER                            "sandbox", for the names
//   std::unique_ptr<Lab> story_lab()        a lab of `echo_cluster`
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/unit/runtime/echo_node.h"

namespace brokerlab::test {

/// Apart from the story: the lab ends in its destructor, and who is being destroyed must not be told of events.
class EventCollector final : public JournalSubscriber {
 public:
  void on_events(std::span<const Event> batch) override {
    const std::lock_guard lock(mutex_);
    events_.insert(events_.end(), batch.begin(), batch.end());
  }
  std::vector<Event> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Event> events_;
};

class FaultStory {
 public:
  FaultStory() : lab_(story_lab()) {
    lab_->journal().subscribe(&collector_);
    REQUIRE(lab_->run_until([&] { return status_of(*lab_, echo).state == NodeState::running; }, patience) ==
            WaitResult::reached);
  }
  ~FaultStory() {
    lab_->close();
    lab_->journal().unsubscribe(&collector_);
  }

  static constexpr NodeId echo{1};
  static constexpr Duration patience = seconds(20);

  std::vector<Event> events() const { return collector_.events(); }

  // ---- what happens ---------------------------------------------------------------------------------------

  Lab& lab() { return *lab_; }
  NodeId call(int lines, Duration pause = {}) {
    const std::string name = lab_->free_name("caller");
    return lab_->add(caller_spec(name, {echo_address(*lab_), numbered_lines(lines), pause})).value();
  }
  void set(std::string_view fault) {
    const Status status = lab_->set_fault(parse_fault(fault).value());
    REQUIRE_MESSAGE(status.ok(), status.message);
  }
  void start_again() { REQUIRE(lab_->start(echo).ok()); }
  bool until(const std::function<bool()>& done, Duration limit = patience) {
    return lab_->run_until(done, limit) == WaitResult::reached;
  }
  /// One line that is answered, and so durable.
  void write_a_durable_line() {
    const NodeId caller = call(1);
    REQUIRE(until([&] { return has_ended(*lab_, caller); }));
    CHECK(text_of(lab_->take_output(caller)).ends_with("echo line 1\n"));
  }
  /// One line that the echo node has appended, and whose flush does not come to an end.
  void write_a_line_without_flush() {
    set("slow-disk echo1 300s");
    const size_t delivered = count("message_delivered", echo);
    call(1);
    REQUIRE(until([&] { return count("message_delivered", echo) == delivered + 1; }));
    REQUIRE(lab_->heal("echo1", "", {}, Fault::Kind::slow_disk).ok());
  }

  // ---- what can be seen -----------------------------------------------------------------------------------

  std::string printed_by(NodeId node) const {
    std::string text;
    for (const Event& event : events()) {
      const auto* printed = std::get_if<event::Printed>(&event.payload);
      if (printed != nullptr && event.ref.node == node) text += printed->text;
    }
    return text;
  }
  bool has_printed(std::string_view text) { return printed_by(echo).find(text) != std::string::npos; }
  size_t count(std::string_view kind, NodeId node) const {
    size_t count = 0;
    for (const Event& event : events())
      if (event.ref.node == node && kind_of(event.payload) == kind) ++count;
    return count;
  }
  /// "PATH FROM TO" of each file of the echo node that was damaged by that fault.
  std::vector<std::string> damage_by(std::string_view fault) const {
    std::vector<std::string> lines;
    for (const Event& event : events()) {
      const auto* damaged = std::get_if<event::DiskDamaged>(&event.payload);
      if (damaged == nullptr || event.ref.node != echo || damaged->fault != fault) continue;
      lines.push_back(damaged->path + " " + std::to_string(damaged->from_bytes) + " " +
                      std::to_string(damaged->to_bytes));
    }
    return lines;
  }
  /// How long it takes in lab time until so many lines, one after the other, have been echoed.
  Duration time_for(int lines) {
    const Instant before = lab_->now().monotonic;
    const NodeId caller = call(lines);
    REQUIRE(until([&] { return has_ended(*lab_, caller); }, seconds(100)));
    return lab_->now().monotonic - before;
  }
  /// What the echo node's wall clock shows beside the lab's.
  int64_t wall_error_ms() {
    const size_t seen = printed_by(echo).size();
    REQUIRE(lab_->command(echo, {"time", {}}).ok());
    REQUIRE(until([&] { return printed_by(echo).size() > seen; }));
    const std::string text = printed_by(echo).substr(seen);
    const Now now = lab_->now();
    int64_t lab_wall_ms = 0;
    for (const Event& event : events()) {
      if (std::holds_alternative<event::Printed>(event.payload) && event.ref.node == echo)
        lab_wall_ms = now.wall_ms - (now.monotonic - event.at).milliseconds();
    }
    return std::stoll(text.substr(std::string("time ").size())) - lab_wall_ms;
  }

 private:
  EventCollector collector_;
  std::unique_ptr<Lab> lab_;
};

// ---- processes --------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": what a killed process has written stays, flushed or not") {
  write_a_line_without_flush();
  REQUIRE(lab().kill(echo).ok());
  start_again();
  CHECK(until([&] { return has_printed("started with 7 bytes"); }));
  CHECK(damage_by("").empty());
}

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": a power loss takes what was not flushed, and only that") {
  write_a_durable_line();
  write_a_line_without_flush();
  set("power-loss echo1");
  CHECK(status_of(lab(), echo).state == NodeState::killed);
  CHECK(lab().view().faults.empty());
  start_again();
  CHECK(until([&] { return has_printed("started with 7 bytes"); }));
  CHECK(damage_by("power-loss echo1") == std::vector<std::string>{"lines 7 14"});

  SUBCASE("a node that is down already loses what was in the page cache") {
    write_a_line_without_flush();
    REQUIRE(lab().kill(echo).ok());
    set("power-loss echo1");
    CHECK(damage_by("power-loss echo1") == std::vector<std::string>{"lines 7 14", "lines 7 14"});
  }
  SUBCASE("a second one finds nothing to take") {
    set("power-loss echo1");
    CHECK(damage_by("power-loss echo1").size() == 1);
  }
}

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": on a slow processor every input takes its time") {
  // A request and a flush for each line.
  set("slow-cpu echo1 40ms");
  const Duration slow = time_for(5);
  CHECK(slow >= milliseconds(40) * 2 * 5);
  CHECK(slow < seconds(5));
  CHECK(count("late", echo) == 0);
  REQUIRE(lab().heal("echo1", "").ok());
  CHECK(time_for(5) < milliseconds(40) * 2 * 5);
}

// ---- network ----------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": a throttled link carries so many bytes a second") {
  // Each way 5 lines: "line 1\n", "echo line 1\n".
  set("throttle echo1 100B/s");
  const Duration slow = time_for(5);
  CHECK(slow >= milliseconds(10) * 5 * (7 + 12));
  CHECK(slow < milliseconds(10) * 5 * (7 + 12) + seconds(1));
}

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": over a link that flaps things go on in bursts") {
  set("flap echo1 400ms");
  const NodeId caller = call(100'000, milliseconds(5));
  REQUIRE(until([&] { return count("message_delivered", caller) >= 60; }));
  std::vector<Instant> delivered;
  for (const Event& event : events()) {
    if (event.ref.node == caller && std::holds_alternative<event::MessageDelivered>(event.payload))
      delivered.push_back(event.at);
  }
  size_t long_waits = 0;
  for (size_t i = 1; i < delivered.size(); ++i) {
    const Duration gap = delivered[i] - delivered[i - 1];
    if (gap >= milliseconds(150)) ++long_waits;
  }
  CHECK(long_waits >= 1);
  CHECK(long_waits < 20);
  REQUIRE(lab().heal("", "", {}, Fault::Kind::flap).ok());
  CHECK(status_of(lab(), caller).state == NodeState::running);
}

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": a half-open connection takes everything and delivers nothing") {
  const NodeId caller = call(100'000, milliseconds(5));
  REQUIRE(until([&] { return count("message_delivered", echo) >= 3; }));
  set("half-open caller-1 to echo1");
  CHECK(lab().view().faults.empty());
  (void)lab().run_for(milliseconds(100));  // what was answered already comes back
  const size_t delivered = count("message_delivered", echo);
  (void)lab().set_speed(*Speed::parse("50x"));
  (void)lab().run_for(seconds(20));
  CHECK(count("message_delivered", echo) == delivered);
  CHECK(status_of(lab(), caller).state == NodeState::running);
  write_a_durable_line();  // over a new connection
  // Nothing acknowledged what it had sent.
  REQUIRE(until([&] { return has_ended(lab(), caller); }, seconds(40)));
  CHECK(text_of(lab().take_output(caller)).ends_with("2> timed out\n"));
  // The other end never learns.
  (void)lab().run_for(seconds(5));
  CHECK(printed_by(echo).find("caller gone: timed out") == std::string::npos);
  CHECK(count("connection_closed", echo) == 1);  // that of the new connection
}

// ---- clocks -----------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": a wall clock is wrong, and timeouts are not") {
  const auto is_about = [&](int64_t wanted) {
    const int64_t error = wall_error_ms();
    return error >= wanted - 50 && error <= wanted + 50;
  };
  CHECK(is_about(0));
  set("clock-skew echo1 -20s");
  CHECK(is_about(-20'000));
  set("clock-jump echo1 +60s");
  CHECK(is_about(40'000));
  REQUIRE(lab().heal("echo1", "").ok());
  CHECK(is_about(0));
  set("clock-drift echo1 500000ppm");
  const Instant since = lab().now().monotonic;
  for (int i = 0; i < 2; ++i) {
    (void)lab().run_for(seconds(1));
    CHECK(is_about((lab().now().monotonic - since).milliseconds() / 2));
  }
}

// ---- disks ------------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": a slow disk keeps flushes and the steps that use it waiting") {
  set("slow-disk echo1 60ms");
  const Duration slow = time_for(4);
  CHECK(slow >= milliseconds(60) * 4);
  CHECK(slow < seconds(5));
}

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": a node learns of its disk's errors") {
  const NodeId caller = call(100'000, milliseconds(5));
  REQUIRE(until([&] { return count("message_delivered", caller) >= 3; }));
  std::string expected = "Input/output error\n";
  SUBCASE("an I/O error") { set("io-error echo1"); }
  SUBCASE("a flush that fails") { set("fsync-failure echo1"); }
  SUBCASE("no space") {
    set("disk-full echo1");
    expected = "No space left on device\n";
  }
  REQUIRE(until([&] { return has_ended(lab(), echo); }));
  CHECK(status_of(lab(), echo).state == NodeState::stopped);
  CHECK(status_of(lab(), echo).exit_status == 1);
  CHECK(printed_by(echo).ends_with(expected));
  // The disk is as it was, once it is healed.
  REQUIRE(lab().heal("echo1", "").ok());
  start_again();
  write_a_durable_line();
}

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": a torn write leaves half of the last append after a crash") {
  write_a_durable_line();
  set("torn-write echo1");
  write_a_line_without_flush();
  REQUIRE(lab().kill(echo).ok());
  CHECK(lab().view().faults.empty());
  start_again();
  CHECK(until([&] { return has_printed("started with 10 bytes"); }));
  CHECK(damage_by("torn-write echo1") == std::vector<std::string>{"lines 10 14"});
}

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": a torn write with a power loss leaves that half, too") {
  set("torn-write echo1");
  write_a_line_without_flush();
  set("power-loss echo1");
  start_again();
  CHECK(until([&] { return has_printed("started with 3 bytes"); }));
  CHECK(damage_by("power-loss echo1").empty());
}

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": what was flushed is not torn") {
  write_a_durable_line();
  set("torn-write echo1");
  REQUIRE(lab().kill(echo).ok());
  start_again();
  CHECK(until([&] { return has_printed("started with 7 bytes"); }));
  CHECK(damage_by("torn-write echo1").empty());
}

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": a flipped bit is noted and nobody is told") {
  write_a_durable_line();
  set("bit-flip echo1");
  CHECK(status_of(lab(), echo).state == NodeState::running);
  REQUIRE(until([&] { return count("disk_damaged", echo) == 1; }));
  const std::string damage = damage_by("bit-flip echo1").at(0);
  CHECK(damage.starts_with("lines "));
  const Status status = lab().set_fault(parse_fault("bit-flip echo1 no-such-log-0").value());
  CHECK(status.message == "there is nothing in echo1/no-such-log-0 yet to damage");
  CHECK(count("fault_set", lab_node) == 1);
}

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": a wiped disk has nothing left") {
  write_a_durable_line();
  set("wipe-disk echo1");
  CHECK(status_of(lab(), echo).state == NodeState::killed);
  start_again();
  CHECK(until([&] { return printed_by(echo).ends_with("started with 0 bytes\n"); }));
  CHECK(damage_by("wipe-disk echo1") == std::vector<std::string>{"lines 0 7"});
  write_a_durable_line();
}

TEST_CASE_FIXTURE(FaultStory, STORY_DRIVER ": a node without a disk cannot lose one") {
  call(100'000, milliseconds(5));
  const Status status = lab().set_fault(parse_fault("wipe-disk caller-1").value());
  CHECK(status.message == "caller-1 keeps nothing on a disk");
  CHECK_FALSE(status.korean.empty());
  CHECK(count("fault_set", lab_node) == 0);
}

}  // namespace brokerlab::test
