// The live lab: a thread for each node, TCP on 127.0.0.1 only, real disks, a scaled clock. Any client can
// join.
//
// What leaves a node in one step leaves in one system call for each connection. Frames between nodes of the
// lab may be held, for the modelled latency, by a cut link, or by the paused clock; frames of outside clients
// are never delayed by the first two. A node handles frames that have arrived before timers that are due;
// lateness of the machine is journaled.
#pragma once

#include <memory>

#include "sim/runtime/cluster.h"

namespace brokerlab {

class Live : public Lab {
 public:
  /// Binds every port, prepares the folders and starts the nodes. Errors as `make_lab` says.
  static Result<std::unique_ptr<Live>> make(ClusterSpec spec);
  ~Live() override;

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
  explicit Live(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace brokerlab
