// The typed events of the journal: whatever happens in the lab.
//
// An event is (node, its own sequence number); its cause is another such pair. Sent and delivered messages
// are joined by (connection, direction, nth frame), never by bytes added to the wire. Each payload lists its
// fields once (`fields`); hashing, printing, filtering and recording all visit that list. Payloads carry what
// the invariants fold over: partition, replica, offsets, leader epoch, CRC.
//
// The journal keeps headers and a few bytes of a frame at most, never the frame.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/ids.h"
#include "sim/base/time.h"

namespace brokerlab {

/// Names one event of the journal. `sequence` counts from 1 for each node, over all its incarnations.
struct EventRef {
  NodeId node = no_node;
  uint64_t sequence = 0;
  friend auto operator<=>(const EventRef&, const EventRef&) = default;
  bool is_none() const { return sequence == 0; }
};

/// What a message is for: its shape and colour in the window, its word in filters.
enum class MessageKind : uint8_t { produce, fetch, replicate, quorum, control, group, cache, database };
std::string_view to_string(MessageKind kind);

/// What sender or receiver knows about a message: the header and the first thing it speaks of.
struct MessageInfo {
  MessageKind kind = MessageKind::control;
  bool is_response = false;
  int16_t api_key = -1;
  int16_t api_version = -1;
  int32_t correlation_id = 0;
  int16_t error_code = 0;
  std::string topic;       ///< first topic, or empty
  int32_t partition = -1;  ///< first partition
  int64_t offset = -1;     ///< first offset: fetched from, acknowledged, voted with
  int32_t epoch = -1;      ///< leader or quorum epoch
  int32_t partitions = 0;  ///< how many partitions it speaks of
  int32_t records = -1;    ///< how many records it carries; -1 when that is not known
};

/// Where a frame is: the nth (from 0) of one direction of a connection, as the node of the event numbers it.
struct FrameRef {
  ConnectionId connection;
  NodeId peer = no_node;  ///< the other end; `no_node` for a client from outside
  uint64_t nth = 0;
  uint64_t size = 0;  ///< bytes of the frame, its length prefix included
};

namespace event {

// ---- written by the drivers -------------------------------------------------------------------------------

struct NodeStarted {
  static constexpr std::string_view kind = "node_started";
  uint32_t incarnation = 0;
  template <class F>
  void fields(F&& f) {
    f("incarnation", incarnation);
  }
};
struct NodeStopped {
  static constexpr std::string_view kind = "node_stopped";
  std::string how;  ///< exited, killed
  int32_t status = 0;
  template <class F>
  void fields(F&& f) {
    f("how", how);
    f("status", status);
  }
};
struct NodePaused {
  static constexpr std::string_view kind = "node_paused";
  template <class F>
  void fields(F&&) {}
};
struct NodeResumed {
  static constexpr std::string_view kind = "node_resumed";
  template <class F>
  void fields(F&&) {}
};
struct CommandGiven {  ///< a learner, a lesson or a script did something
  static constexpr std::string_view kind = "command";
  std::string text;
  template <class F>
  void fields(F&& f) {
    f("text", text);
  }
};
struct FaultSet {
  static constexpr std::string_view kind = "fault_set";
  std::string fault;
  template <class F>
  void fields(F&& f) {
    f("fault", fault);
  }
};
struct FaultHealed {
  static constexpr std::string_view kind = "fault_healed";
  std::string fault;
  template <class F>
  void fields(F&& f) {
    f("fault", fault);
  }
};
/// A fault destroyed bytes of one of the node's files: those in [from_bytes, to_bytes) of the file as it was are gone
/// (it ends at from_bytes now, or is removed when the fault is a wipe), or, for a flipped bit, are no longer what was
/// written. The node does not know.
struct DiskDamaged {
  static constexpr std::string_view kind = "disk_damaged";
  std::string fault;  ///< the text of the FaultSet that caused it
  std::string path;   ///< orders-0/00000000000000000000.log
  uint64_t from_bytes = 0;
  uint64_t to_bytes = 0;
  template <class F>
  void fields(F&& f) {
    f("fault", fault);
    f("path", path);
    f("from_bytes", from_bytes);
    f("to_bytes", to_bytes);
  }
};
struct ConnectionOpened {
  static constexpr std::string_view kind = "connection_opened";
  ConnectionId connection;
  NodeId peer = no_node;
  std::string listener;  ///< which of our listeners; empty on the side that opened it
  template <class F>
  void fields(F&& f) {
    f("connection", connection);
    f("peer", peer);
    f("listener", listener);
  }
};
struct ConnectionClosed {
  static constexpr std::string_view kind = "connection_closed";
  ConnectionId connection;
  NodeId peer = no_node;
  std::string reason;
  template <class F>
  void fields(F&& f) {
    f("connection", connection);
    f("peer", peer);
    f("reason", reason);
  }
};
struct MessageSent {
  static constexpr std::string_view kind = "message_sent";
  FrameRef frame;
  MessageInfo message;
  template <class F>
  void fields(F&& f) {
    f("frame", frame);
    f("message", message);
  }
};
struct MessageDelivered {
  static constexpr std::string_view kind = "message_delivered";
  FrameRef frame;
  template <class F>
  void fields(F&& f) {
    f("frame", frame);
  }
};
struct MessageDropped {  ///< lost with its connection
  static constexpr std::string_view kind = "message_dropped";
  FrameRef frame;
  std::string reason;
  template <class F>
  void fields(F&& f) {
    f("frame", frame);
    f("reason", reason);
  }
};
struct TimerFired {
  static constexpr std::string_view kind = "timer";
  uint16_t timer_kind = 0;
  uint64_t id = 0;
  template <class F>
  void fields(F&& f) {
    f("timer_kind", timer_kind);
    f("id", id);
  }
};
struct DiskFinished {
  static constexpr std::string_view kind = "disk_finished";
  uint64_t token = 0;
  bool ok = true;
  template <class F>
  void fields(F&& f) {
    f("token", token);
    f("ok", ok);
  }
};
struct Printed {  ///< a tool wrote to its standard output (1) or error (2)
  static constexpr std::string_view kind = "printed";
  int32_t stream = 1;
  std::string text;
  template <class F>
  void fields(F&& f) {
    f("stream", stream);
    f("text", text);
  }
};
struct Late {  ///< the machine, not the lab, was slow
  static constexpr std::string_view kind = "late";
  int64_t by_us = 0;
  template <class F>
  void fields(F&& f) {
    f("by_us", by_us);
  }
};

// ---- written by nodes -------------------------------------------------------------------------------------

struct MessageDescribed {  ///< the receiver of a frame from outside says what it was
  static constexpr std::string_view kind = "message_described";
  ConnectionId connection;
  std::string client_id;
  MessageInfo message;
  template <class F>
  void fields(F&& f) {
    f("connection", connection);
    f("client_id", client_id);
    f("message", message);
  }
};
/// A replica has its log open, and what it found there: at a start, or when it gets a partition. Its events on this
/// partition are about the topic `topic_id` from now on.
struct LogLoaded {
  static constexpr std::string_view kind = "log_loaded";
  TopicPartition partition;
  int32_t replica = -1;
  Uuid topic_id;
  int64_t log_start_offset = 0;
  int64_t log_end_offset = 0;
  int32_t last_epoch = -1;  ///< of the last batch; -1 when there is none
  int64_t high_watermark = 0;
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("replica", replica);
    f("topic_id", topic_id);
    f("log_start_offset", log_start_offset);
    f("log_end_offset", log_end_offset);
    f("last_epoch", last_epoch);
    f("high_watermark", high_watermark);
  }
};
struct LogRemoved {  ///< a replica gave up its copy, because the metadata says so
  static constexpr std::string_view kind = "log_removed";
  TopicPartition partition;
  int32_t replica = -1;
  Uuid topic_id;
  std::string reason;  ///< topic_deleted, not_a_replica
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("replica", replica);
    f("topic_id", topic_id);
    f("reason", reason);
  }
};
struct LogAppended {
  static constexpr std::string_view kind = "log_appended";
  TopicPartition partition;
  int32_t replica = -1;
  int64_t first_offset = 0;
  int64_t last_offset = 0;
  int32_t leader_epoch = 0;
  uint32_t crc = 0;
  uint64_t bytes = 0;
  bool as_leader = false;
  int64_t producer_id = -1;  ///< -1: not idempotent
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  int32_t records = 0;
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("replica", replica);
    f("first_offset", first_offset);
    f("last_offset", last_offset);
    f("leader_epoch", leader_epoch);
    f("crc", crc);
    f("bytes", bytes);
    f("as_leader", as_leader);
    f("producer_id", producer_id);
    f("producer_epoch", producer_epoch);
    f("base_sequence", base_sequence);
    f("records", records);
  }
};
struct LogTruncated {
  static constexpr std::string_view kind = "log_truncated";
  TopicPartition partition;
  int32_t replica = -1;
  int64_t to_offset = 0;     ///< the log end offset afterwards
  int64_t from_offset = 0;   ///< the log end offset before
  int32_t leader_epoch = 0;  ///< of the leader that it now follows
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("replica", replica);
    f("to_offset", to_offset);
    f("from_offset", from_offset);
    f("leader_epoch", leader_epoch);
  }
};
struct LogFlushed {
  static constexpr std::string_view kind = "log_flushed";
  TopicPartition partition;
  int32_t replica = -1;
  int64_t to_offset = 0;
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("replica", replica);
    f("to_offset", to_offset);
  }
};
struct LogStartMoved {  ///< records before it may be gone
  static constexpr std::string_view kind = "log_start";
  TopicPartition partition;
  int32_t replica = -1;
  int64_t from_offset = 0;
  int64_t to_offset = 0;
  std::string reason;  ///< in Kafka's words: segment deletion, client delete records request ...
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("replica", replica);
    f("from_offset", from_offset);
    f("to_offset", to_offset);
    f("reason", reason);
  }
};
struct
    SnapshotsChanged {  ///< which snapshots of the metadata log a node has: found at its start, made, fetched, gone
  static constexpr std::string_view kind = "snapshots";
  TopicPartition partition;
  int32_t replica = -1;
  int64_t log_start_offset = 0;
  int64_t oldest_end_offset = -1;  ///< -1: it has none
  int64_t latest_end_offset = -1;
  int32_t latest_epoch = -1;
  int32_t count = 0;
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("replica", replica);
    f("log_start_offset", log_start_offset);
    f("oldest_end_offset", oldest_end_offset);
    f("latest_end_offset", latest_end_offset);
    f("latest_epoch", latest_epoch);
    f("count", count);
  }
};
struct
    LogCompacted {  ///< from now on only the latest record of each key is sure to be there below `to_offset`
  static constexpr std::string_view kind = "log_compacted";
  TopicPartition partition;
  int32_t replica = -1;
  int64_t to_offset = 0;
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("replica", replica);
    f("to_offset", to_offset);
  }
};
struct HighWatermarkAdvanced {
  static constexpr std::string_view kind = "high_watermark";
  TopicPartition partition;
  int32_t replica = -1;
  int64_t offset = 0;
  int32_t leader_epoch = 0;
  bool as_leader = false;
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("replica", replica);
    f("offset", offset);
    f("leader_epoch", leader_epoch);
    f("as_leader", as_leader);
  }
};
struct Acknowledged {  ///< a leader answers a produce request with success
  static constexpr std::string_view kind = "acknowledged";
  TopicPartition partition;
  int32_t replica = -1;
  int64_t first_offset = 0;
  int64_t last_offset = 0;
  int32_t leader_epoch = 0;
  int16_t acks = 0;
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("replica", replica);
    f("first_offset", first_offset);
    f("last_offset", last_offset);
    f("leader_epoch", leader_epoch);
    f("acks", acks);
  }
};
struct RecordsFetched {  ///< a replica answers a consumer with records
  static constexpr std::string_view kind = "fetched";
  TopicPartition partition;
  int32_t replica = -1;
  int64_t fetch_offset = 0;
  int64_t up_to_offset = 0;    ///< the first offset that may not be among them
  int64_t high_watermark = 0;  ///< of this replica
  int32_t leader_epoch = 0;
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("replica", replica);
    f("fetch_offset", fetch_offset);
    f("up_to_offset", up_to_offset);
    f("high_watermark", high_watermark);
    f("leader_epoch", leader_epoch);
  }
};
struct RequestRefused {  ///< a node answers with an error code
  static constexpr std::string_view kind = "refused";
  int16_t api_key = 0;
  int16_t error_code = 0;
  std::string topic;
  int32_t partition = -1;
  template <class F>
  void fields(F&& f) {
    f("api_key", api_key);
    f("error_code", error_code);
    f("topic", topic);
    f("partition", partition);
  }
};
struct QuorumRoleChanged {
  static constexpr std::string_view kind = "quorum_role";
  int32_t replica = -1;
  std::string role;  ///< unattached, prospective, candidate, voted, leader, follower, resigned
  int32_t epoch = 0;
  int32_t leader_id = -1;
  int32_t voted_id = -1;
  std::vector<int32_t> voters;
  template <class F>
  void fields(F&& f) {
    f("replica", replica);
    f("role", role);
    f("epoch", epoch);
    f("leader_id", leader_id);
    f("voted_id", voted_id);
    f("voters", voters);
  }
};
struct VoteReceived {
  static constexpr std::string_view kind = "vote_received";
  int32_t replica = -1;  ///< who counts
  int32_t voter = -1;
  int32_t epoch = 0;
  bool granted = false;
  bool pre_vote = false;
  int32_t votes = 0;  ///< granted so far, its own included
  int32_t needed = 0;
  template <class F>
  void fields(F&& f) {
    f("replica", replica);
    f("voter", voter);
    f("epoch", epoch);
    f("granted", granted);
    f("pre_vote", pre_vote);
    f("votes", votes);
    f("needed", needed);
  }
};
struct BrokerStateChanged {  ///< a broker's registration, as the controller's log has it
  static constexpr std::string_view kind = "broker_state";
  int32_t broker = -1;
  std::string state;  ///< registered, fenced, unfenced, shutting_down, unregistered
  int64_t broker_epoch = -1;
  std::string reason;  ///< session timeout, controlled shutdown, caught up ...
  template <class F>
  void fields(F&& f) {
    f("broker", broker);
    f("state", state);
    f("broker_epoch", broker_epoch);
    f("reason", reason);
  }
};
struct TopicChanged {
  static constexpr std::string_view kind = "topic";
  std::string topic;
  std::string change;  ///< created, deleted
  int32_t partitions = 0;
  Uuid topic_id;
  template <class F>
  void fields(F&& f) {
    f("topic", topic);
    f("change", change);
    f("partitions", partitions);
    f("topic_id", topic_id);
  }
};
/// A partition's registration. The controller writes it when it decides (`decided`), each broker when it
/// applies it.
struct PartitionChanged {
  static constexpr std::string_view kind = "partition";
  TopicPartition partition;
  bool decided = false;
  int32_t leader = -1;
  int32_t leader_epoch = 0;
  int32_t partition_epoch = 0;
  std::vector<int32_t> replicas;
  std::vector<int32_t> isr;
  std::vector<int32_t> elr;
  std::vector<int32_t> last_known_elr;
  /// created, leader_stopping, broker_fenced, unclean_shutdown, isr_changed, preferred, unclean, reassigned,
  /// min_isr_changed ...
  std::string reason;
  Uuid topic_id;
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("decided", decided);
    f("leader", leader);
    f("leader_epoch", leader_epoch);
    f("partition_epoch", partition_epoch);
    f("replicas", replicas);
    f("isr", isr);
    f("elr", elr);
    f("last_known_elr", last_known_elr);
    f("reason", reason);
    f("topic_id", topic_id);
  }
};
/// What an active controller knows of a setting that its decisions depend on: all of it when it becomes active, beginning
/// with its own file (`node`); then each change that it writes. Read in Kafka's order: topic, broker, node.
struct ConfigChanged {
  static constexpr std::string_view kind = "config";
  std::string resource_type;  ///< node, broker, topic
  std::string resource;       ///< a name or id; of brokers, empty for all of them
  std::string name;
  std::string value;
  bool is_set = true;  ///< false: it is taken away
  template <class F>
  void fields(F&& f) {
    f("resource_type", resource_type);
    f("resource", resource);
    f("name", name);
    f("value", value);
    f("is_set", is_set);
  }
};
/// A controller is asked to elect a leader (ElectLeaders), by an administrator. What it decides for that has the same
/// cause.
struct ElectionAsked {
  static constexpr std::string_view kind = "election_asked";
  TopicPartition partition;  ///< without a topic: all of them
  std::string type;          ///< preferred, unclean
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("type", type);
  }
};
struct IsrProposed {  ///< a leader asks the controller for another in-sync set
  static constexpr std::string_view kind = "isr_proposed";
  TopicPartition partition;
  int32_t leader = -1;
  std::vector<int32_t> isr;
  std::string reason;  ///< shrink, expand
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("leader", leader);
    f("isr", isr);
    f("reason", reason);
  }
};
struct IsrAccepted {  ///< a leader learns from the controller's answer what its in-sync set is now
  static constexpr std::string_view kind = "isr_accepted";
  TopicPartition partition;
  int32_t leader = -1;
  int32_t leader_epoch = 0;
  int32_t partition_epoch = 0;
  std::vector<int32_t> isr;
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("leader", leader);
    f("leader_epoch", leader_epoch);
    f("partition_epoch", partition_epoch);
    f("isr", isr);
  }
};
struct RecordsSent {  ///< a lab producer's view: acknowledged or given up
  static constexpr std::string_view kind = "produced";
  TopicPartition partition;
  int64_t first_offset = -1;
  int32_t records = 0;
  int16_t error_code = 0;
  int32_t attempts = 1;
  int64_t took_us = 0;
  int16_t acks = -1;
  bool is_idempotent = false;
  int32_t unanswered = 0;               ///< records of this producer that still have no answer
  std::vector<uint32_t> record_hashes;  ///< record_hash of each
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("first_offset", first_offset);
    f("records", records);
    f("error_code", error_code);
    f("attempts", attempts);
    f("took_us", took_us);
    f("acks", acks);
    f("is_idempotent", is_idempotent);
    f("unanswered", unanswered);
    f("record_hashes", record_hashes);
  }
};
/// A consumer took records whose offsets follow one another: of one answer there are several events when offsets are
/// missing in it.
struct RecordsConsumed {
  static constexpr std::string_view kind = "consumed";
  TopicPartition partition;
  int64_t first_offset = 0;
  int64_t last_offset = 0;
  int32_t records = 0;
  std::vector<uint32_t> record_hashes;  ///< record_hash of each
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("first_offset", first_offset);
    f("last_offset", last_offset);
    f("records", records);
    f("record_hashes", record_hashes);
  }
};
struct PositionSet {  ///< where a consumer begins, and where it goes on when its position is out of range
  static constexpr std::string_view kind = "position";
  TopicPartition partition;
  int64_t from_offset = -1;  ///< -1 at first
  int64_t to_offset = 0;
  template <class F>
  void fields(F&& f) {
    f("partition", partition);
    f("from_offset", from_offset);
    f("to_offset", to_offset);
  }
};
struct Noted {  ///< a line that a node would write to its log file, in Kafka's wording where it has one
  static constexpr std::string_view kind = "noted";
  std::string text;
  template <class F>
  void fields(F&& f) {
    f("text", text);
  }
};

}  // namespace event

