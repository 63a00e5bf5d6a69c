#include "sim/runtime/live_thread.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "sim/base/assert.h"
#include "sim/runtime/flush_thread.h"

namespace brokerlab {

namespace asio = boost::asio;
using asio::ip::tcp;
using RealMilliseconds = std::chrono::milliseconds;

namespace {

/// A timer that fires later than this is journaled: the machine was slow, not the lab.
constexpr int64_t late_ns = 50'000'000;
constexpr int64_t snapshot_interval_ns = 50'000'000;
/// A connection on which nothing has moved for so long gives back what its buffer does not need.
constexpr Duration quiet_after = seconds(1);
/// How long a node that ends waits for the system to take what it has sent.
constexpr RealMilliseconds drain_limit{200};

std::chrono::steady_clock::time_point time_point(RealInstant at) {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(at.nanoseconds));
}

}  // namespace

// ---- from any thread --------------------------------------------------------------------------------------

Status LiveNode::Thread::listen() {
  for (size_t i = 0; i < member_.ports.size(); ++i) {
    Result<int> socket = member_.ports[i].listen();
    if (!socket) {
      close_listeners();
      return socket.status();
    }
    listeners_.push_back({member_.runner.spec().listeners[i], tcp::acceptor(io_, tcp::v4(), *socket)});
    listeners_.back().acceptor.non_blocking(true);
  }
  return {};
}

void LiveNode::Thread::launch() {
  member_.board.change([](auto& content) {
    content.state = NodeState::starting;
    content.incarnation += 1;
  });
  thread_ = std::thread([this] { run(); });
}

void LiveNode::Thread::pause(EventRef cause) {
  std::unique_lock lock(control_mutex_);
  if (has_left_) return;
  pause_wanted_ = true;
  control_cause_ = cause;
  asio::post(io_, [] {});
  control_changed_.wait(lock, [this] { return is_parked_ || has_left_; });
}

void LiveNode::Thread::resume(EventRef cause) {
  const std::lock_guard lock(control_mutex_);
  pause_wanted_ = false;
  control_cause_ = cause;
  control_changed_.notify_all();
}

void LiveNode::Thread::kill(EventRef cause) {
  if (!thread_.joinable()) return;  // it could not listen, and never began
  std::unique_lock lock(control_mutex_);
  if (!has_left_) {
    kill_wanted_ = true;
    control_cause_ = cause;
    control_changed_.notify_all();
    asio::post(io_, [] {});
  }
  control_changed_.wait(lock, [this] { return has_left_; });
}

bool LiveNode::Thread::has_left() {
  const std::lock_guard lock(control_mutex_);
  return has_left_;
}

bool LiveNode::Thread::wait_for_end(RealMilliseconds limit) {
  std::unique_lock lock(control_mutex_);
  return control_changed_.wait_for(lock, limit, [this] { return has_left_; });
}

void LiveNode::Thread::wait_for_end() {
  std::unique_lock lock(control_mutex_);
  control_changed_.wait(lock, [this] { return has_left_; });
}

void LiveNode::Thread::give(Input input, EventRef cause) {
  if (const auto* command = std::get_if<input::Command>(&input)) {
    if (command->verb == "stop" || command->verb == "close") {
      member_.board.change([](auto& content) {
        const bool runs = content.state == NodeState::starting || content.state == NodeState::running;
        if (runs) content.state = NodeState::stopping;
      });
      is_stopping_ = true;
    }
  }
  if (std::holds_alternative<input::StandardInput>(input))
    member_.board.change([](auto& content) { content.wants_input = false; });
  post([this, input = std::move(input), cause] { step(input, cause); });
}

void LiveNode::Thread::reset_connections(NodeId peer, EventRef cause) {
  post([this, peer, cause] {
    for (const std::shared_ptr<Connection>& connection : all_connections()) {
      const bool concerned = connection->lab && connection->peer != runner_.id() &&
                             (peer == no_node || peer == connection->peer);
      if (concerned && !has_finished_) close_by_network(*connection, "reset", cause, Unsent::dropped);
    }
  });
}

// ---- the thread's life ------------------------------------------------------------------------------------

