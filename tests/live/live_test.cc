// The live driver over real sockets. No sleeps: each story waits for a condition, with a limit.
#include "sim/runtime/live.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "sim/runtime/sandbox.h"
#include "tests/live/outside_client.h"
#include "tests/unit/runtime/echo_node.h"

using namespace brokerlab;
using namespace brokerlab::test;

namespace {

std::unique_ptr<Lab> live_lab(ClusterSpec spec = echo_cluster(Driver::live)) {
  Result<std::unique_ptr<Lab>> lab = make_lab(std::move(spec));
  REQUIRE_MESSAGE(lab.ok(), lab.status().message);
  return std::move(lab).value();
}

NodeId call(Lab& lab, int lines, Duration pause = milliseconds(1)) {
  return lab.add(caller_spec(lab.free_name("caller"), {echo_address(lab), numbered_lines(lines), pause}))
      .value();
}

}  // namespace

TEST_CASE("both drivers: the same nodes give the same transcript") {
  const auto transcript = [](Driver driver) {
    ClusterSpec spec = echo_cluster(driver);
    spec.latency = {microseconds(200), microseconds(100)};
    Result<std::unique_ptr<Lab>> lab = make_lab(std::move(spec));
    REQUIRE(lab.ok());
    const NodeId caller = call(**lab, 20);
    CHECK(wait_for_end(**lab, caller) == WaitResult::reached);
    std::string text = text_of((*lab)->take_output(caller));
    uint64_t position = 0;
    for (const Event& event : (*lab)->ring().since(position)) {
      if (event.ref.node != caller) continue;
      text += std::string(kind_of(event.payload)) + "\n";
    }
    return text;
  };
  CHECK(transcript(Driver::live) == transcript(Driver::sandbox));
}

TEST_CASE("live: many callers at once, each with its answers in order") {
  const auto lab = live_lab();
  std::vector<NodeId> callers;
  for (int i = 0; i < 8; ++i) callers.push_back(call(*lab, 50, {}));
  std::string expected = "opened\n";
  for (const std::string& line : numbered_lines(50)) expected += "echo " + line + "\n";
  for (const NodeId caller : callers) {
    CHECK(wait_for_end(*lab, caller) == WaitResult::reached);
    CHECK(text_of(lab->take_output(caller)) == expected);
  }
}

TEST_CASE("live: a client from outside takes part, and holds the clock at 1x while it is there") {
  ClusterSpec spec = echo_cluster(Driver::live);
  spec.speed = {300};
  const auto lab = live_lab(spec);
  const uint16_t port = lab->spec().port_of("echo1", "LINE");
  {
    OutsideClient client(port);
    REQUIRE(client.is_connected());
    CHECK(client.send("one\ntwo\nthr"));
    CHECK(client.receive_line() == "echo one\n");
    CHECK(client.receive_line() == "echo two\n");
    CHECK(client.send("ee\n"));
    CHECK(client.receive_line() == "echo three\n");
    CHECK(lab->view().clock.outside_connections == 1);
    CHECK(lab->view().clock.speed == Speed{100});
    CHECK(lab->set_speed({200}).message.starts_with("1 connection from outside"));
    CHECK_FALSE(lab->pause_clock().ok());
    CHECK(lab->set_speed({200}, true).ok());
    CHECK(lab->view().clock.is_forced);
    CHECK(lab->set_speed({100}, true).ok());
  }
  const auto has_left = [&] { return lab->view().clock.outside_connections == 0; };
  CHECK(lab->run_until(has_left, seconds(20)) == WaitResult::reached);
  CHECK(lab->set_speed({400}).ok());
}

TEST_CASE("live: a node that ends resets a connection with bytes that it has not read, as a process does") {
  const auto lab = live_lab();
  OutsideClient idle(lab->spec().port_of("echo1", "LINE"));
  OutsideClient busy(lab->spec().port_of("echo1", "LINE"));
  REQUIRE(idle.send("one\n"));
  CHECK(idle.receive_line() == "echo one\n");
  REQUIRE(lab->pause_clock(true).ok());
  busy.send_until_full();
  REQUIRE(lab->stop(echo1).ok());
  CHECK(busy.wait_for_end() == ECONNRESET);
  CHECK(idle.wait_for_end() == 0);
}

