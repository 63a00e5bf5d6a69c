// The other end of a client's connections, for tests: it sees what the client sent and answers in the
// protocol. Time moves only when the story says so; timers fire in the order of their deadlines.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/node.h"
#include "sim/wire/kafka/18_api_versions.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/frame.h"

namespace brokerlab::testing {

/// A request that the client sent and that waits for the test's answer.
struct SentRequest {
  ConnectionId connection;
  kafka::RequestHeader header;
  Bytes body;

  template <class M>
  M as() const {
    REQUIRE(header.api_key == M::api_key);
    Result<M> message = kafka::decode<M>(body, header.api_version);
    REQUIRE(message.ok());
    return std::move(message).value();
  }
};

/// Drives one node, or part of one, by hand.
class Wires {
 public:
  using Step = std::function<void(const Now&, const Input&, Effects&)>;

  explicit Wires(Step step) : step_(std::move(step)) {}

  Now now{Instant{} + seconds(1), 1'767'225'600'000};

  /// Calls the client outside of an input (as its owner does), then carries out the effects.
  void call(const std::function<void(const Now&, Effects&)>& body) {
    Effects effects(NodeId{1}, now.monotonic, next_sequence_, {}, nullptr);
    body(now, effects);
    carry_out(effects);
  }
  void input(const Input& input) {
    call([&](const Now& at, Effects& effects) { step_(at, input, effects); });
  }

  /// The connection that was asked for last.
  Effects::Open last_open() const {
    REQUIRE_FALSE(opens.empty());
    return opens.back();
  }
  void accept(ConnectionId connection) { input(input::ConnectionOpened{connection, "", {}, false}); }
  void accept() { accept(last_open().connection); }
  void refuse(ConnectionId connection) { input(input::ConnectionClosed{connection, "connection refused"}); }
  void hang_up(ConnectionId connection) { input(input::ConnectionClosed{connection, "closed by peer"}); }

  /// The oldest request that was not taken yet.
  SentRequest take() {
    REQUIRE_FALSE(requests.empty());
    SentRequest request = requests.front();
    requests.pop_front();
    return request;
  }
  template <class M>
  void answer(const SentRequest& request, const M& response) {
    deliver(request.connection,
            kafka::response_frame(response, request.header.api_version, request.header.correlation_id));
  }
  void deliver(ConnectionId connection, const Slices& frame) {
    input(input::Frames{connection, {joined(frame).subview(4)}});
  }

  /// Lets time pass; timers that become due fire.
  void wait(Duration duration) {
    const Instant until = now.monotonic + duration;
    while (true) {
      auto due = timers.end();
      for (auto timer = timers.begin(); timer != timers.end(); ++timer)
        if (timer->second <= until && (due == timers.end() || timer->second < due->second)) due = timer;
      if (due == timers.end()) break;
      const TimerKey key = due->first;
      advance_to(std::max(now.monotonic, due->second));
      timers.erase(due);
      input(input::TimerFired{key});
    }
    advance_to(until);
  }

  std::vector<Effects::Open> opens;
  std::vector<ConnectionId> closes;
  std::deque<SentRequest> requests;
  std::map<TimerKey, Instant> timers;
  std::vector<Event> events;
  std::optional<int> exit_status;

  std::string printed(int stream) const {
    std::string text;
    for (const Event& event : events)
      if (const auto* printed = std::get_if<event::Printed>(&event.payload))
        if (printed->stream == stream) text += printed->text;
    return text;
  }

 private:
  void advance_to(Instant at) {
    now.wall_ms += (at.nanoseconds - now.monotonic.nanoseconds) / 1'000'000;
    now.monotonic = at;
  }
  void carry_out(const Effects& effects) {
    next_sequence_ = effects.next_sequence();
    opens.insert(opens.end(), effects.opens.begin(), effects.opens.end());
    closes.insert(closes.end(), effects.closes.begin(), effects.closes.end());
    events.insert(events.end(), effects.events.begin(), effects.events.end());
    for (const Effects::SetTimer& timer : effects.timers) {
      if (timer.deadline == never) timers.erase(timer.timer);
      if (timer.deadline != never) timers[timer.timer] = timer.deadline;
    }
    for (const Effects::Send& send : effects.sends) {
      SentRequest request;
      request.connection = send.connection;
      const Result<kafka::RequestHeader> header =
          kafka::decode_request_header(joined(send.slices).subview(4), request.body);
      REQUIRE(header.ok());
      request.header = *header;
      requests.push_back(std::move(request));
    }
    if (effects.ended()) exit_status = effects.end_status();
  }

  Step step_;
  uint64_t next_sequence_ = 1;
};

}  // namespace brokerlab::testing