void LiveNode::Thread::run() {
  set_assertion_context(describe_failure, this);
  {
    const std::lock_guard lock(environment_.running_mutex);
    environment_.running.push_back(owner_);
  }
  const Now now = environment_.clock.now();
  runner_.create(now.monotonic, environment_.cluster, start_cause_);
  step(input::Start{}, runner_.started());
  if (!has_finished_) {
    publish_snapshot();
    member_.board.change([](auto& content) {
      if (content.state == NodeState::starting) content.state = NodeState::running;
    });
    environment_.changed.notify();
    for (Listener& listener : listeners_) accept_next(listener);
    arm_wake();
  }
  while (!has_finished_) {
    obey();
    if (!has_finished_) io_.run_one();
  }
  leave();
  set_assertion_context(nullptr, nullptr);
}

void LiveNode::Thread::obey() {
  std::unique_lock lock(control_mutex_);
  if (kill_wanted_) {
    has_finished_ = was_killed_ = true;
    return;
  }
  if (!pause_wanted_) return;
  runner_.emit(environment_.clock.now().monotonic, event::NodePaused{}, control_cause_);
  runner_.publish();
  describe_now();
  member_.board.change([](auto& content) { content.state = NodeState::paused; });
  environment_.changed.notify();
  is_parked_ = true;
  control_changed_.notify_all();
  control_changed_.wait(lock, [this] { return !pause_wanted_ || kill_wanted_; });
  is_parked_ = false;
  if (kill_wanted_) {
    has_finished_ = was_killed_ = true;
    return;
  }
  const EventRef cause = control_cause_;
  lock.unlock();
  runner_.emit(environment_.clock.now().monotonic, event::NodeResumed{}, cause);
  runner_.publish();
  member_.board.change(
      [this](auto& content) { content.state = is_stopping_ ? NodeState::stopping : NodeState::running; });
  environment_.changed.notify();
  is_wake_armed_ = false;  // it was due while we stood still, which is no lateness of the machine
  wake_.cancel();
  look_again();
}

void LiveNode::Thread::leave() {
  const Instant now = environment_.clock.now().monotonic;
  {
    const std::lock_guard lock(environment_.running_mutex);
    std::erase(environment_.running, owner_);
  }
  describe_now();
  const EventRef stopped =
      runner_.emit(now, event::NodeStopped{was_killed_ ? "killed" : "exited", exit_status_}, end_cause());
  close_listeners();
  for (const ConnectionPtr& connection : all_connections()) {
    abandon(*connection, was_killed_ ? Unsent::dropped : Unsent::delivered, "closed by peer", stopped);
    if (was_killed_) {
      close_abruptly(*connection);
    } else {
      closing_.push_back(connection);
    }
  }
  connections_.clear();
  drain();
  {
    std::unique_lock lock(control_mutex_);
    control_changed_.wait(lock, [this] { return flushes_under_way_ == 0; });
  }
  runner_.destroy();
  member_.disk.close_all();
  runner_.publish();
  member_.board.change([this](auto& content) {
    content.state = was_killed_ ? NodeState::killed : NodeState::stopped;
    content.exit_status = exit_status_;
    content.wants_input = false;
  });
  {
    const std::lock_guard lock(control_mutex_);
    has_left_ = true;
    control_changed_.notify_all();
  }
  environment_.changed.notify();
}

EventRef LiveNode::Thread::end_cause() {
  const std::lock_guard lock(control_mutex_);
  return was_killed_ ? control_cause_ : end_cause_;
}

void LiveNode::Thread::drain() {
  const auto limit = std::chrono::steady_clock::now() + drain_limit;
  for (const ConnectionPtr& connection : closing_) {
    while (!connection->outgoing.empty() && !connection->is_broken) {
      const auto left =
          std::chrono::duration_cast<RealMilliseconds>(limit - std::chrono::steady_clock::now());
      pollfd writable{connection->socket.native_handle(), POLLOUT, 0};
      if (left.count() <= 0 || ::poll(&writable, 1, static_cast<int>(left.count())) <= 0) break;
      if (connection->outgoing.send(connection->socket.native_handle()) == OutgoingQueue::Outcome::failed)
        break;
    }
    // Without a shutdown, as the system closes what a process leaves: a connection with bytes that nobody has read is
    // reset, so that a client does not take the end for an answer to them.
    boost::system::error_code ignored;
    connection->socket.close(ignored);
  }
  closing_.clear();
}

