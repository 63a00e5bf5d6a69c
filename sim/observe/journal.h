// The journal: the stream of everything that happens, and its subscribers.
//
// The drivers append the events of a step as one batch; each subscriber is called in subscription order under
// the journal's lock, so a subscriber must be quick and must not call back. Order: in the sandbox that of
// time; live, that of arrival, with each node's own events always in sequence. Canonical order is (time,
// node, sequence).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "sim/base/event.h"

namespace brokerlab {

class JournalSubscriber {
 public:
  virtual ~JournalSubscriber() = default;
  virtual void on_events(std::span<const Event> events) = 0;
};

class JournalRing;

class Journal {
 public:
  void append(std::span<const Event> events);
  /// The subscriber must outlive the journal or be unsubscribed before.
  void subscribe(JournalSubscriber* subscriber);
  /// The same, after it was given what a ring that has subscribed keeps: nothing in between is missed or comes twice.
  void subscribe(JournalSubscriber* subscriber, const JournalRing& past);
  void unsubscribe(JournalSubscriber* subscriber);

 private:
  std::mutex mutex_;
  std::vector<JournalSubscriber*> subscribers_;
};

/// The hash of a whole journal: one running hash (FNV-1a, 64 bit) over each node's events in sequence, and
/// the hash of those by node. Equal for equal histories, however the nodes' events were interleaved.
/// Copyable: a fork goes on.
class JournalHash : public JournalSubscriber {
 public:
  void on_events(std::span<const Event> events) override;
  uint64_t value() const;
  uint64_t events() const { return events_; }
  std::string hex() const;
  /// Takes in what another one has seen. REQUIRES: of other nodes.
  void add(const JournalHash& other);

 private:
  std::map<NodeId, uint64_t> by_node_;
  uint64_t events_ = 0;
};

/// The last events, bounded in number, for the window and `expect event`. Readers copy a range out.
class JournalRing : public JournalSubscriber {
 public:
  explicit JournalRing(size_t capacity) : capacity_(capacity) {}
  void on_events(std::span<const Event> events) override;
  /// Position after the last event; positions only grow.
  uint64_t end() const;
  /// Events from `position` on that are still kept; `position` is moved behind the last one returned.
  std::vector<Event> since(uint64_t& position, size_t limit = SIZE_MAX) const;

 private:
  mutable std::mutex mutex_;
  size_t capacity_;
  uint64_t first_ = 0;
  std::deque<Event> ring_;
};

}  // namespace brokerlab