using EventPayload =
    std::variant<event::NodeStarted, event::NodeStopped, event::NodePaused, event::NodeResumed,
                 event::CommandGiven, event::FaultSet, event::FaultHealed, event::ConnectionOpened,
                 event::ConnectionClosed, event::MessageSent, event::MessageDelivered, event::MessageDropped,
                 event::TimerFired, event::DiskFinished, event::Printed, event::Late, event::MessageDescribed,
                 event::LogAppended, event::LogTruncated, event::LogFlushed, event::HighWatermarkAdvanced,
                 event::Acknowledged, event::RequestRefused, event::QuorumRoleChanged, event::VoteReceived,
                 event::BrokerStateChanged, event::TopicChanged, event::PartitionChanged, event::IsrProposed,
                 event::RecordsSent, event::RecordsConsumed, event::Noted, event::DiskDamaged,
                 event::LogLoaded, event::LogRemoved, event::LogStartMoved, event::LogCompacted,
                 event::RecordsFetched, event::IsrAccepted, event::PositionSet, event::SnapshotsChanged,
                 event::ConfigChanged, event::ElectionAsked>;

struct Event {
  EventRef ref;
  EventRef cause;
  Instant at;
  EventPayload payload;
};

/// The word of the payload: `message_sent`, `log_appended` ...
std::string_view kind_of(const EventPayload& payload);

/// One line: `name=value name=value`, fields in their declared order, empty and unknown (-1) ones of a
/// message left out.
std::string describe(const EventPayload& payload);

/// The value of a field by its name (`partition`, `message.topic`, `frame.nth`), as `describe` prints it;
/// false when the payload has no such field.
bool field_of(const EventPayload& payload, std::string_view name, std::string& value);

}  // namespace brokerlab