void LiveNode::Thread::close_listeners() {
  for (Listener& listener : listeners_) {
    boost::system::error_code ignored;
    listener.acceptor.close(ignored);
  }
  listeners_.clear();
  for (ReservedPort& port : member_.ports) {
    // When it fails, somebody was quicker; the next start says so.
    if (Status again = port.reserve_again(); !again) continue;
  }
}

// ---- steps ------------------------------------------------------------------------------------------------

void LiveNode::Thread::step(const Input& input, EventRef cause) {
  if (has_finished_) return;
  const std::optional<NodeFaults> faults = member_.faults.read();
  if (faults && !std::holds_alternative<input::Command>(input) && !stand_still(faults->step_time)) return;
  FaultyDisk faulty_disk(member_.disk.get(), faults ? faults->disk : DiskFaults{});
  Disk* disk = faults ? static_cast<Disk*>(&faulty_disk) : member_.disk.get();
  const Now now = environment_.clock.now();
  Effects effects = runner_.step(faults ? faults->clock.apply(now) : now, input, cause, disk);
  ++steps_;
  for (Effects::Open& open : effects.opens) carry_out_open(std::move(open), cause);
  std::vector<ConnectionPtr> touched = carry_out_sends(effects);
  runner_.publish();  // before anybody can receive it
  for (const ConnectionPtr& connection : touched) send_now(*connection);
  for (const ConnectionId closed : effects.closes) carry_out_close(closed, cause);
  for (const Effects::Flush& flush : effects.flushes) carry_out_flush(flush, cause);
  // Later: the frames of this input are still held.
  if (!held_back_.empty()) post([this] { read_from_held_back(); });
  runner_.publish();
  if (effects.wants_input()) {
    member_.board.change([](auto& content) { content.wants_input = true; });
    environment_.changed.notify();
  }
  if (effects.ended()) {
    exit_status_ = effects.end_status();
    end_cause_ = cause;
    has_finished_ = true;
  }
  if (faulty_disk.was_used() && !has_finished_) stand_still(faults->disk_time);
}

bool LiveNode::Thread::stand_still(Duration time) {
  if (time <= Duration{}) return true;
  const Instant until = environment_.clock.now().monotonic + time;
  std::unique_lock lock(control_mutex_);
  while (!kill_wanted_ && environment_.clock.now().monotonic < until && member_.faults.read()) {
    // In short pieces, because the clock may be stopped or change its speed meanwhile, and faults are healed.
    const auto soon = std::chrono::steady_clock::now() + RealMilliseconds(10);
    const RealInstant end = environment_.clock.real_time_of(until);
    control_changed_.wait_until(lock, end == real_never ? soon : std::min(soon, time_point(end)));
  }
  return !kill_wanted_;
}

void LiveNode::Thread::carry_out_open(Effects::Open open, EventRef cause) {
  auto connection = std::make_shared<Connection>(io_);
  connection->id = open.connection;
  connection->protocol = open.protocol;
  connection->opened_by = cause;
  connection->is_connecting = true;
  const bool is_new = connections_.emplace(open.connection, connection).second;
  BROKERLAB_ASSERT(is_new);
  const Instant now = environment_.clock.now().monotonic;
  connection->opening_since = connection->connect_at = now;
  connection->peer_address = std::move(open.to);
  if (const auto target = environment_.network.resolve(connection->peer_address)) {
    connection->peer = target->node;
    connection->lab = environment_.network.make_connection(runner_.id(), target->node);
    connection->connect_at = now + environment_.network.draw_latency(runner_.id(), target->node);
    connection->connect_at =
        connection->connect_at + environment_.network.draw_latency(target->node, runner_.id());
  }
  // Later, because a failure is an input, and one step does not begin inside another.
  post([this, connection] { connect_if_due(connection); });
}

