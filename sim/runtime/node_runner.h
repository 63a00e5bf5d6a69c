// What both drivers do alike for one node: make its incarnations, take it through its steps, keep its timers
// and write its part of the journal. Where frames go and where time comes from is the driver's.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/base/node.h"
#include "sim/observe/journal.h"
#include "sim/runtime/cluster_spec.h"
#include "sim/time/timer_set.h"

namespace brokerlab {

class NodeRecorder;

class NodeRunner {
 public:
  NodeRunner(NodeId id, NodeSpec spec, Journal* journal)
      : id_(id), spec_(std::move(spec)), journal_(journal) {}
  /// A copy that goes on exactly as this one would, in another journal. REQUIRES: all events are published.
  NodeRunner clone(Journal* journal) const;

  NodeId id() const { return id_; }
  const NodeSpec& spec() const { return spec_; }
  bool is_alive() const { return node_ != nullptr; }
  uint32_t incarnation() const { return incarnation_; }
  /// Of the next event.
  uint64_t next_sequence() const { return next_sequence_; }
  /// From now on it is told what happens here; it must outlive this.
  void record_to(NodeRecorder* recorder) { recorder_ = recorder; }
  /// The id of the next connection that comes in; never one twice.
  ConnectionId next_incoming_connection() { return {next_incoming_++}; }

  /// Makes the next incarnation. Its first step, with input::Start, is still to come.
  void create(Instant at, const ClusterSpec& cluster, EventRef cause);
  /// The node is no more; its numbers go on with its next incarnation.
  void destroy();

  /// One step. Timers are kept here; everything else is for the driver to carry out, who hands the events
  /// back with `keep`, once it has filled in where the sent frames are.
  Effects step(const Now& now, const Input& input, EventRef cause, Disk* disk);
  void keep(Effects& effects);
  NodeView describe(const Now& now) const { return node_->describe(now); }
  /// The event that started this incarnation: the cause of its first step.
  EventRef started() const { return started_; }

  /// An event that the driver writes into the node's part of the journal.
  EventRef emit(Instant at, EventPayload payload, EventRef cause);
  /// Hands what was gathered to the journal, as one batch.
  void publish();

  TimerSet timers;

 private:
  NodeId id_;
  NodeSpec spec_;
  Journal* journal_;
  std::unique_ptr<Node> node_;
  uint32_t incarnation_ = 0;
  uint64_t next_sequence_ = 1;
  uint64_t next_incoming_ = 1;
  EventRef started_;
  std::vector<Event> events_;
  NodeRecorder* recorder_ = nullptr;
};

}  // namespace brokerlab
