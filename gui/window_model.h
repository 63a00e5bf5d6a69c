// What the panels draw, as plain values: filled once a frame from the lab's snapshots, its journal, the
// lesson's progress and the terminal (session.h), or by a test.
//
// The panels read nothing else. Times are lab time; every number is one that a node or the journal said.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gui/shapes.h"
#include "lessons/engine/progress.h"
#include "lessons/engine/prose.h"
#include "sim/base/event.h"
#include "sim/base/views/node_view.h"
#include "sim/runtime/faults.h"

namespace brokerlab::gui {

struct NodeModel {
  NodeId id;
  std::string name;
  NodeLook look = NodeLook::alive;
  Instant changed_at;  ///< when it took this look
  uint16_t port = 0;   ///< what clients connect to; 0 when it listens nowhere
  NodeView view;       ///< the last one that it gave

  const KafkaView* kafka() const { return std::get_if<KafkaView>(&view); }
  const ClientView* client() const { return std::get_if<ClientView>(&view); }
};

/// One replica as the broker that holds it knows it; of a dead broker, what it last said.
struct ReplicaModel {
  int32_t broker = -1;
  ReplicaState state = ReplicaState::in_sync;
  int64_t high_watermark = -1;
  int64_t log_end_offset = -1;  ///< -1: the broker has not said yet
};

struct PartitionModel {
  std::string topic;
  int32_t partition = 0;
  int32_t leader = -1;
  int32_t leader_epoch = 0;
  std::vector<int32_t> replicas;
  std::vector<int32_t> isr;
  std::vector<ReplicaModel> cells;   ///< in the order of the brokers' columns
  std::optional<Instant> led_since;  ///< when the journal saw this leader take over

  std::string name() const { return topic + "-" + std::to_string(partition); }
  bool is_under_replicated() const { return isr.size() < replicas.size(); }
};

struct SeatModel {
  NodeId node;
  SeatState state = SeatState::voter;
  int32_t votes = 0;
  int32_t votes_needed = 0;
};

struct QuorumModel {
  std::vector<SeatModel> seats;
  int32_t epoch = -1;
  int32_t previous_epoch = -1;  ///< while an election is open; else -1
};

/// A connection between a client and a broker, or between two brokers.
struct LinkModel {
  NodeId from;
  NodeId to;
  bool is_broken = false;  ///< cut, or its peer is gone
};

struct MessageModel {
  EventRef sent;
  NodeId from;
  NodeId to;
  MessageInfo info;
  Instant sent_at;
  Instant arrives_at;
  bool is_dropped = false;
  bool has_arrived = false;  ///< it went by faster than the eye; its link still glows
  float progress = 0;        ///< 0..1 of its way
};

/// A row of the event list: one event, or equal neighbours folded into one.
struct EventModel {
  Event event;  ///< the first of them
  std::vector<NodeId> senders;
  std::vector<NodeId> receivers;  ///< of a message: who it goes to
  int count = 1;                  ///< of folded polls; a message to several receivers is one
  MessageInfo answered;           ///< of a response: its request, if the journal still has it
  bool is_in_flight = false;
  bool is_waiting = false;  ///< arrived, and the answer is held back
};

struct TerminalLine {
  enum class Kind : uint8_t { command, output, error, note };
  Kind kind = Kind::output;
  std::string text;
};

struct TerminalModel {
  std::deque<TerminalLine> lines;
  bool is_running = false;  ///< a command has not ended yet
};

struct PredictionModel {
  std::string question;
  std::vector<std::string> choices;
  int chosen = -1;
  Confidence confidence = Confidence::fairly;
  bool is_committed = false;
};

struct ComparisonModel {
  std::string about;
  std::string mine;
  Confidence confidence = Confidence::fairly;
  std::string actual;
  Duration after;
  bool is_settled = false;  ///< the cluster has answered
  bool is_equal = false;
};

struct ActionModel {
  std::vector<std::string> commands;
  bool is_locked = false;  ///< until the prediction is committed
  bool is_done = false;
};

struct LessonModel {
  int number = 0;
  std::string title;
  int step = 0;  ///< from 0
  int steps = 0;
  bool can_go_on = false;  ///< all that this step asks for is there
  bool is_last = false;
  int predictions = 0;  ///< committed so far
  int right = 0;
  std::vector<std::string> done_steps;  ///< titles of the steps behind
  std::string step_title;
  Prose text;
  std::optional<PredictionModel> prediction;
  std::optional<ComparisonModel> comparison;
  std::optional<ActionModel> action;
  std::vector<CheckState> checks;
  Prose explanation;
  Prose hint;
  std::vector<std::string> spotlight;  ///< names of widgets
};

struct ClockModel {
  Instant now;
  double speed = 1;
  bool is_paused = false;
  std::string held_because;  ///< why the speed cannot be changed; empty when it can
};

struct WindowModel {
  ClockModel clock;
  bool is_sandbox = false;
  uint64_t seed = 0;
  std::vector<NodeModel> brokers;       ///< the columns, by id
  std::vector<NodeModel> clients;       ///< producers and consumers
  std::map<NodeId, std::string> names;  ///< of every node there ever was
  std::vector<PartitionModel> partitions;
  int hidden_partitions = 0;  ///< of internal topics
  QuorumModel quorum;
  std::vector<LinkModel> links;
  std::vector<Fault> faults;
  std::vector<MessageModel> messages;
  std::deque<EventModel> events;
  TerminalModel terminal;
  std::optional<LessonModel> lesson;

  const NodeModel* find(NodeId id) const;
  const NodeModel* find(std::string_view name) const;
  std::string name_of(NodeId id) const;  ///< "client" for one from outside
};

/// What the brokers together know of the partitions: registrations from the broker whose image is newest,
/// each cell from the broker of its column. Internal topics are only counted.
std::vector<PartitionModel> partitions_of(const std::vector<NodeModel>& brokers, int& hidden);
/// The quorum as the voter with the highest epoch sees it.
QuorumModel quorum_of(const std::vector<NodeModel>& brokers);

}  // namespace brokerlab::gui
