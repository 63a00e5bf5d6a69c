// The virtual network of the sandbox: what happens next, and what it means for connections and nodes.
#include <optional>
#include <utility>

#include "sim/network/framer.h"
#include "sim/runtime/sandbox_state.h"

namespace brokerlab {

// ---- what happens -----------------------------------------------------------------------------------------

void Sandbox::State::happen() {
  const Queue::Entry entry = queue_.take();
  now_ = std::max(now_, entry.deadline);
  handle(entry);
}

void Sandbox::State::handle(const Queue::Entry& entry) {
  const Happening& what = entry.payload;
  switch (what.kind) {
    case Happening::Kind::connect:
      return on_connect(entry);
    case Happening::Kind::arrival:
      return on_arrival(entry);
    case Happening::Kind::break_if_stuck:
      return on_break_if_stuck(what);
    case Happening::Kind::tell_closed:
      return on_tell_closed(entry);
    case Happening::Kind::timers:
      return on_timers(entry);
    case Happening::Kind::disk_done:
      return on_disk_done(entry);
    case Happening::Kind::next_turn:
      return on_next_turn(what);
    case Happening::Kind::link_flaps:
      return on_link_flaps();
  }
}

bool Sandbox::State::deferred(Member& member, const Queue::Entry& entry) {
  if (member.state == NodeState::paused) {
    member.deferred.push_back(entry);
    return true;
  }
  return member.is_faulty && waits_for_its_turn(member, entry);
}

bool Sandbox::State::is_listening(NodeId node) {
  const Member* member = find(node);
  return member != nullptr && member->is_alive();
}

void Sandbox::State::on_connect(const Queue::Entry& entry) {
  const uint64_t key = entry.payload.id;
  const auto found = connections_.find(key);
  if (found == connections_.end() || !found->second.ends[0].is_open) return erase_if_finished(key);
  Connection& connection = found->second;
  if (connection.is_established) return;  // it was due twice: a cut was healed while the opener stood still
  End& opener = connection.ends[0];
  End& acceptor = connection.ends[1];
  if (links_.is_cut(opener.node, acceptor.node, now_) || links_.is_cut(acceptor.node, opener.node, now_)) {
    if (!connection.waits_for_heal) {
      queue_.add(connection.opening_since + break_after, Rank::arrival,
                 {Happening::Kind::break_if_stuck, 0, no_node, key});
    }
    connection.waits_for_heal = true;
    return;
  }
  connection.waits_for_heal = false;
  Member& member = members_.at(opener.node);
  if (deferred(member, entry)) return;
  if (!is_listening(acceptor.node)) return tell_closed(key, 0, "connection refused", connection.opened_by);
  acceptor.incarnation = members_.at(acceptor.node).runner.incarnation();
  connection.is_established = true;
  const EventRef opened =
      member.runner.emit(now_, event::ConnectionOpened{opener.id, acceptor.node, {}}, connection.opened_by);
  Pipe::Item item;
  item.kind = Pipe::Item::Kind::opened;
  item.cause = opened;
  send_item(key, connection, 0, std::move(item));
  for (Pipe::Item& early : std::exchange(connection.early, {})) {
    connection.pipes[0].push(std::move(early), now_, {});  // together with what opens the connection
  }
  const NodeRunner& peer = members_.at(acceptor.node).runner;
  step(member, input::ConnectionOpened{opener.id, {}, address_of(peer, connection.listener)}, opened);
}

Address Sandbox::State::address_of(const NodeRunner& node, std::string_view listener_name) {
  for (const ListenerSpec& listener : node.spec().listeners) {
    if (listener.name == listener_name) return {node.spec().name, listener.port};
  }
  return {node.spec().name, 0};
}

void Sandbox::State::on_arrival(const Queue::Entry& entry) {
  const uint64_t key = entry.payload.id;
  const auto found = connections_.find(key);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  const int side = entry.payload.side;
  Pipe& pipe = connection.pipes[side];
  if (pipe.first(now_) == nullptr) return;
  End& receiver = connection.ends[1 - side];
  if (is_held(connection, side)) {
    if (connection.is_dead[side] && !receiver.is_open) {  // nobody is left to miss it
      pipe.take_all();
      return erase_if_finished(key);
    }
    if (!pipe.held_since()) {
      pipe.hold(now_);
      queue_.add(now_ + break_after, Rank::arrival,
                 {Happening::Kind::break_if_stuck, entry.payload.side, no_node, key});
    }
    return;
  }
  Member* member = find(receiver.node);
  if (member == nullptr) {  // it was removed
    pipe.take_all();
    return erase_if_finished(key);
  }
  if (deferred(*member, entry)) return;
  if (pipe.first(now_)->kind == Pipe::Item::Kind::opened) accept(key, *member, pipe.take_first());
  deliver(key, side, *member);
  member->runner.publish();
  erase_if_finished(key);
}

void Sandbox::State::accept(uint64_t key, Member& member, const Pipe::Item& opened) {
  Connection& connection = connections_.at(key);
  End& end = connection.ends[1];
  if (!member.is_alive() || member.runner.incarnation() != end.incarnation) {
    Pipe::Item closed;
    closed.kind = Pipe::Item::Kind::closed;
    closed.reason = "closed by peer";
    closed.cause = opened.cause;
    return send_item(key, connection, 1, std::move(closed));
  }
  end.id = member.runner.next_incoming_connection();
  end.is_open = true;
  end.max_frame_bytes = 0;
  for (const ListenerSpec& listener : member.runner.spec().listeners) {
    if (listener.name == connection.listener) end.max_frame_bytes = listener.max_frame_bytes;
  }
  member.connections.emplace(end.id, key);
  const EventRef accepted = member.runner.emit(
      now_, event::ConnectionOpened{end.id, connection.ends[0].node, connection.listener}, opened.cause);
  step(member, input::ConnectionOpened{end.id, connection.listener, {"127.0.0.1", connection.opener_port}},
       accepted);
}

void Sandbox::State::deliver(uint64_t key, int side, Member& member) {
  const auto found = connections_.find(key);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  Pipe& pipe = connection.pipes[side];
  End& receiver = connection.ends[1 - side];
  const NodeId sender = connection.ends[side].node;
  input::Frames frames;
  frames.connection = receiver.id;
  EventRef cause;
  while (pipe.first(now_) != nullptr && pipe.first(now_)->kind == Pipe::Item::Kind::frame) {
    const Pipe::Item item = pipe.take_first();
    const FrameRef where{receiver.id, sender, item.nth, item.size};
    if (!receiver.is_open || !receiver.close_reason.empty()) {
      drop(member, where, item);
      continue;
    }
    const FrameCut cut = cut_frame(connection.protocol, item.body.span(), receiver.max_frame_bytes);
    BROKERLAB_ASSERT_THAT(cut.verdict != FrameCut::Verdict::need_more, "a node sent part of a frame");
    if (cut.verdict == FrameCut::Verdict::close) {
      drop(member, where, item);
      tell_closed(key, 1 - side, "frame too long", item.cause);
      continue;
    }
    BROKERLAB_ASSERT_THAT(cut.size == item.body.size(), "a node sent more than one frame at once");
    cause = member.runner.emit(now_, event::MessageDelivered{where}, item.cause);
    frames.events.push_back(cause);
    frames.frames.push_back(item.body.subview(cut.body_offset, cut.body_size));
    ++deliveries_;
  }
  const Pipe::Item* next = pipe.first(now_);
  if (next != nullptr && next->kind == Pipe::Item::Kind::closed) {
    const Pipe::Item closed = pipe.take_first();
    if (receiver.is_open) tell_closed(key, 1 - side, closed.reason, closed.cause);
  }
  if (!frames.frames.empty()) step(member, frames, cause);
}

void Sandbox::State::on_break_if_stuck(const Happening& what) {
  const auto found = connections_.find(what.id);
  if (found == connections_.end()) return;
  const Connection& connection = found->second;
  const bool handshake = connection.waits_for_heal && now_ >= connection.opening_since + break_after;
  const std::optional<Instant> held = connection.pipes[what.side].held_since();
  if (handshake || (held && now_ >= *held + break_after)) {
    break_end(what.id, what.side, handshake ? "connection timed out" : "timed out", {});
  }
}

void Sandbox::State::on_tell_closed(const Queue::Entry& entry) {
  const uint64_t key = entry.payload.id;
  const int side = entry.payload.side;
  const auto found = connections_.find(key);
  if (found == connections_.end()) return;
  End& end = found->second.ends[side];
  const std::string reason = end.close_reason;
  if (!end.is_open) {  // its node was quicker
    end.close_reason.clear();
    return erase_if_finished(key);
  }
  Member& member = members_.at(end.node);
  if (deferred(member, entry)) return;
  end.close_reason.clear();
  const ConnectionId id = end.id;
  const NodeId peer = found->second.ends[1 - side].node;
  const EventRef closed =
      member.runner.emit(now_, event::ConnectionClosed{id, peer, reason}, end.close_cause);
  member.connections.erase(id);
  shut_end(key, found->second, side, "reset by peer", closed);
  erase_if_finished(key);
  step(member, input::ConnectionClosed{id, reason}, closed);
}

void Sandbox::State::on_timers(const Queue::Entry& entry) {
  Member* member = find(entry.payload.node);
  if (member == nullptr || !member->is_alive() || member->runner.incarnation() != entry.payload.id) return;
  if (deferred(*member, entry)) return;
  if (member->timers_armed_for > now_) return;  // an earlier entry came in its place, and set the next
  member->timers_armed_for = never;
  const std::optional<TimerSet::Due> due = member->runner.timers.take_due(now_);
  if (!due) return arm_timers(*member);
  const EventRef fired =
      member->runner.emit(now_, event::TimerFired{due->timer.kind, due->timer.id}, due->set_by);
  step(*member, input::TimerFired{due->timer}, fired);
}

void Sandbox::State::on_disk_done(const Queue::Entry& entry) {
  Member* member = find(entry.payload.node);
  if (member == nullptr || !member->is_alive() || member->runner.incarnation() != entry.payload.id) return;
  if (deferred(*member, entry)) return;
  const PendingFlush flush = member->flushes.front();
  member->flushes.pop_front();
  if (!member->flushes.empty()) begin_flush(*member);
  Status status = flush_failure(member->faults.disk);
  if (status) status = member->disk->sync(flush.file);
  const EventRef finished =
      member->runner.emit(now_, event::DiskFinished{flush.token.value, status.ok()}, flush.cause);
  step(*member, input::DiskDone{flush.token, std::move(status)}, finished);
}

// ---- connections ------------------------------------------------------------------------------------------

bool Sandbox::State::is_broken(const Member& member,
                               const std::pair<const ConnectionId, uint64_t>& entry) const {
  const Connection& connection = connections_.at(entry.second);
  return !connection.ends[side_of(connection, member.runner.id(), entry.first)].close_reason.empty();
}

bool Sandbox::State::is_held(const Connection& connection, int side) const {
  return connection.is_dead[side] ||
         links_.is_cut(connection.ends[side].node, connection.ends[1 - side].node, now_);
}

void Sandbox::State::send_item(uint64_t key, Connection& connection, int side, Pipe::Item item) {
  const Duration latency = links_.draw_latency(connection.ends[side].node, connection.ends[1 - side].node);
  schedule_arrival(key, side, connection.pipes[side].push(std::move(item), now_, latency));
}

void Sandbox::State::shut_end(uint64_t key, Connection& connection, int side, std::string reason,
                              EventRef cause) {
  End& end = connection.ends[side];
  end.is_open = false;
  Member& member = members_.at(end.node);
  for (const Pipe::Item& item : connection.pipes[1 - side].take_all()) {
    drop(member, {end.id, connection.ends[1 - side].node, item.nth, item.size}, item);
  }
  if (!connection.is_established) {
    connection.early.clear();
    return;  // nobody knows of it yet
  }
  Pipe::Item closed;
  closed.kind = Pipe::Item::Kind::closed;
  closed.cause = cause;
  closed.reason = std::move(reason);
  send_item(key, connection, side, std::move(closed));
}

void Sandbox::State::drop(Member& member, const FrameRef& frame, const Pipe::Item& item) {
  if (item.kind != Pipe::Item::Kind::frame) return;
  member.runner.emit(now_, event::MessageDropped{frame, "connection closed"}, item.cause);
}

void Sandbox::State::erase_if_finished(uint64_t key) {
  const auto found = connections_.find(key);
  if (found != connections_.end() && found->second.is_finished()) connections_.erase(found);
}

void Sandbox::State::tell_closed(uint64_t key, int side, std::string reason, EventRef cause) {
  End& end = connections_.at(key).ends[side];
  if (!end.close_reason.empty()) return;
  end.close_reason = std::move(reason);
  end.close_cause = cause;
  queue_.add(now_, Rank::arrival, {Happening::Kind::tell_closed, static_cast<uint8_t>(side), no_node, key});
}

void Sandbox::State::break_end(uint64_t key, int side, const std::string& reason, EventRef cause) {
  Connection& connection = connections_.at(key);
  End& end = connection.ends[side];
  if (!end.is_open) return;
  Member& member = members_.at(end.node);
  for (const Pipe::Item& item : connection.pipes[side].take_all()) {
    drop(member, {end.id, connection.ends[1 - side].node, item.nth, item.size}, item);
  }
  for (const Pipe::Item& item : std::exchange(connection.early, {})) {
    drop(member, {end.id, connection.ends[1 - side].node, item.nth, item.size}, item);
  }
  member.runner.publish();
  tell_closed(key, side, reason, cause);
}

}  // namespace brokerlab
