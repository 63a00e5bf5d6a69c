// The sandbox: the lab on one thread, with a virtual network, clock and disks. The same specification and the
// same calls give the same journal on every machine.
//
// Taking a step takes a node no time. A frame travels for its link's latency; what one step sends over one
// connection leaves, travels and arrives together. A flush takes `flush_time`. At one instant, frames come
// before timers. A killed node's disk keeps what was appended (the page cache outlives the process), and
// peers see its connections close after a latency. Faults stand in faults.h; with slow-cpu or slow-disk set,
// steps take time: inputs wait for their turn.
#pragma once

#include <memory>
#include <string>

#include "sim/runtime/cluster.h"

namespace brokerlab {

class Sandbox : public Lab {
 public:
  /// How long a flush of a simulated disk takes.
  static constexpr Duration flush_time = microseconds(300);

  /// Starts the nodes at lab time zero. REQUIRES: spec.driver is sandbox; names are unique.
  explicit Sandbox(ClusterSpec spec);
  ~Sandbox() override;

  /// A lab that goes on exactly as this one would, with a journal and ring of its own that begin here; the
  /// hash goes on.
  std::unique_ptr<Sandbox> clone() const;
  /// The hash of the whole journal since the lab began, and how many events it covers.
  std::string hash() const;
  uint64_t events() const;
  /// Pauses the clock when lab time comes there, whatever is under way.
  void pause_at(Instant at);
  /// What the files on all disks hold together.
  uint64_t disk_bytes() const;

  Result<NodeId> add(NodeSpec spec, EventRef cause) override;
  Status remove(NodeId node, EventRef cause) override;
  Status start(NodeId node, EventRef cause) override;
  Status stop(NodeId node, EventRef cause) override;
  Status kill(NodeId node, EventRef cause) override;
  Status pause(NodeId node, EventRef cause) override;
  Status resume(NodeId node, EventRef cause) override;
  Status command(NodeId node, input::Command command, EventRef cause) override;
  Status standard_input(NodeId node, input::StandardInput input) override;
  std::vector<OutputChunk> take_output(NodeId node) override;
  Status set_fault(const Fault& fault, EventRef cause) override;
  Status heal(std::string_view from, std::string_view to, EventRef cause,
              std::optional<Fault::Kind> kind) override;
  Status reset_connections(std::string_view from, std::string_view to, EventRef cause) override;
  Status set_speed(Speed speed, bool force) override;
  Status pause_clock(bool force) override;
  void resume_clock() override;
  void step() override;
  void advance(Duration real_time) override;
  WaitResult run_until(const std::function<bool()>& done, Duration limit) override;
  WaitResult run_for(Duration duration) override;
  void wake() override;
  Now now() const override;
  LabView view() override;
  Journal& journal() override;
  const JournalRing& ring() const override;
  EventRef record_command(std::string text) override;
  const ClusterSpec& spec() const override;
  void close() override;

 private:
  class State;
  explicit Sandbox(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace brokerlab
