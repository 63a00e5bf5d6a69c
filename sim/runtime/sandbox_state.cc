#include "sim/runtime/sandbox_state.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace brokerlab {

namespace {

/// A frame as its receiver's framer sees it: all slices in one piece.
Bytes joined(Slices slices, Disk& disk) {
  if (slices.size() == 1) {
    if (auto* bytes = std::get_if<Bytes>(&slices.front())) return std::move(*bytes);
  }
  std::vector<uint8_t> frame;
  frame.reserve(size_of(slices));
  for (const Slice& slice : slices) {
    Bytes piece;
    if (const auto* bytes = std::get_if<Bytes>(&slice)) {
      piece = *bytes;
    } else {
      const auto& part = std::get<FileSlice>(slice);
      Result<Bytes> read = disk.read(part.file, part.offset, part.length);
      BROKERLAB_ASSERT_THAT(read.ok(), read.status().message);
      piece = *read;
    }
    frame.insert(frame.end(), piece.begin(), piece.end());
  }
  return Bytes::adopt(std::move(frame));
}

}  // namespace

Sandbox::State::State(ClusterSpec spec) : SandboxValues(std::move(spec)) {
  observe();
  for (const NodeSpec& node : spec_.nodes) add_member(node, false);
  for (size_t i = 0; i < spec_.nodes.size(); ++i) {
    spec_.nodes[i].listeners = members_.at(NodeId{static_cast<uint32_t>(i + 1)}).runner.spec().listeners;
  }
  for (auto& [id, member] : members_) start_member(member, {});
}

std::unique_ptr<Sandbox::State> Sandbox::State::clone() const {
  std::unique_ptr<State> copy(new State(static_cast<const SandboxValues&>(*this)));
  copy->observe();
  for (const auto& [id, member] : members_) {
    Member twin(member.runner.clone(&copy->journal_));
    twin.disk = member.disk->clone();
    twin.is_transient = member.is_transient;
    twin.state = member.state;
    twin.exit_status = member.exit_status;
    twin.wants_input = member.wants_input;
    twin.connections = member.connections;
    twin.timers_armed_for = member.timers_armed_for;
    twin.flushes = member.flushes;
    twin.faults = member.faults;
    twin.is_faulty = member.is_faulty;
    twin.deferred = member.deferred;
    twin.is_busy_until = member.is_busy_until;
    twin.awaits_turn = member.awaits_turn;
    twin.while_paused = member.while_paused;
    twin.snapshot = member.snapshot;
    twin.has_stepped = member.has_stepped;
    if (twin.is_transient) copy->output_.watch(id);
    copy->members_.emplace(id, std::move(twin));
  }
  return copy;
}

// ---- nodes ------------------------------------------------------------------------------------------------

Sandbox::State::Member* Sandbox::State::find(NodeId node) {
  const auto found = members_.find(node);
  return found == members_.end() ? nullptr : &found->second;
}

NodeId Sandbox::State::add_member(NodeSpec spec, bool is_transient) {
  for (const auto& [id, member] : members_) BROKERLAB_ASSERT(member.runner.spec().name != spec.name);
  const NodeId id{next_node_++};
  for (ListenerSpec& listener : spec.listeners) {
    if (listener.port == 0) listener.port = next_free_port_++;
    names_.add(spec.name, id, listener.name, listener.port);
  }
  Member member(NodeRunner(id, std::move(spec), &journal_));
  member.disk = std::make_unique<SimulatedDisk>();
  member.is_transient = is_transient;
  if (is_transient) output_.watch(id);
  members_.emplace(id, std::move(member));
  return id;
}

void Sandbox::State::start_member(Member& member, EventRef cause) {
  member.state = NodeState::running;
  member.runner.create(now_, spec_, cause);
  step(member, input::Start{}, member.runner.started());
}

void Sandbox::State::end_member(Member& member, NodeState state, int status, EventRef cause) {
  const EventRef stopped = member.runner.emit(
      now_, event::NodeStopped{state == NodeState::killed ? "killed" : "exited", status}, cause);
  member.state = state;
  member.exit_status = status;
  member.wants_input = false;
  take_snapshot(member);
  const std::map<ConnectionId, uint64_t> connections = std::exchange(member.connections, {});
  for (const auto& [id, key] : connections) {
    Connection& connection = connections_.at(key);
    shut_end(key, connection, side_of(connection, member.runner.id(), id), "closed by peer", stopped);
    erase_if_finished(key);
  }
  member.runner.destroy();
  member.disk->close_all();
  member.flushes.clear();
  take_deferred_now(member);  // who is about to connect must still learn that nobody is there
  member.awaits_turn = false;
  member.while_paused.clear();
  member.timers_armed_for = never;
  member.is_busy_until = now_;
  member.runner.publish();
}

