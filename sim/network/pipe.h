// One direction of a connection between two nodes of the lab: what was sent and has not been handed over yet,
// in order. Both drivers keep one for each direction, so that latency, cuts and closes mean the same in both.
//
// Invariants: items arrive in the order of sending; an item never overtakes an earlier one. A close is an item
// like any other: the receiver learns of it after everything that was sent before.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/event.h"
#include "sim/base/time.h"

namespace brokerlab {

class Pipe {
 public:
  struct Item {
    enum class Kind : uint8_t { opened, frame, closed };
    Kind kind = Kind::frame;
    EventRef cause;  ///< the event of sending, opening or closing at the sender
    Instant arrives;
    uint64_t nth = 0;
    uint64_t size = 0;   ///< frame: its bytes, length prefix included
    Bytes body;          ///< frame: what its receiver gets. Empty in the live lab: TCP carries the bytes.
    std::string reason;  ///< closed: in words
  };

  /// Sends an item at `now`; it arrives after `latency`, and not before those sent earlier. Returns when.
  Instant push(Item item, Instant now, Duration latency);
  bool empty() const { return items_.empty(); }
  /// When the first item arrives or arrived; `never` when there is none.
  Instant next_arrival() const { return items_.empty() ? never : items_.front().arrives; }
  /// The first item, if it has arrived. Null otherwise.
  const Item* first(Instant now) const;
  Item take_first();
  /// Takes everything: it will not arrive.
  std::vector<Item> take_all();
  /// Takes the last `count` frames, which never left their sender; fewer when the receiver has given them up.
  std::vector<Item> take_last(size_t count);

  /// The link is cut and something waits for it.
  void hold(Instant now) {
    if (!held_since_) held_since_ = now;
  }
  std::optional<Instant> held_since() const { return held_since_; }
  /// The link is whole again: what waited arrives after `latency`.
  void release(Instant now, Duration latency);

 private:
  std::deque<Item> items_;
  Instant last_arrival_;
  std::optional<Instant> held_since_;
};

}  // namespace brokerlab
