#include "sim/runtime/sandbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/base/assert.h"
#include "sim/network/framer.h"
#include "sim/network/name_table.h"
#include "sim/network/pipe.h"
#include "sim/runtime/node_runner.h"
#include "sim/storage/simulated_disk.h"
#include "sim/time/event_queue.h"

namespace brokerlab {

namespace {

/// Events that the ring keeps.
constexpr size_t ring_capacity = 20'000;
/// A step of the learner gives up after so much lab time without a delivery.
constexpr Duration longest_step = seconds(60);
/// How long nodes have to end when the lab closes.
constexpr Duration close_grace = seconds(1);

/// One entry of the queue. Small, because a heap moves it around; what it speaks of is looked up by its ids.
struct Happening {
  enum class Kind : uint8_t {
    connect,         ///< `id`: connection. The handshake is through, if the link allows.
    arrival,         ///< `id`: connection, `side`: who sent
    break_if_stuck,  ///< `id`: connection, `side`: whose sending or connecting is held
    tell_closed,     ///< `id`: connection, `side`: whose end was closed by the network
    timers,          ///< `id`: incarnation, `node`
    disk_done,       ///< `id`: incarnation, `node`
  };
  Kind kind;
  uint8_t side = 0;
  NodeId node = no_node;
  uint64_t id = 0;
};

using Queue = EventQueue<Happening>;

struct End {
  NodeId node = no_node;
  uint32_t incarnation = 0;
  ConnectionId id;
  bool is_open = false;
  size_t max_frame_bytes = 0;
  uint64_t sent = 0;         ///< frames
  std::string close_reason;  ///< not empty: `tell_closed` is under way
  EventRef close_cause;
};

struct Connection {
  std::array<End, 2> ends;    ///< [0] opened it, [1] accepts it
  std::array<Pipe, 2> pipes;  ///< [i] from ends[i] to the other
  Protocol protocol = Protocol::kafka;
  std::string listener;
  uint16_t opener_port = 0;  ///< as the accepting side sees it
  bool is_established = false;
  bool waits_for_heal = false;  ///< the handshake
  Instant opening_since;
  EventRef opened_by;
  std::vector<Pipe::Item> early;  ///< frames sent before the handshake was through

  bool is_finished() const {
    for (const int side : {0, 1}) {
      if (ends[side].is_open || !pipes[side].empty() || !ends[side].close_reason.empty()) return false;
    }
    return true;
  }
};

struct PendingInput {
  Input input;
  EventRef cause;
};

struct PendingFlush {
  FileId file;
  DiskToken token;
  EventRef cause;
};

struct Member {
  explicit Member(NodeRunner node_runner) : runner(std::move(node_runner)) {}

  NodeRunner runner;
  std::unique_ptr<SimulatedDisk> disk;
  bool is_transient = false;
  NodeState state = NodeState::starting;
  int exit_status = 0;
  std::map<ConnectionId, uint64_t> connections;  ///< open ends, also those that are still being opened
  Instant timers_armed_for = never;
  std::deque<PendingFlush> flushes;  ///< in order of completion
  Instant disk_is_busy_until;
  std::vector<Queue::Entry> deferred;      ///< came up while paused
  std::vector<PendingInput> while_paused;  ///< commands given while paused
  std::shared_ptr<const NodeSnapshot> snapshot;
  bool has_stepped = false;  ///< since the snapshot

  bool is_alive() const { return runner.is_alive(); }
};

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

class Sandbox::State {
 public:
  explicit State(ClusterSpec spec) : spec_(std::move(spec)), links_(spec_.latency, spec_.seed) {
    observe();
    for (const NodeSpec& node : spec_.nodes) add_member(node, false);
    for (size_t i = 0; i < spec_.nodes.size(); ++i) {
      spec_.nodes[i].listeners = members_.at(NodeId{static_cast<uint32_t>(i + 1)}).runner.spec().listeners;
    }
    for (auto& [id, member] : members_) start_member(member, {});
  }