void Sandbox::State::remove_member(NodeId node) {
  names_.remove(node);
  output_.forget(node);
  members_.erase(node);
}

void Sandbox::State::pause_member(Member& member, EventRef cause) {
  member.runner.emit(now_, event::NodePaused{}, cause);
  member.runner.publish();
  take_snapshot(member);
  member.state = NodeState::paused;
}

void Sandbox::State::resume_member(Member& member, EventRef cause) {
  member.runner.emit(now_, event::NodeResumed{}, cause);
  member.runner.publish();
  member.state = NodeState::running;
  take_deferred_now(member);
  for (PendingInput& pending : std::exchange(member.while_paused, {})) {
    if (member.is_alive()) give(member, std::move(pending.input), pending.cause);
  }
}

void Sandbox::State::give(Member& member, Input input, EventRef cause) {
  if (std::holds_alternative<input::StandardInput>(input)) member.wants_input = false;
  if (member.state == NodeState::paused) {
    member.while_paused.push_back({std::move(input), cause});
    return;
  }
  if (const auto* command = std::get_if<input::Command>(&input)) {
    if (command->verb == "stop" || command->verb == "close") member.state = NodeState::stopping;
  }
  step(member, input, cause);
}

// ---- steps ------------------------------------------------------------------------------------------------

void Sandbox::State::step(Member& member, const Input& input, EventRef cause) {
  set_assertion_context(describe_failure, this);
  FaultyDisk faulty_disk(member.disk.get(), member.faults.disk);
  Disk* disk = member.is_faulty ? static_cast<Disk*>(&faulty_disk) : member.disk.get();
  Effects effects = member.runner.step(now_of(member), input, cause, disk);
  if (faulty_disk.was_used()) member.is_busy_until = now_ + member.faults.disk_time;
  member.has_stepped = true;
  member.wants_input = member.wants_input || effects.wants_input();
  ++steps_;
  for (const Effects::Open& open : effects.opens) carry_out_open(member, open, cause);
  carry_out_sends(member, effects);
  for (const ConnectionId closed : effects.closes) carry_out_close(member, closed, cause);
  for (const Effects::Flush& flush : effects.flushes) carry_out_flush(member, flush, cause);
  if (effects.ended()) {
    end_member(member, NodeState::stopped, effects.end_status(), cause);
  } else {
    arm_timers(member);
    member.runner.publish();
  }
}

void Sandbox::State::carry_out_open(Member& member, const Effects::Open& open, EventRef cause) {
  const uint64_t key = next_connection_++;
  Connection& connection = connections_[key];
  connection.protocol = open.protocol;
  connection.opening_since = now_;
  connection.opened_by = cause;
  connection.opener_port = static_cast<uint16_t>(40'000 + key % 20'000);
  End& opener = connection.ends[0];
  opener.node = member.runner.id();
  opener.incarnation = member.runner.incarnation();
  opener.id = open.connection;
  opener.is_open = true;
  opener.max_frame_bytes = INT32_MAX;
  const bool is_new = member.connections.emplace(open.connection, key).second;
  BROKERLAB_ASSERT(is_new);
  const std::optional<NameTable::Entry> target = names_.resolve(open.to);
  if (!target) {
    tell_closed(key, 0, names_.is_local(open.to.host) ? "connection refused" : "unknown host", cause);
    return;
  }
  connection.ends[1].node = target->node;
  connection.listener = target->listener;
  const Duration there = links_.draw_latency(opener.node, target->node);
  const Duration back = links_.draw_latency(target->node, opener.node);
  queue_.add(now_ + there + back, Rank::arrival, {Happening::Kind::connect, 0, no_node, key});
}

void Sandbox::State::carry_out_sends(Member& member, Effects& effects) {
  struct Lost {
    FrameRef frame;
    EventRef sent;
  };
  std::vector<Lost> lost;
  // What one step sends over one connection leaves together: one draw of the latency, one arrival.
  std::map<uint64_t, Duration> latencies;
  auto send = effects.sends.begin();
  for (Event& event : effects.events) {
    auto* sent = std::get_if<event::MessageSent>(&event.payload);
    if (sent == nullptr) continue;
    BROKERLAB_ASSERT(send != effects.sends.end());
    const auto found = member.connections.find(send->connection);
    if (found == member.connections.end() || is_broken(member, *found)) {
      lost.push_back({sent->frame, event.ref});
      ++send;
      continue;
    }
    const uint64_t key = found->second;
    Connection& connection = connections_.at(key);
    const int side = side_of(connection, member.runner.id(), send->connection);
    End& sender = connection.ends[side];
    sent->frame.peer = connection.ends[1 - side].node;
    sent->frame.nth = sender.sent++;
    Pipe::Item item;
    item.cause = event.ref;
    item.nth = sent->frame.nth;
    item.size = sent->frame.size;
    item.body = joined(std::move(send->slices), *member.disk);
    ++send;
    if (!connection.is_established) {
      connection.early.push_back(std::move(item));
      continue;
    }
    const auto [latency, is_first] = latencies.try_emplace(key);
    if (is_first) latency->second = links_.draw_latency(sender.node, sent->frame.peer);
    const Duration queued = links_.transmission(sender.node, sent->frame.peer, item.size, now_);
    const Instant arrival = connection.pipes[side].push(std::move(item), now_, latency->second + queued);
    if (is_first || queued > Duration{}) schedule_arrival(key, side, arrival);
  }
  member.runner.keep(effects);
  for (const Lost& frame : lost) {
    member.runner.emit(now_, event::MessageDropped{frame.frame, "connection closed"}, frame.sent);
  }
}

