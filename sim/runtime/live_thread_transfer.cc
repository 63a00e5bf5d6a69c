// How frames of a live node leave and arrive.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "sim/base/assert.h"
#include "sim/runtime/live_thread.h"
#include "sim/runtime/record.h"

namespace brokerlab {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// A connection is not read from while so much of it waits to be handed over, is kept by the node (requests behind
/// one that is not answered), or waits to be taken by its peer.
constexpr size_t most_waiting_bytes = 4 << 20;
/// Of a large frame so much is worth waking up for: its sender hands it to the system in many small pieces.
constexpr size_t large_piece_bytes = 256 << 10;
constexpr size_t worth_waiting_bytes = 32 << 10;
/// A peer that has left so much untaken is gone for good.
constexpr uint64_t most_outgoing_bytes = 256 << 20;

}  // namespace

// ---- sending ----------------------------------------------------------------------------------------------

bool LiveNode::Thread::put_on_its_way(Connection& c, Pipe::Item item, Instant now, Duration latency) {
  const bool is_held = environment_.network.is_held(*c.lab, c.side, now);
  const Duration queued = environment_.network.transmission(runner_.id(), c.peer, item.size, now);
  const std::lock_guard lock(c.lab->mutex);
  if (!c.lab->is_open[1 - c.side]) return false;
  Pipe& pipe = c.lab->pipes[c.side];
  pipe.push(std::move(item), now, latency + queued);
  if (is_held) {
    pipe.hold(now);
    c.break_at = *pipe.held_since() + break_after;
  }
  return true;
}

void LiveNode::Thread::send_now(Connection& c) {
  if (c.is_waiting_to_write || c.is_broken || c.outgoing.empty()) return;
  c.last_active = environment_.clock.now().monotonic;
  switch (c.outgoing.send(c.socket.native_handle())) {
    case OutgoingQueue::Outcome::all_sent:
      return;
    case OutgoingQueue::Outcome::failed:
      return give_up_sending(c);
    case OutgoingQueue::Outcome::would_block:
      if (c.outgoing.bytes() > most_outgoing_bytes && !c.is_over) {
        post([this, connection = find_connection(c)] {
          if (!connection->is_over) close_by_network(*connection, "peer takes nothing", {}, Unsent::dropped);
        });
        return give_up_sending(c);
      }
      return wait_to_write(find_connection(c));
  }
}

void LiveNode::Thread::give_up_sending(Connection& c) {
  c.is_broken = true;
  if (c.lab) drop_unsent(c);
  c.outgoing = OutgoingQueue();
}

void LiveNode::Thread::drop_unsent(Connection& c) {
  std::vector<Pipe::Item> lost;
  {
    const std::lock_guard lock(c.lab->mutex);
    if (!c.lab->is_open[1 - c.side]) return;  // its end has dropped them
    lost = c.lab->pipes[c.side].take_last(c.outgoing.frames());
  }
  for (const Pipe::Item& item : lost) drop(c, item);
  runner_.publish();
}

void LiveNode::Thread::wait_to_write(const ConnectionPtr& connection) {
  connection->is_waiting_to_write = true;
  connection->socket.async_wait(
      tcp::socket::wait_write, [this, connection](const boost::system::error_code& error) {
        connection->is_waiting_to_write = false;
        if (error || has_finished_) return;
        send_now(*connection);
        if (connection->is_over) {
          if (!connection->is_waiting_to_write) {
            close_gently(*connection);
            std::erase(closing_, connection);
          }
          return;
        }
        wait_to_read(connection);  // it was not read from while its peer took nothing
        arm_wake();
      });
}

// ---- receiving --------------------------------------------------------------------------------------------

bool LiveNode::Thread::may_read(const Connection& c) const {
  return !c.has_ended && !c.is_over && !c.is_connecting && c.frames_bytes < most_waiting_bytes &&
         c.outgoing.bytes() < most_waiting_bytes;
}

