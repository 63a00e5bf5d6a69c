// `expect`: what must hold, now or within a time. Scenarios, lessons' checks and the answers of predictions are
// made of it.
//
//   PATH OP VALUE                 a snapshot (snapshot_path.h): == != < <= > >= has
//   event KIND NAME=VALUE ...     an event since a mark (sim/base/event.h): its node, or a field; NAME~VALUE
//                                 for a text that contains VALUE
//
// Texts compare equal by value or by name (leader == 3, leader == kafka3); < > compare numbers; `has` asks
// whether a list has an element.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/base/event.h"
#include "sim/base/result.h"
#include "sim/runtime/cluster.h"
#include "sim/shell/text.h"
#include "sim/shell/words.h"

namespace brokerlab {

class Expectation {
 public:
  /// `words` without `expect` and `within=`. Errors are words for the learner.
  static Result<Expectation> parse(std::span<const std::string> words, Language language);
  /// The same out of one text, as lessons write it.
  static Result<Expectation> parse(std::string_view text, Language language);

  bool is_about_event() const { return !kind_.empty(); }

  struct Outcome {
    bool holds = false;
    std::string saw;  ///< what was seen instead, in words
  };
  /// REQUIRES: not about an event.
  Outcome look(const LabView& view, Language language) const;
  /// Whether this event is the one. REQUIRES: about an event. `view` names the nodes.
  bool matches(const Event& event, const LabView& view) const;

  /// "expected orders-1.leader == kafka3 within 5 s, saw kafka2". A list's size is said in words: "expected 2 in
  /// sync within 5 s, saw 3".
  std::string failure(const std::string& saw, std::optional<Duration> within, Language language) const;
  std::string to_string() const;

 private:
  enum class Operator { equal, not_equal, less, less_equal, greater, greater_equal, has };
  struct Condition {
    std::string name;
    bool contains = false;
    std::string value;
  };

  std::string path_;
  Operator operator_ = Operator::equal;
  std::string value_;
  std::string kind_;
  std::vector<Condition> conditions_;
};

/// Reads the journal for one expectation about an event, from a mark on, each event once.
class EventSearch {
 public:
  /// Position in the lab's ring of events from which on events count.
  explicit EventSearch(uint64_t mark) : position_(mark) {}
  /// The first event that matches, once it is there.
  const std::optional<Event>& look(const Expectation& expectation, Lab& lab);

 private:
  uint64_t position_;
  std::optional<Event> found_;
};

}  // namespace brokerlab