void Sandbox::State::carry_out_close(Member& member, ConnectionId id, EventRef cause) {
  const auto found = member.connections.find(id);
  if (found == member.connections.end()) return;  // the network closed it first
  const uint64_t key = found->second;
  member.connections.erase(found);
  Connection& connection = connections_.at(key);
  const int side = side_of(connection, member.runner.id(), id);
  const EventRef closed = member.runner.emit(
      now_, event::ConnectionClosed{id, connection.ends[1 - side].node, "closed here"}, cause);
  shut_end(key, connection, side, "closed by peer", closed);
  erase_if_finished(key);
}

void Sandbox::State::carry_out_flush(Member& member, const Effects::Flush& flush, EventRef cause) {
  member.flushes.push_back({flush.file, flush.token, cause});
  if (member.flushes.size() == 1) begin_flush(member);
}

/// The first that waits: a disk that is not slow any more works off the others at its own speed.
void Sandbox::State::begin_flush(Member& member) {
  queue_.add(now_ + flush_time + member.faults.disk_time, Rank::arrival,
             {Happening::Kind::disk_done, 0, member.runner.id(), member.runner.incarnation()});
}

void Sandbox::State::arm_timers(Member& member) {
  const Instant next = member.runner.timers.next_deadline();
  if (next >= member.timers_armed_for) return;
  member.timers_armed_for = next;
  queue_.add(std::max(next, now_), Rank::timer,
             {Happening::Kind::timers, 0, member.runner.id(), member.runner.incarnation()});
}

// ---- the lab ----------------------------------------------------------------------------------------------

EventRef Sandbox::State::emit(EventPayload payload, EventRef cause) {
  Event event;
  event.ref = {lab_node, next_lab_sequence_++};
  event.cause = cause;
  event.at = now_;
  event.payload = std::move(payload);
  const EventRef ref = event.ref;
  journal_.append({&event, 1});
  return ref;
}

void Sandbox::State::run(Instant until) {
  run_while(until, [] { return true; });
}

void Sandbox::State::take_snapshot(Member& member) {
  if (!member.is_alive() || (!member.has_stepped && member.snapshot)) return;
  member.snapshot =
      std::make_shared<NodeSnapshot>(NodeSnapshot{member.runner.describe(now_of(member)), now()});
  member.has_stepped = false;
}

LabView Sandbox::State::view() {
  LabView view;
  view.driver = Driver::sandbox;
  view.seed = spec_.seed;
  view.clock.now = now();
  view.clock.speed = speed_;
  view.clock.is_paused = is_paused_;
  view.faults = faults_.faults();
  for (auto& [id, member] : members_) {
    if (member.state != NodeState::paused) take_snapshot(member);
    view.nodes.push_back({id, member.runner.spec().name, member.runner.spec().listeners, member.is_transient,
                          member.state, member.runner.incarnation(), member.exit_status, member.wants_input,
                          member.snapshot});
  }
  return view;
}

std::string Sandbox::State::describe_failure(const void* subject) {
  const auto* state = static_cast<const State*>(subject);
  std::string text = fmt::format("  sandbox, seed {}, at {} ns; the last events:", state->spec_.seed,
                                 state->now_.nanoseconds);
  uint64_t position = state->ring_.end() > 20 ? state->ring_.end() - 20 : 0;
  for (const Event& event : state->ring_.since(position)) {
    text += fmt::format("\n  {} {}.{} {} {}", event.at.nanoseconds, event.ref.node.value, event.ref.sequence,
                        kind_of(event.payload), brokerlab::describe(event.payload));
  }
  return text;
}

void Sandbox::State::observe() {
  journal_.subscribe(&hash_);
  journal_.subscribe(&ring_);
  journal_.subscribe(&output_);
}

}  // namespace brokerlab
