// What a sandbox keeps, and what happens in it. Private to Sandbox.
//
// Everything is a value, looked up by its id, so that a copy of all of it is a second lab.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/assert.h"
#include "sim/network/name_table.h"
#include "sim/network/pipe.h"
#include "sim/runtime/fault_table.h"
#include "sim/runtime/node_runner.h"
#include "sim/runtime/sandbox.h"
#include "sim/storage/simulated_disk.h"
#include "sim/time/event_queue.h"

namespace brokerlab {

/// What a clone copies as it is.
struct SandboxValues {
  /// One entry of the queue. Small, because a heap moves it around; what it speaks of is looked up by its ids.
  struct Happening {
    enum class Kind : uint8_t {
      connect,         ///< `id`: connection. The handshake is through, if the link allows.
      arrival,         ///< `id`: connection, `side`: who sent
      break_if_stuck,  ///< `id`: connection, `side`: whose sending or connecting is held
      tell_closed,     ///< `id`: connection, `side`: whose end was closed by the network
      timers,          ///< `id`: incarnation, `node`
      disk_done,       ///< `id`: incarnation, `node`
      next_turn,       ///< `id`: incarnation, `node`: slow, it takes the next input
      link_flaps,
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
    uint16_t opener_port = 0;          ///< as the accepting side sees it
    std::array<bool, 2> is_dead = {};  ///< [i]: what ends[i] sends never arrives (half-open)
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
    bool wants_input = false;
    std::map<ConnectionId, uint64_t> connections;  ///< open ends, also those that are still being opened
    Instant timers_armed_for = never;
    std::deque<PendingFlush> flushes;  ///< one after the other; the first is under way
    NodeFaults faults;
    bool is_faulty = false;                  ///< there are some
    std::deque<Queue::Entry> deferred;       ///< came up while paused, or waits for a slow node
    Instant is_busy_until;                   ///< its disk kept a step waiting
    bool awaits_turn = false;                ///< `next_turn` is under way
    bool has_turn = false;                   ///< while it takes the first of `deferred`
    std::vector<PendingInput> while_paused;  ///< commands given while paused
    std::shared_ptr<const NodeSnapshot> snapshot;
    bool has_stepped = false;  ///< since the snapshot

    bool is_alive() const { return runner.is_alive(); }
  };

  explicit SandboxValues(ClusterSpec spec) : spec_(std::move(spec)), links_(spec_.latency, spec_.seed) {}

  ClusterSpec spec_;
  Links links_;
  FaultTable faults_;
  Instant flap_awaited_at_;
  uint64_t bit_flips_ = 0;
  NameTable names_;
  Instant now_;
  Queue queue_;
  std::map<uint64_t, Connection> connections_;
  JournalHash hash_;
  Speed speed_ = spec_.speed;
  bool is_paused_ = false;
  Instant pause_at_ = never;
  uint64_t next_lab_sequence_ = 1;
  uint64_t next_connection_ = 1;
  uint32_t next_node_ = 1;
  uint16_t next_free_port_ = 50'000;
  uint64_t deliveries_ = 0;
  uint64_t steps_ = 0;
};

class Sandbox::State : public SandboxValues {
 public:
  explicit State(ClusterSpec spec);
  ~State() { set_assertion_context(nullptr, nullptr); }
  std::unique_ptr<State> clone() const;

  // ---- nodes ----------------------------------------------------------------------------------------------

  Member* find(NodeId node);
  NodeId add_member(NodeSpec spec, bool is_transient);
  void start_member(Member& member, EventRef cause);
  void end_member(Member& member, NodeState state, int status, EventRef cause);
  void remove_member(NodeId node);
  void pause_member(Member& member, EventRef cause);
  void resume_member(Member& member, EventRef cause);
  /// An input that comes from outside the network, disk and clock: at once, or when the node is resumed.
  void give(Member& member, Input input, EventRef cause);

  // ---- steps ----------------------------------------------------------------------------------------------

  void step(Member& member, const Input& input, EventRef cause);
  void carry_out_open(Member& member, const Effects::Open& open, EventRef cause);
  /// Puts each frame on its connection, fills in where it is, and keeps the step's events.
  void carry_out_sends(Member& member, Effects& effects);
  void carry_out_close(Member& member, ConnectionId id, EventRef cause);
  void carry_out_flush(Member& member, const Effects::Flush& flush, EventRef cause);
  void begin_flush(Member& member);
  void arm_timers(Member& member);

  // ---- connections ----------------------------------------------------------------------------------------

