// The lab as shell, lessons and window drive it: the nodes of a cluster under one of two drivers, live
// (live.h) or sandbox (sandbox.h). Everything a learner can do to the lab is here; everything that can be
// seen of it is in the journal and in `LabView`.
//
// Threads: the live lab may be used from several threads at once. The sandbox lives on one thread.
// Lab time stands still while the clock is paused, and nothing is delivered between nodes then, in both
// drivers alike. Nothing here waits for the lab, except `run_until` and `run_for`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/event.h"
#include "sim/base/node.h"
#include "sim/base/result.h"
#include "sim/base/views/node_view.h"
#include "sim/observe/journal.h"
#include "sim/observe/output_collector.h"
#include "sim/runtime/cluster_spec.h"
#include "sim/runtime/fault_table.h"

namespace brokerlab {

enum class NodeState : uint8_t {
  starting,  ///< its first step is still to come
  running,
  stopping,  ///< was told to stop or close and has not ended yet
  paused,
  stopped,  ///< ended by itself: `exit_status` says how
  killed,
};
std::string_view to_string(NodeState state);

/// What a node said of itself, and when. Dead and paused nodes keep their last one.
struct NodeSnapshot {
  NodeView view;
  Now at;
};

struct NodeStatus {
  NodeId id;
  std::string name;
  std::vector<ListenerSpec> listeners;
  bool is_transient = false;  ///< added while the lab ran: a tool, a producer, a consumer
  NodeState state = NodeState::running;
  uint32_t incarnation = 0;
  int exit_status = 0;                           ///< of `stopped`
  bool wants_input = false;                      ///< it asked for standard input and has got none since
  std::shared_ptr<const NodeSnapshot> snapshot;  ///< null before the first
};

struct ClockView {
  Now now;
  Speed speed;
  bool is_paused = false;
  /// Clients from outside that are connected. Their own timeouts do not scale, so with any the speed is held
  /// at 1x unless it was forced.
  int outside_connections = 0;
  bool is_forced = false;
};

struct LabView {
  Driver driver = Driver::live;
  uint64_t seed = 0;
  ClockView clock;
  std::vector<NodeStatus> nodes;  ///< by id
  std::vector<Fault> faults;      ///< that are set and last, in their order

  const NodeStatus* find(std::string_view node_name) const;  ///< null when there is none
};

enum class WaitResult : uint8_t {
  reached,
  limit,   ///< lab time ran out first
  paused,  ///< the clock is paused, so nothing can change
};

class Lab {
 public:
  virtual ~Lab() = default;

  // ---- nodes ----------------------------------------------------------------------------------------------
  // Every change is journaled; `cause` is the event of the command that asked for it.

  /// Adds a node and starts it: a tool, a producer, a consumer. Its name must be new; `free_name` makes one.
  virtual Result<NodeId> add(NodeSpec spec, EventRef cause = {}) = 0;
  /// Forgets a node that was added; kills it when it still runs.
  virtual Status remove(NodeId node, EventRef cause = {}) = 0;
  /// Starts a node that was stopped or killed again, on the disk that it left.
  virtual Status start(NodeId node, EventRef cause = {}) = 0;
  /// SIGTERM: the node finishes what is under way and ends. Returns at once; wait for the state `stopped`.
  virtual Status stop(NodeId node, EventRef cause = {}) = 0;
  /// SIGKILL: gone at once, without a step. Works on paused nodes too.
  virtual Status kill(NodeId node, EventRef cause = {}) = 0;
  /// SIGSTOP: the node's thread stands still; what arrives waits for it.
  virtual Status pause(NodeId node, EventRef cause = {}) = 0;
  virtual Status resume(NodeId node, EventRef cause = {}) = 0;
  /// Gives a running node a command of its own (sim/base/node.h, input::Command).
  virtual Status command(NodeId node, input::Command command, EventRef cause = {}) = 0;
  virtual Status standard_input(NodeId node, input::StandardInput input) = 0;
  /// What the node has written since the last call, in order. Kept for added nodes only.
  virtual std::vector<OutputChunk> take_output(NodeId node) = 0;

  // ---- faults ---------------------------------------------------------------------------------------------

  virtual Status set_fault(const Fault& fault, EventRef cause = {}) = 0;
  /// Heals every fault between the two nodes; all faults of `from` when `to` is empty; all when both are. Of one kind
  /// only, if it is given.
  virtual Status heal(std::string_view from, std::string_view to, EventRef cause = {},
                      std::optional<Fault::Kind> kind = {}) = 0;
  /// Breaks every connection between the two nodes (of `from`, when `to` is empty) now, at both ends.
  virtual Status reset_connections(std::string_view from, std::string_view to, EventRef cause = {}) = 0;

  // ---- clock ----------------------------------------------------------------------------------------------

  /// Refused, with the reason, while a client from outside is connected, unless `force`.
  virtual Status set_speed(Speed speed, bool force = false) = 0;
  virtual Status pause_clock(bool force = false) = 0;
  virtual void resume_clock() = 0;
  /// Lets a paused lab go on to the next frame that is delivered between two of its nodes, then pauses it
  /// again. In the live lab this comes later, on its own.
  virtual void step() = 0;
  /// Real time went by: the sandbox runs on by that times the speed, unless it is paused. The live lab runs
  /// by itself and ignores it.
  virtual void advance(Duration real_time) = 0;
  /// Lets the lab run until `done()` holds, for `limit` of lab time at most. `done` is called on this thread,
  /// after something changed, not after each event.
  virtual WaitResult run_until(const std::function<bool()>& done, Duration limit) = 0;
  virtual WaitResult run_for(Duration duration) = 0;
  /// Makes a `run_until` of another thread look again.
  virtual void wake() = 0;

  // ---- observation ----------------------------------------------------------------------------------------

  virtual Now now() const = 0;
  virtual LabView view() = 0;
  virtual Journal& journal() = 0;
  /// The last events of the journal.
  virtual const JournalRing& ring() const = 0;
  /// Journals what a learner, lesson or script did, as an event of the lab itself; to be the cause of what
  /// the command does.
  virtual EventRef record_command(std::string text) = 0;
  /// With the ports that were chosen, and without the nodes that were added.
  virtual const ClusterSpec& spec() const = 0;

  /// Ends the program's nodes all at once, each marking a clean shutdown. The destructor does it too.
  virtual void close() = 0;

  // ---- made of the above ----------------------------------------------------------------------------------

  /// `kafka1` and `kafka-1` are one name.
  std::optional<NodeId> find(std::string_view node_name);
  /// "tool-1", "tool-2" ...: the first that no node has.
  std::string free_name(std::string_view stem);

 protected:
  struct NodePair {
    NodeId from = no_node;
    NodeId to = no_node;
  };
  /// The nodes of these names; `no_node` for an empty one. An error names the unknown one.
  Result<NodePair> find_pair(std::string_view from, std::string_view to);
  /// `invalid` for a disk fault of a node that keeps nothing.
  Result<FaultTable::Placed> place(const Fault& fault);

  static Status no_such_node(NodeId node);
  static Status node_exists(std::string_view name);
  static Status already_runs(std::string_view name);
  static Status does_not_run(std::string_view name);
  static Status already_paused(std::string_view name);
  static Status is_not_paused(std::string_view name);
  static Status nothing_to_heal();
  static Status nothing_to_damage(const Fault& fault);
};

/// Makes a lab of the specification and starts its nodes. Errors in words for the learner: a port that is
/// taken (naming it and --port-base), a data folder that cannot be written.
Result<std::unique_ptr<Lab>> make_lab(ClusterSpec spec);

}  // namespace brokerlab