bool LiveNode::Thread::must_wait_for_memory(const Connection& c) const {
  if (c.received.lent_bytes() >= most_waiting_bytes) return true;
  // What has begun is read to its end, so that it can be answered and its memory let go.
  const bool is_limited = !c.lab && !c.listener.empty() && limits_.queued_max_request_bytes >= 0;
  return is_limited && !c.received.is_inside_frame() &&
         memory_from_outside_->bytes() >= static_cast<uint64_t>(limits_.queued_max_request_bytes);
}

void LiveNode::Thread::read_from_held_back() {
  for (const ConnectionId id : std::exchange(held_back_, {})) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) continue;
    found->second->is_held_back = false;
    wait_to_read(found->second);
  }
  // The recorder may be the last that holds them.
  Recorder* recorder = environment_.cluster.recorder.get();
  if (recorder != nullptr && !held_back_.empty()) recorder->tell_when_released(runner_.id());
}

void LiveNode::Thread::wait_to_read(const ConnectionPtr& connection) {
  if (connection->is_waiting_to_read || !may_read(*connection)) return;
  if (must_wait_for_memory(*connection)) {
    if (!std::exchange(connection->is_held_back, true)) held_back_.push_back(connection->id);
    return;
  }
  connection->is_waiting_to_read = true;
  wake_for_pieces(*connection);
  connection->socket.async_wait(tcp::socket::wait_read,
                                [this, connection](const boost::system::error_code& error) {
                                  connection->is_waiting_to_read = false;
                                  if (error || has_finished_ || connection->is_over) return;
                                  receive(*connection);
                                  deliver(connection);
                                  wait_to_read(connection);
                                  arm_wake();
                                });
}