TEST_CASE("live: after the last outside client has left, the speed is what it was") {
  ClusterSpec spec = echo_cluster(Driver::live);
  spec.speed = {300};
  const auto lab = live_lab(spec);
  {
    OutsideClient client(lab->spec().port_of("echo1", "LINE"));
    CHECK(client.send("one\n"));
    CHECK(client.receive_line() == "echo one\n");
    CHECK(lab->view().clock.speed == Speed{100});
  }
  const auto is_back = [&] { return lab->view().clock.speed == Speed{300}; };
  CHECK(lab->run_until(is_back, seconds(20)) == WaitResult::reached);
}

TEST_CASE("live: bytes of a frame may come one by one, and a frame may be torn anywhere") {
  const auto lab = live_lab();
  OutsideClient client(lab->spec().port_of("echo1", "LINE"));
  for (const char c : std::string("slow\nline\n")) REQUIRE(client.send({&c, 1}));
  CHECK(client.receive_line() == "echo slow\n");
  CHECK(client.receive_line() == "echo line\n");
}

TEST_CASE("live: a frame longer than the listener takes closes that connection and harms no other") {
  const auto lab = live_lab();
  const uint16_t port = lab->spec().port_of("echo1", "LINE");
  OutsideClient good(port);
  OutsideClient bad(port);
  CHECK(bad.send("fine\n" + std::string(101, 'x')));
  CHECK(good.send("hello\n"));
  CHECK(good.receive_line() == "echo hello\n");
  bad.receive_line();  // the answer to the good frame, or the end: the close may come first
  CHECK(bad.receive_line().empty());
  CHECK(good.send("still here\n"));
  CHECK(good.receive_line() == "echo still here\n");
}

TEST_CASE("live: large answers and slow readers lose nothing") {
  ClusterSpec spec = echo_cluster(Driver::live);
  spec.nodes[0].listeners[0].max_frame_bytes = 8 << 20;
  const auto lab = live_lab(spec);
  OutsideClient client(lab->spec().port_of("echo1", "LINE"));
  std::string line;
  for (int i = 0; line.size() < (3 << 20); ++i) line += std::to_string(i) + ",";
  REQUIRE(client.send(line + "\n"));
  REQUIRE(client.send(line + "\n"));
  CHECK(client.receive_line() == "echo " + line + "\n");
  CHECK(client.receive_line() == "echo " + line + "\n");
}

