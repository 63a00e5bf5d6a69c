// Records a live session, so that the sandbox's single thread can play it again (replay.h) to the same journal.
//
// A node is a deterministic state machine, so its journal follows from how it was made and from what it was given.
// What the live driver leaves to chance, and how each comes back:
//
//   which frames are handed over in one input          the step says how many of which
//   the bytes of frames from outside the lab           kept
//   the bytes of frames from another node              not kept: the delivery's cause names the event of sending, and
//                                                      the sender, played again, makes the same bytes
//   both clocks at each step, the clock at each event  kept
//   numbers and peers of connections, ports            stand in the driver's events and inputs, which are kept
//   peer and number of a frame that was sent           follow from the frames before it on its connection; kept where
//                                                      they do not (the first one; what was lost before it left)
//   how the system, a peer, a fault, a limit or the    kept: ConnectionOpened, ConnectionClosed, MessageDropped,
//   end of a process treated a connection              Noted are events of the driver
//   which timers were due, how late, in which order    kept: TimerFired, Late
//   when a flush was through, and how it ended         kept: DiskFinished, and the status in the input
//   failures of disk calls inside a step               kept, with the number of the call in the step; a call that
//                                                      failed is not made again
//   what was on the disks at the start (`--data`)      kept
//   commands, standard input, pauses, kills, faults    kept: inputs, and events of the driver and the lab
//   what a fault took from a disk                      stands in DiskDamaged, an event of the driver
//   which bit of a file flipped                        kept, between two steps of its node, which may be under way
//   nodes that are added while the lab runs            kept: the recipe by which the shell makes them
//   files of the machine that a tool reads             kept
//   how the threads took turns                         not kept: the journal's hash is over each node's events in
//                                                      their sequence. But a frame is never received before it was
//                                                      sent: a step is in the recording before its frames leave
//   slices of files that leave later (sendfile)        none: a slice never changes
//
// So the hooks are few, and both drivers' rules stay where they are: NodeRunner tells what passes through it, and the
// lab tells of its nodes. Each step carries 16 bits of the hash of the node's journal before it, which shows a replay
// where it first differs.
//
// Entries are put into one queue in the order in which they happened, and written by a thread of their own, in blocks
// with checksums (record_format.h). The queue is bounded: who finds it full waits, so that a slow disk slows the lab
// down and loses nothing. Large frames from outside wait there as they were received, without a copy.
// When a file cannot be written any more the lab goes on without, and `finish` says why.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/base/node.h"
#include "sim/observe/journal.h"
#include "sim/runtime/cluster_spec.h"
#include "sim/runtime/record_disk.h"
#include "sim/runtime/record_file.h"
#include "sim/runtime/record_format.h"
#include "sim/storage/disk_faults.h"

namespace brokerlab {

namespace recording {

enum class Entry : uint8_t {
  header = 1,  ///< payload_declarations, seed, cluster id, texts: how the cluster is made again
  member,      ///< node, name, is_transient, recipe, ports of the listeners
  folder,      ///< node, path: on its disk at the start
  file_part,   ///< node, path, bytes: on its disk at the start, in order
  removed,     ///< node
  tool_file,   ///< node, path, status, text
  flipped,     ///< node, path, byte, mask: bits on its disk
  created,     ///< node, time, cause
  event,       ///< node, time, cause, payload: written by the driver
  step,        ///< node, time, wall clock, digest, cause, disk failures, input
  sent,        ///< node, [number, peer, nth]: frames of the step before that are not where they would be
  destroyed,   ///< node
  end,         ///< journal's hash, events, [node, hash]: the session ended as it should
};

/// Where the next frame on each connection of a node is, if nothing comes between.
class SentFrames {
 public:
  /// Takes the frame as the one that was sent now; false when that could not be foretold.
  bool foretold(const FrameRef& frame) {
    Next& next = next_[frame.connection.value];
    const bool is_right = next.peer == frame.peer && next.nth == frame.nth;
    next = {frame.peer, frame.nth + 1};
    return is_right;
  }
  /// Fills in what is foretold.
  void fill_in(FrameRef& frame) {
    const auto found = next_.find(frame.connection.value);
    frame.peer = found == next_.end() ? no_node : found->second.peer;
    frame.nth = found == next_.end() ? 0 : found->second.nth;
  }
  void closed(ConnectionId connection) { next_.erase(connection.value); }