std::vector<LiveNode::Thread::ConnectionPtr> LiveNode::Thread::carry_out_sends(Effects& effects) {
  std::vector<ConnectionPtr> touched;
  std::vector<std::pair<FrameRef, EventRef>> lost;
  std::map<ConnectionId, Duration> latencies;  // what one step sends over one connection arrives together
  const Instant now = environment_.clock.now().monotonic;
  auto send = effects.sends.begin();
  for (Event& event : effects.events) {
    auto* sent = std::get_if<event::MessageSent>(&event.payload);
    if (sent == nullptr) continue;
    BROKERLAB_ASSERT(send != effects.sends.end());
    Slices frame = std::move(send->slices);
    const auto found = connections_.find(send->connection);
    ++send;
    if (found == connections_.end() || found->second->is_broken) {
      lost.push_back({sent->frame, event.ref});
      continue;
    }
    const ConnectionPtr& connection = found->second;
    sent->frame.peer = connection->peer;
    sent->frame.nth = connection->sent++;
    Pipe::Item item;
    item.cause = event.ref;
    item.nth = sent->frame.nth;
    item.size = sent->frame.size;
    if (connection->is_connecting) {
      connection->early.push_back({std::move(frame), std::move(item)});
      continue;
    }
    const auto [latency, is_first] = latencies.try_emplace(connection->id);
    if (is_first && connection->lab) {
      latency->second = environment_.network.draw_latency(runner_.id(), connection->peer);
    }
    if (connection->lab && !put_on_its_way(*connection, std::move(item), now, latency->second)) {
      lost.push_back({sent->frame, event.ref});
      continue;
    }
    connection->outgoing.add(std::move(frame));
    if (is_first) touched.push_back(connection);
  }
  runner_.keep(effects);
  for (const auto& [frame, sent] : lost) {
    runner_.emit(now, event::MessageDropped{frame, "connection closed"}, sent);
  }
  return touched;
}

void LiveNode::Thread::carry_out_close(ConnectionId id, EventRef cause) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;  // the network closed it first
  const ConnectionPtr connection = found->second;
  const EventRef closed = runner_.emit(environment_.clock.now().monotonic,
                                       event::ConnectionClosed{id, connection->peer, "closed here"}, cause);
  abandon(*connection, Unsent::delivered, "closed by peer", closed);
  connections_.erase(id);
  if (connection->outgoing.empty() || connection->is_connecting) {
    close_gently(*connection);
  } else {
    closing_.push_back(connection);  // until everything has left
  }
}

void LiveNode::Thread::carry_out_flush(const Effects::Flush& flush, EventRef cause) {
  const std::optional<NodeFaults> faults = member_.faults.read();
  if (faults && faults->disk_time > Duration{})
    slow_flushes_.emplace(environment_.clock.now().monotonic + faults->disk_time, SlowFlush{flush, cause});
  else
    begin_flush(flush, cause);
}

void LiveNode::Thread::begin_flush(const Effects::Flush& flush, EventRef cause) {
  const auto done = [this, token = flush.token, cause](Status status) {
    const EventRef finished = runner_.emit(environment_.clock.now().monotonic,
                                           event::DiskFinished{token.value, status.ok()}, cause);
    step(input::DiskDone{token, std::move(status)}, finished);
  };
  const std::optional<NodeFaults> faults = member_.faults.read();
  if (Status failure = faults ? flush_failure(faults->disk) : Status{}; !failure) {
    post([done, failure] { done(failure); });
    return;
  }
  if (!member_.disk.real) {
    post([done, status = member_.disk.memory->sync(flush.file)] { done(status); });
    return;
  }
  {
    const std::lock_guard lock(control_mutex_);
    ++flushes_under_way_;
  }
  environment_.flushes->run([this, done, sync = member_.disk.real->prepare_sync(flush.file)] {
    Status status = sync.run();
    post([done, status] { done(status); });
    const std::lock_guard lock(control_mutex_);
    --flushes_under_way_;
    control_changed_.notify_all();
  });
}

void LiveNode::Thread::begin_slow_flushes(Instant now) {
  while (!slow_flushes_.empty() && slow_flushes_.begin()->first <= now) {
    const SlowFlush slow = slow_flushes_.extract(slow_flushes_.begin()).mapped();
    begin_flush(slow.flush, slow.cause);
  }
}

// ---- waking -----------------------------------------------------------------------------------------------