TEST_CASE("live: a killed node's peers see it at once; started again it finds its disk and its port") {
  const auto lab = live_lab();
  const NodeId caller = call(*lab, 100'000);
  CHECK(wait_for_records(*lab, caller, 5) == WaitResult::reached);
  CHECK(lab->kill(echo1).ok());
  CHECK_FALSE(lab->kill(echo1).ok());
  CHECK(status_of(*lab, echo1).state == NodeState::killed);
  CHECK(records_of(*lab, echo1) >= 5);
  CHECK(wait_for_end(*lab, caller) == WaitResult::reached);
  CHECK(text_of(lab->take_output(caller)).ends_with("2> closed by peer\n"));
  CHECK_FALSE(OutsideClient(lab->spec().port_of("echo1", "LINE")).is_connected());
  const NodeId refused = call(*lab, 1);
  CHECK(wait_for_end(*lab, refused) == WaitResult::reached);
  CHECK(text_of(lab->take_output(refused)) == "2> connection refused\n");

  CHECK(lab->start(echo1).ok());
  CHECK(status_of(*lab, echo1).incarnation == 2);
  const NodeId again = call(*lab, 1);
  CHECK(wait_for_end(*lab, again) == WaitResult::reached);
  CHECK(text_of(lab->take_output(again)) == "opened\necho line 1\n");
  uint64_t position = 0;
  std::string printed;
  for (const Event& event : lab->ring().since(position)) {
    const auto* text = std::get_if<event::Printed>(&event.payload);
    if (text != nullptr && event.ref.node == echo1 && text->text.starts_with("started")) printed = text->text;
  }
  CHECK(printed.starts_with("started with "));
  CHECK(printed != "started with 0 bytes\n");
}

TEST_CASE("live: a stopped node ends by itself, with its status") {
  const auto lab = live_lab();
  CHECK(lab->stop(echo1).ok());
  CHECK(wait_for_end(*lab, echo1) == WaitResult::reached);
  CHECK(status_of(*lab, echo1).state == NodeState::stopped);
  CHECK_FALSE(lab->stop(echo1).ok());
  CHECK(lab->start(echo1).ok());
  CHECK(lab->command(echo1, {"explode", {}}).ok());
  CHECK(wait_for_end(*lab, echo1) == WaitResult::reached);
  CHECK(status_of(*lab, echo1).exit_status == 1);
}

TEST_CASE("live: a paused node's connections stay open, and it answers when it is resumed") {
  const auto lab = live_lab();
  const NodeId caller = call(*lab, 20);
  CHECK(wait_for_records(*lab, caller, 3) == WaitResult::reached);
  CHECK(lab->pause(echo1).ok());
  CHECK_FALSE(lab->pause(echo1).ok());
  const int64_t answered = records_of(*lab, echo1);
  OutsideClient client(lab->spec().port_of("echo1", "LINE"));
  CHECK(client.is_connected());  // the system accepts for it
  CHECK(client.send("anybody?\n"));
  lab->run_for(milliseconds(100));
  CHECK(status_of(*lab, echo1).state == NodeState::paused);
  CHECK(records_of(*lab, echo1) == answered);
  CHECK(lab->resume(echo1).ok());
  CHECK(client.receive_line() == "echo anybody?\n");
  CHECK(wait_for_end(*lab, caller) == WaitResult::reached);
  CHECK(status_of(*lab, caller).exit_status == 0);
}

TEST_CASE("live: a paused node can be killed") {
  const auto lab = live_lab();
  const NodeId caller = call(*lab, 100'000);
  CHECK(wait_for_records(*lab, caller, 1) == WaitResult::reached);
  CHECK(lab->pause(echo1).ok());
  CHECK(lab->kill(echo1).ok());
  CHECK(wait_for_end(*lab, caller) == WaitResult::reached);
}

TEST_CASE("live: who has connected to a paused node learns when it is killed") {
  const auto lab = live_lab();
  CHECK(lab->pause(echo1).ok());
  const NodeId caller = call(*lab, 1);  // the system accepts it; the node never does
  const auto has_sent = [&] { return count_events(*lab, "message_sent", caller) == 1; };
  CHECK(lab->run_until(has_sent, seconds(20)) == WaitResult::reached);
  CHECK(lab->kill(echo1).ok());
  CHECK(wait_for_end(*lab, caller) == WaitResult::reached);
  CHECK(text_of(lab->take_output(caller)) == "opened\n2> closed by peer\n");
  CHECK(count_events(*lab, "message_dropped", caller) == 1);
}

TEST_CASE("live: a cut link holds frames in order and lets them go when healed") {
  const auto lab = live_lab();
  const NodeId caller = call(*lab, 100'000);
  CHECK(wait_for_records(*lab, caller, 3) == WaitResult::reached);
  CHECK(lab->set_fault(parse_fault("cut caller-1 echo1").value()).ok());
  lab->run_for(milliseconds(100));  // what was handed over before the cut is answered by now
  const uint64_t held_at = count_events(*lab, "message_delivered", caller);
  lab->run_for(milliseconds(100));
  CHECK(count_events(*lab, "message_delivered", caller) == held_at);
  CHECK(lab->heal("", "").ok());
  CHECK(wait_for_records(*lab, caller, static_cast<int64_t>(held_at) + 5) == WaitResult::reached);
  CHECK(lab->kill(caller).ok());
  std::string expected = "opened\n";
  for (const std::string& line : numbered_lines(static_cast<int>(held_at) + 5))
    expected += "echo " + line + "\n";
  CHECK(text_of(lab->take_output(caller)).starts_with(expected));
}

TEST_CASE("live: one way cut, requests arrive and answers wait") {
  const auto lab = live_lab();
  const NodeId caller = call(*lab, 100'000);
  CHECK(wait_for_records(*lab, caller, 3) == WaitResult::reached);
  CHECK(lab->set_fault(parse_fault("cut echo1 to caller-1").value()).ok());
  lab->run_for(milliseconds(100));  // what was on its way when the cut came has arrived by now
  const uint64_t sent = count_events(*lab, "message_sent", echo1);
  const uint64_t received = count_events(*lab, "message_delivered", caller);
  CHECK(sent == received + 1);
  lab->run_for(milliseconds(100));
  CHECK(count_events(*lab, "message_sent", echo1) == sent);
  CHECK(count_events(*lab, "message_delivered", caller) == received);
  CHECK(lab->heal("echo1", "caller-1").ok());
  CHECK(wait_for_records(*lab, caller, static_cast<int64_t>(received) + 5) == WaitResult::reached);
}

TEST_CASE("live: a cut of 30 s of lab time breaks the connection; a new one over it times out") {
  ClusterSpec spec = echo_cluster(Driver::live);
  spec.speed = fastest;
  const auto lab = live_lab(spec);
  const NodeId caller = call(*lab, 100'000);
  CHECK(lab->run_until([&] { return records_of(*lab, caller) >= 3; }, seconds(2000)) == WaitResult::reached);
  CHECK(lab->set_fault(parse_fault("cut caller-1").value()).ok());
  // Whoever had sent something gives up; the other hears of it when something gets through again.
  const auto closed = [&] {
    return count_events(*lab, "connection_closed", echo1) + count_events(*lab, "connection_closed", caller);
  };
  CHECK(lab->run_until([&] { return closed() == 1; }, seconds(2000)) == WaitResult::reached);
  lab->run_for(seconds(40));
  CHECK(closed() == 1);
  CHECK(lab->heal("", "").ok());
  CHECK(wait_for_end(*lab, caller, seconds(2000)) == WaitResult::reached);
  const std::string text = text_of(lab->take_output(caller));
  CHECK((text.ends_with("2> timed out\n") || text.ends_with("2> reset by peer\n")));
  CHECK(lab->run_until([&] { return closed() == 2; }, seconds(2000)) == WaitResult::reached);

  CHECK(lab->set_fault(parse_fault("cut echo1").value()).ok());
  const NodeId unlucky = call(*lab, 1);
  CHECK(wait_for_end(*lab, unlucky, seconds(2000)) == WaitResult::reached);
  CHECK(text_of(lab->take_output(unlucky)) == "2> connection timed out\n");
}

TEST_CASE("live: a reset breaks both ends") {
  const auto lab = live_lab();
  const NodeId caller = call(*lab, 100'000);
  CHECK(wait_for_records(*lab, caller, 3) == WaitResult::reached);
  CHECK(lab->reset_connections("caller-1", "echo1").ok());
  CHECK(wait_for_end(*lab, caller) == WaitResult::reached);
  const std::string text = text_of(lab->take_output(caller));
  CHECK((text.ends_with("2> reset\n") || text.ends_with("2> reset by peer\n")));
  const auto both = [&] { return count_events(*lab, "connection_closed", echo1) == 1; };
  CHECK(lab->run_until(both, seconds(20)) == WaitResult::reached);
}

TEST_CASE("live: latency is lab time, so slow motion shows whole journeys") {
  ClusterSpec spec = echo_cluster(Driver::live);
  spec.latency = {milliseconds(5), {}};
  const auto lab = live_lab(spec);
  const NodeId caller = call(*lab, 3, {});
  CHECK(wait_for_end(*lab, caller) == WaitResult::reached);
  uint64_t position = 0;
  std::map<EventRef, Instant> sent;
  int joined = 0;
  for (const Event& event : lab->ring().since(position)) {
    if (std::holds_alternative<event::MessageSent>(event.payload)) sent[event.ref] = event.at;
    if (std::holds_alternative<event::MessageDelivered>(event.payload)) {
      REQUIRE(sent.contains(event.cause));
      CHECK(event.at - sent[event.cause] >= milliseconds(5));
      ++joined;
    }
  }
  CHECK(joined == 6);
}

TEST_CASE("live: nothing is delivered while the clock is paused; a step brings one frame") {
  ClusterSpec spec = echo_cluster(Driver::live);
  spec.latency = {milliseconds(1), {}};
  const auto lab = live_lab(spec);
  const NodeId caller = call(*lab, 100'000);
  CHECK(wait_for_records(*lab, caller, 3) == WaitResult::reached);
  CHECK(lab->pause_clock().ok());
  const auto deliveries = [&] {
    return count_events(*lab, "message_delivered", echo1) + count_events(*lab, "message_delivered", caller);
  };
  CHECK(wait_for_end(*lab, caller) == WaitResult::paused);
  const Instant paused_at = lab->now().monotonic;
  const uint64_t before = deliveries();
  for (uint64_t nth = 1; nth <= 6; ++nth) {
    lab->step();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!lab->view().clock.is_paused && std::chrono::steady_clock::now() < deadline) {
      lab->run_until([&] { return lab->view().clock.is_paused; }, seconds(1));
    }
    // The claim of the step and its journal entry are made on the node's thread, one after the other.
    while (deliveries() < before + nth && std::chrono::steady_clock::now() < deadline) {
    }
    CHECK(deliveries() == before + nth);
  }
  CHECK(lab->now().monotonic > paused_at);
  lab->resume_clock();
  CHECK(wait_for_records(*lab, caller, records_of(*lab, caller) + 3) == WaitResult::reached);
}

TEST_CASE("live: lab time runs at the speed of the clock") {
  ClusterSpec spec = echo_cluster(Driver::live);
  spec.speed = fastest;
  const auto lab = live_lab(spec);
  const auto real_start = std::chrono::steady_clock::now();
  const NodeId caller = call(*lab, 5, seconds(10));
  CHECK(wait_for_end(*lab, caller, seconds(2000)) == WaitResult::reached);
  CHECK(lab->now().monotonic >= Instant{} + seconds(40));
  CHECK(std::chrono::steady_clock::now() - real_start < std::chrono::seconds(20));
}

namespace {

/// Notes in which order a timer and a frame come, both due while it stands still.
class OrderNode : public Node {
 public:
  void step(const Now& now, const Input& input, Effects& effects) override {
    if (std::holds_alternative<input::Start>(input))
      effects.set_timer({1, 1}, now.monotonic + milliseconds(30));
    if (std::holds_alternative<input::Frames>(input)) effects.print(1, "frame\n");
    if (std::holds_alternative<input::TimerFired>(input)) effects.print(1, "timer\n");
    if (std::holds_alternative<input::Command>(input)) effects.end(0);
  }
  std::unique_ptr<Node> clone() const override { return std::make_unique<OrderNode>(*this); }
  NodeView describe(const Now&) const override { return {}; }
};

}  // namespace

TEST_CASE("both drivers: frames that have arrived come before a timer that is due") {
  for (const Driver driver : {Driver::sandbox, Driver::live}) {
    CAPTURE(to_string(driver));
    Result<std::unique_ptr<Lab>> made = make_lab(echo_cluster(driver));
    REQUIRE(made.ok());
    Lab& lab = **made;
    const ListenerSpec listener{"LINE", Protocol::line, 0, 100};
    const auto factory = [](const Boot&, const ClusterSpec&) { return std::make_unique<OrderNode>(); };
    const NodeId order = lab.add({"order", {listener}, factory}).value();
    CHECK(lab.pause(order).ok());
    const Address to{"order", lab.view().find("order")->listeners[0].port};
    const NodeId caller = lab.add(caller_spec("caller-1", {to, {"one"}, {}})).value();
    const auto has_sent = [&] { return count_events(lab, "message_sent", caller) == 1; };
    CHECK(lab.run_until(has_sent, seconds(20)) == WaitResult::reached);
    lab.run_for(milliseconds(50));  // the timer is due by now
    CHECK(lab.resume(order).ok());
    std::string text;
    const auto has_both = [&] {
      text += text_of(lab.take_output(order));
      return text.size() == 12;
    };
    CHECK(lab.run_until(has_both, seconds(20)) == WaitResult::reached);
    CHECK(text == "frame\ntimer\n");
  }
}

TEST_CASE("live: a taken port is an error that names it and --port-base") {
  const auto first = live_lab();
  ClusterSpec spec = echo_cluster(Driver::live);
  const uint16_t port = first->spec().port_of("echo1", "LINE");
  spec.nodes[0].listeners[0].port = port;
  const Result<std::unique_ptr<Lab>> second = make_lab(std::move(spec));
  REQUIRE_FALSE(second.ok());
  CHECK(second.status().message ==
        "port " + std::to_string(port) + " of 127.0.0.1 is taken; choose other ports with --port-base");
}

TEST_CASE("live: a data folder that cannot be written is an error that names it") {
  const std::string file = std::filesystem::temp_directory_path() / "brokerlab-test-no-folder";
  std::ofstream(file) << "a file";
  ClusterSpec spec = echo_cluster(Driver::live);
  spec.data_folder = file;
  const Result<std::unique_ptr<Lab>> lab = make_lab(std::move(spec));
  std::filesystem::remove(file);
  REQUIRE_FALSE(lab.ok());
  CHECK(lab.status().message.find(file) != std::string::npos);
}

TEST_CASE("live: only 127.0.0.1 is bound") {
  const auto lab = live_lab();
  const uint16_t port = lab->spec().port_of("echo1", "LINE");
  std::set<std::string> bound;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream in(table);
    std::string word;
    char suffix[8];
    std::snprintf(suffix, sizeof suffix, ":%04X", port);
    while (in >> word) {
      std::string state;
      if (!word.ends_with(suffix)) continue;
      in >> word >> state;
      if (state == "0A") bound.insert(table);  // listening
    }
  }
  std::ifstream in("/proc/net/tcp");
  if (!in) return;  // no Linux: nothing to look at
  CHECK(bound == std::set<std::string>{"/proc/net/tcp"});
  std::string line;
  bool is_loopback = false;
  char wanted[32];
  std::snprintf(wanted, sizeof wanted, "0100007F:%04X 00000000:0000 0A", port);
  while (std::getline(in, line)) is_loopback = is_loopback || line.find(wanted) != std::string::npos;
  CHECK(is_loopback);
}

TEST_CASE("live: the end takes less than a second and leaves nothing behind") {
  // A folder for temporary ones of its own: other labs may be at work on this machine.
  std::string folder = std::filesystem::temp_directory_path() / "brokerlab-test-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const char* before = std::getenv("TMPDIR");
  const std::string usual = before == nullptr ? "" : before;
  ::setenv("TMPDIR", folder.c_str(), 1);
  auto lab = live_lab();
  for (int i = 0; i < 4; ++i) call(*lab, 100'000);
  CHECK(wait_for_records(*lab, NodeId{2}, 3) == WaitResult::reached);
  CHECK_FALSE(std::filesystem::is_empty(folder));
  const auto start = std::chrono::steady_clock::now();
  lab.reset();
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
  CHECK(std::filesystem::is_empty(folder));
  usual.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", usual.c_str(), 1);
  std::filesystem::remove_all(folder);
}
