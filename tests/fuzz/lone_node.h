// One node by itself, whose peers are the fuzzed input: it connects to whom it likes, and the target says what
// it hears.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/node.h"
#include "sim/storage/simulated_disk.h"
#include "sim/wire/kafka/frame.h"
#include "tests/fuzz/fuzz.h"

namespace brokerlab::fuzz {

class LoneNode {
 public:
  struct Asked {
    ConnectionId connection;
    kafka::RequestHeader header;
  };

  explicit LoneNode(std::unique_ptr<Node> node, SimulatedDisk disk = {})
      : node_(std::move(node)), disk_(std::move(disk)) {
    step(input::Start{});
  }

  void step(const Input& input) {
    if (exit_status_) return;
    Effects effects(NodeId{1}, now_.monotonic, next_sequence_, {}, &disk_);
    node_->step(now_, input, effects);
    next_sequence_ = effects.next_sequence();
    for (const Effects::Open& open : effects.opens) to_open_.push_back(open.connection);
    for (const Effects::Send& send : effects.sends) {
      Bytes body;
      const Result<kafka::RequestHeader> header =
          kafka::decode_request_header(joined(send.slices).subview(4), body);
      FUZZ_CHECK(header.ok());  // our own requests
      asked.push_back({send.connection, *header});
    }
    for (const ConnectionId closed : effects.closes) forget(closed);
    for (const Effects::SetTimer& timer : effects.timers) {
      timers_.erase(timer.timer);
      if (timer.deadline != never) timers_[timer.timer] = timer.deadline;
    }
    for (const Effects::Flush& flush : effects.flushes) flushes_.push_back(flush.token);
    if (effects.ended()) exit_status_ = effects.end_status();
  }

  /// Opens what it wants to open and ends the flushes it waits for. False when there was nothing to do.
  bool settle(bool peers_are_there) {
    const std::vector<ConnectionId> opening = std::exchange(to_open_, {});
    const std::vector<DiskToken> flushing = std::exchange(flushes_, {});
    for (const ConnectionId connection : opening) {
      if (peers_are_there)
        step(input::ConnectionOpened{connection, "", {}, false});
      else
        step(input::ConnectionClosed{connection, "connection refused"});
    }
    for (const DiskToken token : flushing) step(input::DiskDone{token, {}});
    return !opening.empty() || !flushing.empty();
  }
  void hang_up(ConnectionId connection) {
    forget(connection);
    step(input::ConnectionClosed{connection, "closed by peer"});
  }
  /// Lets time pass until the next timer, and fires it. False when none is set.
  bool fire_next_timer() {
    if (exit_status_ || timers_.empty()) return false;
    auto first = timers_.begin();
    for (auto timer = timers_.begin(); timer != timers_.end(); ++timer)
      if (timer->second < first->second) first = timer;
    const TimerKey key = first->first;
    if (first->second > now_.monotonic) {
      now_.wall_ms += (first->second - now_.monotonic).milliseconds();
      now_.monotonic = first->second;
    }
    timers_.erase(first);
    step(input::TimerFired{key});
    return true;
  }

  const std::optional<int>& exit_status() const { return exit_status_; }
  const Now& now() const { return now_; }
  const Node& node() const { return *node_; }

  std::deque<Asked> asked;  ///< its requests that nobody has answered

 private:
  void forget(ConnectionId connection) {
    std::erase_if(asked, [&](const Asked& request) { return request.connection == connection; });
    std::erase(to_open_, connection);
  }

  std::unique_ptr<Node> node_;
  SimulatedDisk disk_;
  Now now_{Instant{} + seconds(1), 1'767'225'600'000};
  uint64_t next_sequence_ = 1;
  std::vector<ConnectionId> to_open_;
  std::vector<DiskToken> flushes_;
  std::map<TimerKey, Instant> timers_;
  std::optional<int> exit_status_;
};

}  // namespace brokerlab::fuzz