  std::unique_ptr<State> clone() const {
    std::unique_ptr<State> copy(new State(*this));
    copy->observe();
    for (const auto& [id, member] : members_) {
      Member twin(member.runner.clone(&copy->journal_));
      twin.disk = member.disk->clone();
      twin.is_transient = member.is_transient;
      twin.state = member.state;
      twin.exit_status = member.exit_status;
      twin.connections = member.connections;
      twin.timers_armed_for = member.timers_armed_for;
      twin.flushes = member.flushes;
      twin.disk_is_busy_until = member.disk_is_busy_until;
      twin.deferred = member.deferred;
      twin.while_paused = member.while_paused;
      twin.snapshot = member.snapshot;
      twin.has_stepped = member.has_stepped;
      if (twin.is_transient) copy->output_.watch(id);
      copy->members_.emplace(id, std::move(twin));
    }
    return copy;
  }

  // ---- nodes ----------------------------------------------------------------------------------------------

  Member* find(NodeId node) {
    const auto found = members_.find(node);
    return found == members_.end() ? nullptr : &found->second;
  }

  NodeId add_member(NodeSpec spec, bool is_transient) {
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

  void start_member(Member& member, EventRef cause) {
    member.state = NodeState::running;
    member.runner.create(now_, spec_, cause);
    step(member, input::Start{}, member.runner.started());
  }

  void end_member(Member& member, NodeState state, int status, EventRef cause) {
    const EventRef stopped = member.runner.emit(
        now_, event::NodeStopped{state == NodeState::killed ? "killed" : "exited", status}, cause);
    member.state = state;
    member.exit_status = status;
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
    for (const Queue::Entry& entry : std::exchange(member.deferred, {})) {
      // Who is about to connect must still learn that nobody is there.
      queue_.add(now_, entry.rank(), entry.payload);
    }
    member.while_paused.clear();
    member.timers_armed_for = never;
    member.disk_is_busy_until = now_;
    member.runner.publish();
  }

  void remove_member(NodeId node) {
    names_.remove(node);
    output_.forget(node);
    members_.erase(node);
  }

  void pause_member(Member& member, EventRef cause) {
    member.runner.emit(now_, event::NodePaused{}, cause);
    member.runner.publish();
    take_snapshot(member);
    member.state = NodeState::paused;
  }

  void resume_member(Member& member, EventRef cause) {
    member.runner.emit(now_, event::NodeResumed{}, cause);
    member.runner.publish();
    member.state = NodeState::running;
    for (Queue::Entry& entry : std::exchange(member.deferred, {})) {
      queue_.add(now_, entry.rank(), entry.payload);
    }
    for (PendingInput& pending : std::exchange(member.while_paused, {})) {
      if (member.is_alive()) give(member, std::move(pending.input), pending.cause);
    }
  }

  /// An input that comes from outside the network, disk and clock: at once, or when the node is resumed.
  void give(Member& member, Input input, EventRef cause) {
    if (member.state == NodeState::paused) {
      member.while_paused.push_back({std::move(input), cause});
      return;
    }
    if (const auto* command = std::get_if<input::Command>(&input)) {
      if (command->verb == "stop" || command->verb == "close") member.state = NodeState::stopping;
    }
    step(member, input, cause);
  }

  // ---- steps ----------------------------------------------------------------------------------------------

  void step(Member& member, const Input& input, EventRef cause) {
    set_assertion_context(describe_failure, this);
    Effects effects = member.runner.step(now(), input, cause, member.disk.get());
    member.has_stepped = true;
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

  void carry_out_open(Member& member, const Effects::Open& open, EventRef cause) {
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

  /// Puts each frame on its connection, fills in where it is, and keeps the step's events.
  void carry_out_sends(Member& member, Effects& effects) {
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
      const Instant arrival = connection.pipes[side].push(std::move(item), now_, latency->second);
      if (is_first) schedule_arrival(key, side, arrival);
    }
    member.runner.keep(effects);
    for (const Lost& frame : lost) {
      member.runner.emit(now_, event::MessageDropped{frame.frame, "connection closed"}, frame.sent);
    }
  }

  void carry_out_close(Member& member, ConnectionId id, EventRef cause) {
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

  void carry_out_flush(Member& member, const Effects::Flush& flush, EventRef cause) {
    member.disk_is_busy_until = std::max(member.disk_is_busy_until, now_) + flush_time;
    member.flushes.push_back({flush.file, flush.token, cause});
    queue_.add(member.disk_is_busy_until, Rank::arrival,
               {Happening::Kind::disk_done, 0, member.runner.id(), member.runner.incarnation()});
  }

  void arm_timers(Member& member) {
    const Instant next = member.runner.timers.next_deadline();
    if (next >= member.timers_armed_for) return;
    member.timers_armed_for = next;
    queue_.add(std::max(next, now_), Rank::timer,
               {Happening::Kind::timers, 0, member.runner.id(), member.runner.incarnation()});
  }

  // ---- connections ----------------------------------------------------------------------------------------

  static int side_of(const Connection& connection, NodeId node, ConnectionId id) {
    return connection.ends[0].node == node && connection.ends[0].id == id ? 0 : 1;
  }

  /// The network has closed it, and its node does not know yet.
  bool is_broken(const Member& member, const std::pair<const ConnectionId, uint64_t>& entry) const {
    const Connection& connection = connections_.at(entry.second);
    return !connection.ends[side_of(connection, member.runner.id(), entry.first)].close_reason.empty();
  }

  void schedule_arrival(uint64_t key, int side, Instant at) {
    queue_.add(at, Rank::arrival, {Happening::Kind::arrival, static_cast<uint8_t>(side), no_node, key});
  }

  void send_item(uint64_t key, Connection& connection, int side, Pipe::Item item) {
    const Duration latency = links_.draw_latency(connection.ends[side].node, connection.ends[1 - side].node);
    schedule_arrival(key, side, connection.pipes[side].push(std::move(item), now_, latency));
  }

  /// An end is no more: what is on its way to it is lost, and its peer will learn.
  void shut_end(uint64_t key, Connection& connection, int side, std::string reason, EventRef cause) {
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

  void drop(Member& member, const FrameRef& frame, const Pipe::Item& item) {
    if (item.kind != Pipe::Item::Kind::frame) return;
    member.runner.emit(now_, event::MessageDropped{frame, "connection closed"}, item.cause);
  }

  void erase_if_finished(uint64_t key) {
    const auto found = connections_.find(key);
    if (found != connections_.end() && found->second.is_finished()) connections_.erase(found);
  }

  /// The network closes an end; its node learns as soon as it can take an input.
  void tell_closed(uint64_t key, int side, std::string reason, EventRef cause) {
    End& end = connections_.at(key).ends[side];
    if (!end.close_reason.empty()) return;
    end.close_reason = std::move(reason);
    end.close_cause = cause;
    queue_.add(now_, Rank::arrival, {Happening::Kind::tell_closed, static_cast<uint8_t>(side), no_node, key});
  }

  /// What the end sent and has not arrived is lost, and both ends learn that the connection is gone: this one
  /// now, the other when something reaches it.
  void break_end(uint64_t key, int side, const std::string& reason, EventRef cause) {
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

  // ---- what happens ---------------------------------------------------------------------------------------

  /// Handles the next entry. REQUIRES: there is one.
  void happen() {
    const Queue::Entry entry = queue_.take();
    now_ = std::max(now_, entry.deadline);
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
    }
  }

  /// A paused node takes nothing: the entry comes again when it is resumed.
  static bool deferred(Member& member, const Queue::Entry& entry) {
    if (member.state != NodeState::paused) return false;
    member.deferred.push_back(entry);
    return true;
  }

  bool is_listening(NodeId node) {
    const Member* member = find(node);
    return member != nullptr && member->is_alive();
  }

  void on_connect(const Queue::Entry& entry) {
    const uint64_t key = entry.payload.id;
    const auto found = connections_.find(key);
    if (found == connections_.end() || !found->second.ends[0].is_open) return erase_if_finished(key);
    Connection& connection = found->second;
    if (connection.is_established) return;  // it was due twice: a cut was healed while the opener stood still
    End& opener = connection.ends[0];
    End& acceptor = connection.ends[1];
    if (links_.is_cut(opener.node, acceptor.node) || links_.is_cut(acceptor.node, opener.node)) {
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

  static Address address_of(const NodeRunner& node, std::string_view listener_name) {
    for (const ListenerSpec& listener : node.spec().listeners) {
      if (listener.name == listener_name) return {node.spec().name, listener.port};
    }
    return {node.spec().name, 0};
  }

  void on_arrival(const Queue::Entry& entry) {
    const uint64_t key = entry.payload.id;
    const auto found = connections_.find(key);
    if (found == connections_.end()) return;
    Connection& connection = found->second;
    const int side = entry.payload.side;
    Pipe& pipe = connection.pipes[side];
    if (pipe.first(now_) == nullptr) return;
    const NodeId sender = connection.ends[side].node;
    End& receiver = connection.ends[1 - side];
    if (links_.is_cut(sender, receiver.node)) {
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

  void accept(uint64_t key, Member& member, const Pipe::Item& opened) {
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

  /// Hands over all frames that have arrived, and then the close, if it has.
  void deliver(uint64_t key, int side, Member& member) {
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

  void on_break_if_stuck(const Happening& what) {
    const auto found = connections_.find(what.id);
    if (found == connections_.end()) return;
    const Connection& connection = found->second;
    const bool handshake = connection.waits_for_heal && now_ >= connection.opening_since + break_after;
    const std::optional<Instant> held = connection.pipes[what.side].held_since();
    if (handshake || (held && now_ >= *held + break_after)) {
      break_end(what.id, what.side, handshake ? "connection timed out" : "timed out", {});
    }
  }

  void on_tell_closed(const Queue::Entry& entry) {
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

  /// One timer, so that what it causes at this very instant comes before the next.
  void on_timers(const Queue::Entry& entry) {
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

  void on_disk_done(const Queue::Entry& entry) {
    Member* member = find(entry.payload.node);
    if (member == nullptr || !member->is_alive() || member->runner.incarnation() != entry.payload.id) return;
    if (deferred(*member, entry)) return;
    const PendingFlush flush = member->flushes.front();
    member->flushes.pop_front();
    Status status = member->disk->sync(flush.file);
    const EventRef finished =
        member->runner.emit(now_, event::DiskFinished{flush.token.value, status.ok()}, flush.cause);
    step(*member, input::DiskDone{flush.token, std::move(status)}, finished);
  }

  // ---- faults ---------------------------------------------------------------------------------------------

  /// Lets go what a cut held and holds no more.
  void links_changed() {
    for (auto& [key, connection] : connections_) {
      for (const int side : {0, 1}) {
        const NodeId from = connection.ends[side].node;
        const NodeId to = connection.ends[1 - side].node;
        Pipe& pipe = connection.pipes[side];
        if (!pipe.held_since() || links_.is_cut(from, to)) continue;
        pipe.release(now_, links_.draw_latency(from, to));
        schedule_arrival(key, side, pipe.next_arrival());
      }
      if (connection.waits_for_heal) {
        queue_.add(now_, Rank::arrival, {Happening::Kind::connect, 0, no_node, key});
      }
    }
  }

  void reset(NodeId from, NodeId to, EventRef cause) {
    for (auto& [key, connection] : connections_) {
      const NodeId a = connection.ends[0].node;
      const NodeId b = connection.ends[1].node;
      const bool concerned =
          to == no_node ? a == from || b == from : (a == from && b == to) || (a == to && b == from);
      if (!concerned || a == b) continue;
      break_end(key, 0, "reset", cause);
      break_end(key, 1, "reset", cause);
    }
  }

  // ---- the lab --------------------------------------------------------------------------------------------

  EventRef emit(EventPayload payload, EventRef cause) {
    Event event;
    event.ref = {lab_node, next_lab_sequence_++};
    event.cause = cause;
    event.at = now_;
    event.payload = std::move(payload);
    const EventRef ref = event.ref;
    journal_.append({&event, 1});
    return ref;
  }

  Now now() const { return {now_, spec_.sandbox_wall_start_ms + now_.milliseconds()}; }

  /// Runs everything that is due at or before `until`; lab time is `until` afterwards.
  void run(Instant until) {
    while (!queue_.empty() && queue_.next().deadline <= until) happen();
    now_ = std::max(now_, until);
  }
  /// The same, but stops, and lab time with it, as soon as `go_on` is false.
  template <class GoOn>
  void run_while(Instant until, GoOn go_on) {
    while (!queue_.empty() && queue_.next().deadline <= until) {
      happen();
      if (!go_on()) return;
    }
    now_ = std::max(now_, until);
  }

  void take_snapshot(Member& member) {
    if (!member.is_alive() || (!member.has_stepped && member.snapshot)) return;
    member.snapshot = std::make_shared<NodeSnapshot>(NodeSnapshot{member.runner.describe(now()), now()});
    member.has_stepped = false;
  }

  LabView view() {
    LabView view;
    view.driver = Driver::sandbox;
    view.seed = spec_.seed;
    view.clock.now = now();
    view.clock.speed = speed_;
    view.clock.is_paused = is_paused_;
    view.faults = links_.faults();
    for (auto& [id, member] : members_) {
      if (member.state != NodeState::paused) take_snapshot(member);
      view.nodes.push_back({id, member.runner.spec().name, member.runner.spec().listeners,
                            member.is_transient, member.state, member.runner.incarnation(),
                            member.exit_status, member.snapshot});
    }
    return view;
  }

  /// Printed when an assertion fails.
  static std::string describe_failure(const void* subject) {
    const auto* state = static_cast<const State*>(subject);
    std::string text = fmt::format("  sandbox, seed {}, at {} ns; the last events:", state->spec_.seed,
                                   state->now_.nanoseconds);
    uint64_t position = state->ring_.end() > 20 ? state->ring_.end() - 20 : 0;
    for (const Event& event : state->ring_.since(position)) {
      text += fmt::format("\n  {} {}.{} {} {}", event.at.nanoseconds, event.ref.node.value,
                          event.ref.sequence, kind_of(event.payload), brokerlab::describe(event.payload));
    }
    return text;
  }

  ~State() { set_assertion_context(nullptr, nullptr); }

  ClusterSpec spec_;
  Links links_;
  NameTable names_;
  Instant now_;
  Queue queue_;
  std::map<uint64_t, Connection> connections_;
  std::map<NodeId, Member> members_;
  Journal journal_;
  JournalHash hash_;
  JournalRing ring_{ring_capacity};
  OutputCollector output_;
  Speed speed_ = spec_.speed;
  bool is_paused_ = false;
  uint64_t next_lab_sequence_ = 1;
  uint64_t next_connection_ = 1;
  uint32_t next_node_ = 1;
  uint16_t next_free_port_ = 50'000;
  uint64_t deliveries_ = 0;
  uint64_t steps_ = 0;

 private:
  /// All but the members and the journal, which belong to one lab.
  State(const State& other)
      : spec_(other.spec_),
        links_(other.links_),
        names_(other.names_),
        now_(other.now_),
        queue_(other.queue_),
        connections_(other.connections_),
        hash_(other.hash_),
        speed_(other.speed_),
        is_paused_(other.is_paused_),
        next_lab_sequence_(other.next_lab_sequence_),
        next_connection_(other.next_connection_),
        next_node_(other.next_node_),
        next_free_port_(other.next_free_port_),
        deliveries_(other.deliveries_),
        steps_(other.steps_) {}

  void observe() {
    journal_.subscribe(&hash_);
    journal_.subscribe(&ring_);
    journal_.subscribe(&output_);
  }
};

Sandbox::Sandbox(ClusterSpec spec) : state_(std::make_unique<State>(std::move(spec))) {}
Sandbox::Sandbox(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sandbox::~Sandbox() = default;

std::unique_ptr<Sandbox> Sandbox::clone() const {
  return std::unique_ptr<Sandbox>(new Sandbox(state_->clone()));
}

std::string Sandbox::hash() const { return state_->hash_.hex(); }
uint64_t Sandbox::events() const { return state_->hash_.events(); }

Result<NodeId> Sandbox::add(NodeSpec spec, EventRef cause) {
  if (find(spec.name)) return node_exists(spec.name);
  const NodeId node = state_->add_member(std::move(spec), true);
  state_->start_member(state_->members_.at(node), cause);
  return node;
}

Status Sandbox::remove(NodeId node, EventRef cause) {
  Member* member = state_->find(node);
  if (member == nullptr || !member->is_transient) return no_such_node(node);
  if (member->is_alive()) state_->end_member(*member, NodeState::killed, 0, cause);
  state_->remove_member(node);
  return {};
}

Status Sandbox::start(NodeId node, EventRef cause) {
  Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (member->is_alive()) return already_runs(member->runner.spec().name);
  state_->start_member(*member, cause);
  return {};
}

Status Sandbox::stop(NodeId node, EventRef cause) { return command(node, {"stop", {}}, cause); }

Status Sandbox::kill(NodeId node, EventRef cause) {
  Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (!member->is_alive()) return does_not_run(member->runner.spec().name);
  state_->end_member(*member, NodeState::killed, 0, cause);
  return {};
}

Status Sandbox::pause(NodeId node, EventRef cause) {
  Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  const std::string& name = member->runner.spec().name;
  if (!member->is_alive()) return does_not_run(name);
  if (member->state == NodeState::paused) return already_paused(name);
  state_->pause_member(*member, cause);
  return {};
}

Status Sandbox::resume(NodeId node, EventRef cause) {
  Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (member->state != NodeState::paused) return is_not_paused(member->runner.spec().name);
  state_->resume_member(*member, cause);
  return {};
}

Status Sandbox::command(NodeId node, input::Command command, EventRef cause) {
  Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (!member->is_alive()) return does_not_run(member->runner.spec().name);
  state_->give(*member, std::move(command), cause);
  return {};
}

Status Sandbox::standard_input(NodeId node, input::StandardInput input) {
  Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (!member->is_alive()) return does_not_run(member->runner.spec().name);
  state_->give(*member, std::move(input), {});
  return {};
}

std::vector<OutputChunk> Sandbox::take_output(NodeId node) { return state_->output_.take(node); }

Status Sandbox::set_fault(const Fault& fault, EventRef cause) {
  Result<PlacedFault> placed = place(fault);
  if (!placed) return placed.status();
  state_->links_.set(placed->fault, placed->from, placed->to);
  state_->emit(event::FaultSet{placed->fault.to_string()}, cause);
  state_->links_changed();
  return {};
}

Status Sandbox::heal(std::string_view from, std::string_view to, EventRef cause) {
  Result<NodePair> nodes = find_pair(from, to);
  if (!nodes) return nodes.status();
  const std::vector<Fault> healed =
      from.empty() ? state_->links_.heal() : state_->links_.heal(nodes->from, nodes->to);
  for (const Fault& fault : healed) state_->emit(event::FaultHealed{fault.to_string()}, cause);
  state_->links_changed();
  return healed.empty() ? nothing_to_heal() : Status{};
}

Status Sandbox::reset_connections(std::string_view from, std::string_view to, EventRef cause) {
  Result<NodePair> nodes = find_pair(from, to);
  if (!nodes) return nodes.status();
  state_->reset(nodes->from, nodes->to, cause);
  return {};
}

Status Sandbox::set_speed(Speed speed, bool) {
  state_->speed_ = speed;
  return {};
}

Status Sandbox::pause_clock(bool) {
  state_->is_paused_ = true;
  return {};
}

void Sandbox::resume_clock() { state_->is_paused_ = false; }

void Sandbox::step() {
  const uint64_t before = state_->deliveries_;
  const auto none_yet = [&] { return state_->deliveries_ == before; };
  state_->run_while(state_->now_ + longest_step, none_yet);
}

void Sandbox::advance(Duration real_time) {
  if (state_->is_paused_) return;
  state_->run(state_->now_ + real_time * state_->speed_.hundredths / 100);
}

WaitResult Sandbox::run_until(const std::function<bool()>& done, Duration limit) {
  if (done()) return WaitResult::reached;
  if (state_->is_paused_) return WaitResult::paused;
  const Instant until = state_->now_ + limit;
  bool reached = false;
  while (!reached) {
    const uint64_t before = state_->steps_;
    state_->run_while(until, [&] { return state_->steps_ == before; });
    if (state_->steps_ == before) return WaitResult::limit;
    reached = done();
  }
  return WaitResult::reached;
}

WaitResult Sandbox::run_for(Duration duration) {
  if (state_->is_paused_) return WaitResult::paused;
  state_->run(state_->now_ + duration);
  return WaitResult::limit;
}

void Sandbox::wake() {}
Now Sandbox::now() const { return state_->now(); }
LabView Sandbox::view() { return state_->view(); }
Journal& Sandbox::journal() { return state_->journal_; }
const JournalRing& Sandbox::ring() const { return state_->ring_; }
EventRef Sandbox::record_command(std::string text) {
  return state_->emit(event::CommandGiven{std::move(text)}, {});
}
const ClusterSpec& Sandbox::spec() const { return state_->spec_; }

void Sandbox::close() {
  for (auto& [id, member] : state_->members_) {
    if (member.state == NodeState::paused) state_->resume_member(member, {});
    if (member.is_alive()) state_->give(member, input::Command{"close", {}}, {});
  }
  const auto any_alive = [&] {
    return std::any_of(state_->members_.begin(), state_->members_.end(),
                       [](const auto& entry) { return entry.second.is_alive(); });
  };
  if (any_alive()) state_->run_while(state_->now_ + close_grace, any_alive);
  for (auto& [id, member] : state_->members_) {
    if (member.is_alive()) state_->end_member(member, NodeState::killed, 0, {});
  }
}

}  // namespace brokerlab