void LiveNode::Thread::wake_for_pieces(Connection& c) {
  const size_t missing = c.received.missing_bytes();
  const int bytes =
      missing < worth_waiting_bytes ? 1 : static_cast<int>(std::min(missing, large_piece_bytes));
  if (bytes == std::exchange(c.wakes_at_bytes, bytes)) return;
  // Where the system cannot, it wakes for less.
  (void)setsockopt(c.socket.native_handle(), SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

void LiveNode::Thread::receive(Connection& c) {
  while (may_read(c) && !must_wait_for_memory(c)) {
    const std::span<uint8_t> space = c.received.space();
    const ssize_t count = ::recv(c.socket.native_handle(), space.data(), space.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (count <= 0) {
      c.has_ended = true;
      c.end_reason = count == 0 ? "closed by peer" : "reset by peer";
      return;
    }
    c.received.received(static_cast<size_t>(count));
    c.last_active = environment_.clock.now().monotonic;
    while (!c.has_ended) {
      ReceiveBuffer::Next next = c.received.take(c.protocol, c.max_frame_bytes);
      if (next.verdict == FrameCut::Verdict::need_more) break;
      if (next.verdict == FrameCut::Verdict::close) {
        c.has_ended = true;
        c.end_reason = "frame too long";
        break;
      }
      c.frames_bytes += next.size + sizeof(Connection::Frame);
      c.frames.push_back({std::move(next.body), next.size});
    }
    if (static_cast<size_t>(count) < space.size()) return;
  }
}

void LiveNode::Thread::deliver(const ConnectionPtr& connection) {
  if (connection->is_over || connection->is_connecting) return;
  connection->lab ? deliver_from_node(connection) : deliver_from_outside(connection);
}

void LiveNode::Thread::deliver_from_outside(const ConnectionPtr& connection) {
  Connection& c = *connection;
  if (!environment_.clock.is_running()) return;
  const Instant now = environment_.clock.now().monotonic;
  if (!c.is_told) tell_open(c, now, {});
  if (c.is_over || has_finished_) return;
  if (!c.frames.empty()) {
    input::Frames frames;
    frames.connection = c.id;
    EventRef cause;
    for (Connection::Frame& frame : std::exchange(c.frames, {})) {
      cause =
          runner_.emit(now, event::MessageDelivered{{c.id, no_node, c.frames_handed_over++, frame.size}}, {});
      frames.frames.push_back(std::move(frame.body));
      frames.events.push_back(cause);
    }
    c.frames_bytes = 0;
    step(frames, cause);
  }
  if (c.has_ended && !c.is_over && !has_finished_) close_by_network(c, c.end_reason, {}, Unsent::dropped);
}

void LiveNode::Thread::deliver_from_node(const ConnectionPtr& connection) {
  Connection& c = *connection;
  const Instant now = environment_.clock.now().monotonic;
  c.next_arrival = never;  // unless something is still to arrive
  if (environment_.network.is_held(*c.lab, 1 - c.side, now)) return;
  Pipe& pipe = c.lab->pipes[1 - c.side];
  while (!c.is_over && !has_finished_) {
    std::vector<Pipe::Item> arrived;
    {
      std::unique_lock lock(c.lab->mutex);
      const Pipe::Item* first = pipe.first(now);
      if (first == nullptr) {
        c.next_arrival = pipe.next_arrival();
        // Who was never accepted, or gave up before it was established, leaves no word.
        const bool is_silent = c.side == 0 ? !c.lab->is_accepted : !c.lab->is_open[0];
        if (!c.has_ended || !pipe.empty() || !is_silent) return;
        lock.unlock();
        lose_sent(c);
        return close_by_network(c, "closed by peer", {}, Unsent::dropped);
      }
      const bool is_frame = first->kind == Pipe::Item::Kind::frame;
      if (is_frame && c.frames.empty() && !c.has_ended) return;  // its bytes are still coming
      if (is_frame ? !environment_.clock.claim_delivery() : !environment_.clock.is_running()) return;
      if (!is_frame) {
        arrived.push_back(pipe.take_first());
      } else {
        while (first != nullptr && first->kind == Pipe::Item::Kind::frame &&
               (arrived.size() < c.frames.size() || c.has_ended)) {
          arrived.push_back(pipe.take_first());
          first = pipe.first(now);
        }
      }
    }
    switch (arrived.front().kind) {
      case Pipe::Item::Kind::opened:
        tell_open(c, now, arrived.front().cause);
        break;
      case Pipe::Item::Kind::frame:
        hand_over(c, now, arrived);
        break;
      case Pipe::Item::Kind::closed:
        close_by_network(c, arrived.front().reason, arrived.front().cause, Unsent::dropped);
        break;
    }
  }
}

void LiveNode::Thread::hand_over(Connection& c, Instant now, const std::vector<Pipe::Item>& items) {
  input::Frames frames;
  frames.connection = c.id;
  EventRef cause;
  for (const Pipe::Item& item : items) {
    if (c.frames.empty()) {  // its bytes were lost with the connection
      drop(c, item);
      continue;
    }
    Connection::Frame frame = std::move(c.frames.front());
    c.frames.pop_front();
    c.frames_bytes -= frame.size + sizeof(Connection::Frame);
    BROKERLAB_ASSERT_THAT(frame.size == item.size, "what was sent is not what the framer cut");
    cause = runner_.emit(now, event::MessageDelivered{{c.id, c.peer, item.nth, item.size}}, item.cause);
    frames.frames.push_back(std::move(frame.body));
    frames.events.push_back(cause);
  }
  const bool too_long = c.has_ended && c.end_reason == "frame too long" && c.frames.empty();
  if (!frames.frames.empty()) step(frames, cause);
  runner_.publish();
  if (too_long && !c.is_over && !has_finished_) close_by_network(c, c.end_reason, {}, Unsent::dropped);
}

void LiveNode::Thread::tell_open(Connection& c, Instant now, EventRef cause) {
  c.is_told = true;
  const EventRef opened = runner_.emit(now, event::ConnectionOpened{c.id, c.peer, c.listener}, cause);
  step(input::ConnectionOpened{c.id, c.listener, c.peer_address, c.lab == nullptr}, opened);
}

}  // namespace brokerlab
