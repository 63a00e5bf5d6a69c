// The node contract. A node is what a container is in the guides: a deterministic state machine.
//
//   step(now, input, effects)      all that ever happens to it
//
// It owns no thread, socket, clock, file or stored callback, and points at nothing outside itself: timers and
// parked work are data, so that `clone()` is a copy and the same inputs give the same effects on every
// machine. Between nodes there are only frames, also to oneself over a listener. Two drivers run the same
// nodes (sim/runtime).
//
// Order: what must be durable before something is sent is named by the disk token that the node waits for.
// Effects of one step are carried out after it, in this order: opens, sends (all of one connection in one
// system call), closes, timers, flushes. Appending to the disk happens at once, inside the step (the page
// cache).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/address.h"
#include "sim/base/bytes.h"
#include "sim/base/event.h"
#include "sim/base/ids.h"
#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/base/views/node_view.h"

namespace brokerlab {

class Disk;  // sim/storage/disk.h

/// How bytes of a connection are cut into frames (sim/network/framer.h).
enum class Protocol : uint8_t { kafka, line, resp, postgres, jute, http };

struct TimerKey {
  uint16_t kind = 0;
  uint64_t id = 0;
  friend auto operator<=>(const TimerKey&, const TimerKey&) = default;
};

namespace input {

struct Start {};           ///< the first step of an incarnation; the disk may hold an earlier one's files
struct ConnectionOpened {  ///< somebody connected to a listener, or our own `open` succeeded
  ConnectionId connection;
  std::string listener;  ///< empty when we opened it
  Address peer;
  bool from_outside = false;  ///< no node of the lab: what its frames were, only their receiver can say
};
struct ConnectionClosed {  ///< by the peer, by a fault, or our own `open` failed. Not told for our own
                           ///< `close`.
  ConnectionId connection;
  std::string reason;  ///< in words; `unknown_host` when the address means nothing
};
inline constexpr std::string_view unknown_host = "unknown host";
struct Frames {  ///< all complete frames of one connection that have arrived, in order
  ConnectionId connection;
  std::vector<Bytes> frames;          ///< without the length prefix that the framer needed
  std::vector<EventRef> events = {};  ///< of each frame, in the journal: what an answer to it is caused by
};
struct TimerFired {
  TimerKey timer;
};
struct DiskDone {
  DiskToken token;
  Status status;
};
struct StandardInput {  ///< for tools that want it (Effects::want_input): some bytes, or the end of them
  Bytes data;
  bool end = false;
};
/// From a learner, a lesson or a driver. Every node knows `stop` (SIGTERM: finish what is under way, then
/// end), `close` (the program ends: flush, mark a clean shutdown, end at once) and `interrupt` (Ctrl-C).
/// Others are the node's own.
struct Command {
  std::string verb;
  std::vector<std::string> arguments;
};

}  // namespace input

using Input = std::variant<input::Start, input::ConnectionOpened, input::ConnectionClosed, input::Frames,
                           input::TimerFired, input::DiskDone, input::StandardInput, input::Command>;

/// What a step wants to happen. The driver reads the lists in the order given above.
class Effects {
 public:
  struct Open {
    ConnectionId connection;
    Address to;
    Protocol protocol;
  };
  struct Send {
    ConnectionId connection;
    Slices slices;  ///< one whole frame, length prefix included
  };
  struct SetTimer {
    TimerKey timer;
    Instant deadline;  ///< `never` cancels
  };
  struct Flush {
    FileId file;
    DiskToken token;
  };

  /// Driver: `next_sequence` is that of the first event, `cause` the event of the input.
  Effects(NodeId node, Instant at, uint64_t next_sequence, EventRef cause, Disk* disk)
      : node_(node), at_(at), next_sequence_(next_sequence), cause_(cause), disk_(disk) {}

  /// Opens a connection under an id that the node chose (from `first_outgoing_connection`, never used
  /// before). The answer is an input: ConnectionOpened, or ConnectionClosed. Sending before that is allowed.
  void open(ConnectionId connection, Address to, Protocol protocol);
  /// Sends one frame. `message` says what it is for the journal; `cause` defaults to the step's input.
  EventRef send(ConnectionId connection, Slices frame, MessageInfo message, EventRef cause = {});
  /// Closes after everything sent so far has left.
  void close(ConnectionId connection);
  /// Sets or moves a timer. Due timers fire after frames that have already arrived.
  void set_timer(TimerKey timer, Instant deadline) { timers.push_back({timer, deadline}); }
  void cancel_timer(TimerKey timer) { timers.push_back({timer, never}); }
  /// Makes all appended bytes of the file durable; DiskDone(token) tells the end.
  void flush(FileId file, DiskToken token) { flushes.push_back({file, token}); }
  EventRef emit(EventPayload payload, EventRef cause = {});
  /// Tools and nodes with a console: bytes to standard output (1) or standard error (2).
  void print(int stream, std::string text);
  /// Asks for the next piece of standard input. Nobody reads ahead of that, so a node that is slow slows down
  /// what feeds it.
  void want_input() { wants_input_ = true; }
  /// Ends the node with this exit status after the other effects.
  void end(int status) {
    end_status_ = status;
    ended_ = true;
  }

  Disk& disk() const { return *disk_; }
  EventRef cause() const { return cause_; }

  std::vector<Open> opens;
  std::vector<Send> sends;
  std::vector<ConnectionId> closes;
  std::vector<SetTimer> timers;
  std::vector<Flush> flushes;
  std::vector<Event>
      events;  ///< in order; sends and prints are among them. The driver fills `frame` of sends.

  bool wants_input() const { return wants_input_; }
  bool ended() const { return ended_; }
  int end_status() const { return end_status_; }
  uint64_t next_sequence() const { return next_sequence_; }

 private:
  NodeId node_;
  Instant at_;
  uint64_t next_sequence_;
  EventRef cause_;
  Disk* disk_;
  bool wants_input_ = false;
  bool ended_ = false;
  int end_status_ = 0;
};

/// What a driver gives a node at birth. `seed` differs for each node and incarnation of a cluster's seed.
struct Boot {
  NodeId id;
  std::string name;
  uint32_t incarnation = 0;
  uint64_t seed = 0;
};

/// Hands out the ids of outgoing connections: never one twice, also over incarnations. One for each node.
class OutgoingConnectionIds {
 public:
  explicit OutgoingConnectionIds(uint32_t incarnation)
      : next_(first_outgoing_connection + (uint64_t{incarnation} << 32)) {}
  ConnectionId next() { return {next_++}; }

 private:
  uint64_t next_;
};

class Node {
 public:
  virtual ~Node() = default;
  virtual void step(const Now& now, const Input& input, Effects& effects) = 0;
  /// A copy that goes on exactly as the original would.
  virtual std::unique_ptr<Node> clone() const = 0;
  /// What the window, lessons and `expect` may know of it. Const; called between steps, on the node's thread.
  virtual NodeView describe(const Now& now) const = 0;
};

}  // namespace brokerlab