  static int side_of(const Connection& connection, NodeId node, ConnectionId id) {
    return connection.ends[0].node == node && connection.ends[0].id == id ? 0 : 1;
  }
  /// The network has closed it, and its node does not know yet.
  bool is_broken(const Member& member, const std::pair<const ConnectionId, uint64_t>& entry) const;
  void schedule_arrival(uint64_t key, int side, Instant at) {
    queue_.add(at, Rank::arrival, {Happening::Kind::arrival, static_cast<uint8_t>(side), no_node, key});
  }

  /// Whether what that end sends waits: a cut, or a connection that is dead in this direction.
  bool is_held(const Connection& connection, int side) const;
  void send_item(uint64_t key, Connection& connection, int side, Pipe::Item item);
  /// An end is no more: what is on its way to it is lost, and its peer will learn.
  void shut_end(uint64_t key, Connection& connection, int side, std::string reason, EventRef cause);
  void drop(Member& member, const FrameRef& frame, const Pipe::Item& item);
  void erase_if_finished(uint64_t key);
  /// The network closes an end; its node learns as soon as it can take an input.
  void tell_closed(uint64_t key, int side, std::string reason, EventRef cause);
  /// What the end sent and has not arrived is lost, and both ends learn that the connection is gone: this one
  /// now, the other when something reaches it.
  void break_end(uint64_t key, int side, const std::string& reason, EventRef cause);

  // ---- what happens ---------------------------------------------------------------------------------------
  /// Handles the next entry. REQUIRES: there is one.
  void happen();
  void handle(const Queue::Entry& entry);
  /// A paused node takes nothing: the entry comes again when it is resumed. A slow one takes it when it is its turn.
  bool deferred(Member& member, const Queue::Entry& entry);
  bool is_listening(NodeId node);
  void on_connect(const Queue::Entry& entry);
  static Address address_of(const NodeRunner& node, std::string_view listener_name);
  void on_arrival(const Queue::Entry& entry);
  void accept(uint64_t key, Member& member, const Pipe::Item& opened);
  /// Hands over all frames that have arrived, and then the close, if it has.
  void deliver(uint64_t key, int side, Member& member);
  void on_break_if_stuck(const Happening& what);
  void on_tell_closed(const Queue::Entry& entry);
  /// One timer, so that what it causes at this very instant comes before the next.
  void on_timers(const Queue::Entry& entry);
  void on_disk_done(const Queue::Entry& entry);

  // ---- faults (sandbox_faults.cc) -------------------------------------------------------------------------

  Status set_fault(FaultTable::Placed placed, EventRef cause);
  /// The table of faults has changed: links and nodes are as it says.
  void faults_changed();
  void note_damage(Member& member, const std::string& fault, const std::vector<DiskDamage>& damages,
                   EventRef cause);
  /// Kills the node, if it runs, and tears its last append, if it is to.
  void crash(Member& member, EventRef cause);
  /// Lets go what a cut held and holds no more.
  void links_changed();
  void wait_for_next_flap();
  void on_link_flaps();
  void reset(NodeId from, NodeId to, EventRef cause);
  void kill_connections(const FaultTable::Placed& placed);
  bool waits_for_its_turn(Member& member, const Queue::Entry& entry);
  void await_turn(Member& member);
  void on_next_turn(const Happening& what);
  void take_deferred_now(Member& member);

  // ---- the lab --------------------------------------------------------------------------------------------

  EventRef emit(EventPayload payload, EventRef cause);
  Now now() const { return {now_, spec_.sandbox_wall_start_ms + now_.milliseconds()}; }
  /// As the node's own clock has it.
  Now now_of(const Member& member) const {
    return member.is_faulty ? member.faults.clock.apply(now()) : now();
  }
  /// Runs everything that is due at or before `until`; lab time is `until` afterwards.
  void run(Instant until);
  /// The same, but stops, and lab time with it, as soon as `go_on` is false.
  template <class GoOn>
  void run_while(Instant until, GoOn go_on) {
    const Instant stop = std::min(until, pause_at_);
    while (!queue_.empty() && queue_.next().deadline <= stop) {
      happen();
      if (!go_on()) return;
    }
    now_ = std::max(now_, stop);
    if (now_ < pause_at_) return;
    is_paused_ = true;
    pause_at_ = never;
  }

  void take_snapshot(Member& member);
  LabView view();
  /// Printed when an assertion fails.
  static std::string describe_failure(const void* subject);

  std::map<NodeId, Member> members_;
  Journal journal_;
  JournalRing ring_{20'000};
  OutputCollector output_;

 private:
  /// The members and the journal belong to one lab.
  explicit State(const SandboxValues& values) : SandboxValues(values) {}
  void observe();
};

}  // namespace brokerlab
