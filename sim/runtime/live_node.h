// One incarnation of a node in the live lab: its thread, its sockets, its timers.
//
// The thread sleeps in one io_context and wakes for sockets, for its next timer, and for what other threads
// post. Timers that are due wait until everything that has arrived on any connection was handed over.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/node.h"
#include "sim/runtime/cluster.h"
#include "sim/runtime/fault_table.h"
#include "sim/runtime/live_environment.h"
#include "sim/runtime/node_runner.h"
#include "sim/runtime/reserved_port.h"
#include "sim/storage/real_disk.h"
#include "sim/storage/simulated_disk.h"

namespace brokerlab {

/// A node's disk: a folder, or memory for nodes that keep nothing.
struct NodeDisk {
  std::unique_ptr<RealDisk> real;
  std::unique_ptr<SimulatedDisk> memory;
  Disk* get() const { return real ? static_cast<Disk*>(real.get()) : memory.get(); }
  void close_all() { real ? real->close_all() : memory->close_all(); }
};

/// How a node is, for readers on other threads.
class NodeStatusBoard {
 public:
  struct Content {
    NodeState state = NodeState::starting;
    uint32_t incarnation = 0;
    int exit_status = 0;
    bool wants_input = false;
    std::shared_ptr<const NodeSnapshot> snapshot;
  };
  Content read() const;
  template <class Change>
  void change(Change change) {
    {
      const std::lock_guard lock(mutex_);
      change(content_);
    }
    changed_.notify_all();
  }
  /// Returns when `holds(content)`.
  template <class Condition>
  Content wait_until(Condition holds) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return holds(content_); });
    return content_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Content content_;
};

/// What is wrong with a node, written by whoever sets faults and read by its thread at each step.
class NodeFaultsBoard {
 public:
  void write(const NodeFaults& faults) {
    const std::lock_guard lock(mutex_);
    faults_ = faults;
    is_faulty_ = faults != NodeFaults{};
  }
  /// Nothing while there are none.
  std::optional<NodeFaults> read() const {
    if (!is_faulty_) return std::nullopt;
    const std::lock_guard lock(mutex_);
    return faults_;
  }

 private:
  std::atomic<bool> is_faulty_ = false;
  mutable std::mutex mutex_;
  NodeFaults faults_;
};

/// What outlives the incarnations of a node. While one runs, its thread owns `runner`, `disk` and `ports`.
struct LiveMember {
  LiveMember(NodeId id, NodeSpec spec, Journal* journal) : runner(id, std::move(spec), journal) {}
  NodeRunner runner;
  NodeDisk disk;
  std::vector<ReservedPort> ports;  ///< of the listeners, in their order
  bool is_transient = false;
  NodeStatusBoard board;
  NodeFaultsBoard faults;
};

class LiveNode {
 public:
  /// Listens and starts the thread. `member` must outlive this.
  static Result<std::unique_ptr<LiveNode>> start(LiveEnvironment& environment, LiveMember& member,
                                                 EventRef cause);
  /// Kills the node if it has not ended, and joins its thread.
  ~LiveNode();

  // From any thread:
  NodeId id() const;
  bool has_ended() const;
  void give(Input input, EventRef cause);
  /// Returns when the thread stands still.
  void pause(EventRef cause);
  void resume(EventRef cause);
  /// Returns when the node is gone.
  void kill(EventRef cause);
  /// Breaks the connections to `peer`, or all to other nodes with `no_node`.
  void reset_connections(NodeId peer, EventRef cause);
  /// Writes an event into the node's part of the journal.
  void note(EventPayload payload, EventRef cause);
  void poke();
  /// Asks for a new snapshot on the board.
  void want_snapshot();
  /// Returns when the node has ended.
  void wait_for_end();
  /// The same, `limit` of real time later at the latest.
  bool wait_for_end(std::chrono::milliseconds limit);

 private:
  class Thread;
  LiveNode(LiveEnvironment& environment, LiveMember& member, EventRef cause);
  std::unique_ptr<Thread> thread_;
};

}  // namespace brokerlab