void LiveNode::Thread::look_again() {
  const Instant due = environment_.clock.now().monotonic;
  environment_.network.look(due);
  accept_now();
  for (const ConnectionPtr& connection : all_connections()) {
    if (has_finished_) return;
    if (connection->is_over) continue;
    connect_if_due(connection);
    if (connection->is_over || connection->is_connecting) continue;
    receive(*connection);
    deliver(connection);
    if (has_finished_ || connection->is_over) continue;
    if (due - connection->last_active >= quiet_after) connection->received.rest();
    wait_to_read(connection);
    break_if_stuck(*connection, due);
  }
  if (!has_finished_ && due >= next_idle_check_) close_idle(due);
  if (!has_finished_) begin_slow_flushes(due);
  while (!has_finished_ && environment_.clock.is_running()) {
    const std::optional<TimerSet::Due> timer = runner_.timers.take_due(due);
    if (!timer) break;
    const Instant now = environment_.clock.now().monotonic;
    const EventRef fired =
        runner_.emit(now, event::TimerFired{timer->timer.kind, timer->timer.id}, timer->set_by);
    step(input::TimerFired{timer->timer}, fired);
  }
  if (!has_finished_) arm_wake();
}

void LiveNode::Thread::close_idle(Instant now) {
  const Duration limit = milliseconds(limits_.max_idle_ms);
  next_idle_check_ = never;
  for (const ConnectionPtr& connection : all_connections()) {
    if (has_finished_) return;
    if (connection->is_over || connection->host.empty()) continue;
    if (now - connection->last_active >= limit)
      close_by_network(*connection, "idle", {}, Unsent::delivered);
    else
      next_idle_check_ = std::min(next_idle_check_, connection->last_active + limit);
  }
}

void LiveNode::Thread::arm_wake() {
  if (has_finished_) return;
  Instant next = std::min({runner_.timers.next_deadline(), next_idle_check_,
                           environment_.network.next_flap(environment_.clock.now().monotonic)});
  if (!slow_flushes_.empty()) next = std::min(next, slow_flushes_.begin()->first);
  for (const auto& [id, connection] : connections_) {
    const Connection& c = *connection;
    next = std::min({next, c.next_arrival, c.break_at});
    if (c.is_connecting && !c.has_called && c.lab) {
      const bool waits = environment_.clock.now().monotonic >= c.connect_at;  // for a heal, or its time-out
      next = std::min(next, waits ? c.opening_since + break_after : c.connect_at);
    }
  }
  const RealInstant at = environment_.clock.real_time_of(next);
  if (at == real_never || (is_wake_armed_ && wake_at_ <= at)) return;
  is_wake_armed_ = true;
  wake_at_ = at;
  wake_.expires_at(time_point(at));
  wake_.async_wait([this](const boost::system::error_code& error) {
    if (error || has_finished_) return;  // moved
    is_wake_armed_ = false;
    const int64_t late = LiveClock::real_now().nanoseconds - wake_at_.nanoseconds;
    if (late > late_ns && environment_.clock.is_running() && !member_.faults.read()) {
      runner_.emit(environment_.clock.now().monotonic, event::Late{late / 1'000}, {});
      runner_.publish();
    }
    look_again();
  });
}

// ---- snapshots --------------------------------------------------------------------------------------------

void LiveNode::Thread::publish_snapshot() {
  const int64_t now = LiveClock::real_now().nanoseconds;
  const int64_t next = last_snapshot_ns_ + snapshot_interval_ns;
  if (now < next) {
    snapshot_timer_.expires_at(time_point({next}));
    snapshot_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error && !has_finished_) publish_snapshot();
    });
    return;
  }
  last_snapshot_ns_ = now;
  snapshot_wanted_ = false;
  if (steps_ == steps_at_snapshot_) return;  // nothing has changed
  describe_now();
  environment_.changed.notify();
}

void LiveNode::Thread::describe_now() {
  steps_at_snapshot_ = steps_;
  const Now now = environment_.clock.now();
  const std::optional<NodeFaults> faults = member_.faults.read();
  auto snapshot = std::make_shared<const NodeSnapshot>(
      NodeSnapshot{runner_.describe(faults ? faults->clock.apply(now) : now), now});
  member_.board.change([&](auto& content) { content.snapshot = std::move(snapshot); });
}

std::string LiveNode::Thread::describe_failure(const void* subject) {
  const auto* thread = static_cast<const Thread*>(subject);
  return fmt::format("  live, node {}, seed {}, at {} ns", thread->runner_.spec().name,
                     thread->environment_.cluster.seed,
                     thread->environment_.clock.now().monotonic.nanoseconds);
}

}  // namespace brokerlab
