// Joins what was sent with what became of it: for each frame when it left, and when it arrived or was lost.
//
// A delivery names the sending as its cause, so the join needs nothing on the wire. Frames of clients from
// outside have no sending in the journal, and what is sent to such a client no delivery: those count as
// instantaneous.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "sim/observe/journal.h"

namespace brokerlab {

struct TrackedMessage {
  EventRef sent;  ///< none for a frame from outside
  NodeId from = no_node;
  NodeId to = no_node;
  FrameRef frame;  ///< as the sender numbers it; as the receiver does, for one from outside
  MessageInfo message;
  Instant sent_at;
  std::optional<Instant> ended_at;  ///< delivered or dropped; nothing while it is under way
  EventRef ended;                   ///< the event of delivering or dropping
  bool is_dropped = false;
};

class MessageTracker : public JournalSubscriber {
 public:
  /// Keeps the last `capacity` messages that have ended.
  explicit MessageTracker(size_t capacity) : capacity_(capacity) {}
  void on_events(std::span<const Event> events) override;

  /// What is under way, and what ended at or after `since`, in order of sending.
  std::vector<TrackedMessage> messages(Instant since) const;

 private:
  void sent(const Event& event, const event::MessageSent& sent);
  void delivered(const Event& event, const FrameRef& frame);
  void described(const Event& event, const event::MessageDescribed& described);
  void end(const Event& event, bool is_dropped);
  void keep(TrackedMessage message);

  mutable std::mutex mutex_;
  size_t capacity_;
  std::map<EventRef, TrackedMessage> under_way_;  ///< by the event of sending
  std::deque<TrackedMessage> ended_;
};

}  // namespace brokerlab