 private:
  struct Next {
    NodeId peer = no_node;
    uint64_t nth = 0;
  };
  std::unordered_map<uint64_t, Next> next_;
};

/// Times of one node, each as the difference to the one before.
struct NodeTimes {
  int64_t last_ns = 0;
  int64_t last_wall_lead_ms = 0;  ///< the wall clock, beyond the monotonic one
};

}  // namespace recording

class Recorder;

/// What NodeRunner tells of one node. On the node's thread.
class NodeRecorder {
 public:
  NodeRecorder(Recorder& recorder, NodeId node) : recorder_(recorder), node_(node) {}

  /// The disk of the next step.
  Disk* watch(Disk* disk) { return disk_.watch(disk); }
  void created(Instant at, EventRef cause);
  /// By the driver.
  void emitted(const Event& event);
  /// REQUIRES: the step is over, and nothing of it has left the node.
  void stepped(const Now& now, const Input& input, EventRef cause);
  /// The events of the step, with the frames where they are now.
  void kept(std::span<const Event> events);
  void destroyed();
  void publish();

 private:
  friend class Recorder;
  void begin(recording::Entry entry);
  void put_time(Instant at);
  void put_input(const Input& input);
  void put_frames(const input::Frames& frames);

  Recorder& recorder_;
  const NodeId node_;
  recording::Output out_;
  recording::NodeTimes times_;
  recording::SentFrames sent_;
  RecordedDisk disk_;
  /// Frames that were delivered and not handed over: which have a sender in the lab.
  std::vector<std::pair<uint64_t, bool>> delivered_;
  JournalHash hash_;
};

class Recorder {
 public:
  /// `cluster` says how the shell makes the cluster again. An error when the file exists or cannot be made.
  static Result<std::shared_ptr<Recorder>> create(const std::string& path, std::vector<std::string> cluster);
  ~Recorder();

  // From the lab:
  void begin(const ClusterSpec& spec);
  /// `data_folder`: what the node finds on its disk; empty for nothing.
  NodeRecorder* add_member(NodeId node, const NodeSpec& spec, bool is_transient,
                           const std::string& data_folder);
  void remove_member(NodeId node);
  void emitted(const Event& lab_event);
  void tool_read(NodeId node, const std::string& path, const Result<std::string>& content);
  void bit_flipped(NodeId node, const DiskDamage& damage);

  /// Called on a thread of the recorder, once the frames that were to be written when `tell_when_released` was called
  /// are let go.
  void on_released(std::function<void(NodeId)> released);
  void tell_when_released(NodeId node);

  /// REQUIRES: all nodes have ended. Writes the rest. An error when not everything could be written.
  Status finish();
  /// Of the whole journal. REQUIRES: finished.
  std::string hash() const { return hash_.hex(); }
  uint64_t events() const { return hash_.events(); }
  const std::string& path() const { return file_.path(); }

 private:
  friend class NodeRecorder;
  Recorder(recording::RecordFile file, std::vector<std::string> cluster);
  /// Waits while the queue is full.
  void append(recording::Output& entries);
  void put_initial_files(recording::Output& out, NodeId node, const std::string& folder);
  void write_blocks();
  Status write_block(const recording::Output& entries);

  recording::RecordFile file_;
  const std::vector<std::string> cluster_;

  std::mutex members_mutex_;
  std::map<NodeId, std::unique_ptr<NodeRecorder>> members_;
  std::unique_ptr<NodeRecorder> lab_;
  JournalHash hash_;

  std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable emptied_;
  // Under the mutex:
  recording::Output queue_;
  bool ends_ = false;
  bool is_writing_ = false;
  Status failed_;
  std::vector<NodeId> waiting_for_release_;
  std::function<void(NodeId)> released_;

  std::thread thread_;
};

}  // namespace brokerlab
