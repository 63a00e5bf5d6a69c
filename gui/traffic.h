// What moves and what is connected, kept up from the journal: messages under way and open links.
//
// A delivered message is joined to its sending by its cause. Where a message will arrive is known; when, only
// once it has: until then it moves as the last one of the same pair did, and waits before its end.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "gui/window_model.h"

namespace brokerlab::gui {

class Traffic {
 public:
  /// `usual` is what a frame takes where nothing has been seen yet; `real_ms` the machine's time.
  explicit Traffic(Duration usual) : usual_(usual) {}

  void add(std::span<const Event> events, double real_ms);
  /// Messages under way at `now`, and those that went by faster than the eye, for as long as it needs.
  std::vector<MessageModel> messages(Instant now, double real_ms);
  /// Links between nodes; broken ones while their broker is one of `gone`.
  std::vector<LinkModel> links(const std::set<NodeId>& gone) const;

 private:
  struct Flight {
    MessageModel message;
    double seen_ms = 0;
    std::optional<Instant> arrived_at;
  };
  using Pair = std::pair<NodeId, NodeId>;

  void add(const Event& event, double real_ms);
  void ends(const EventRef& sent, Instant at, bool is_dropped);

  Duration usual_;
  std::map<EventRef, Flight> flights_;
  std::map<Pair, Duration> last_took_;
  std::map<std::pair<NodeId, uint64_t>, NodeId> open_;  // (who opened, connection) -> to whom
  std::set<Pair> broken_;
};

}  // namespace brokerlab::gui
