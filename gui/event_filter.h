// What is typed into the filter of the events: words that all must match.
//
//   kind:produce      one kind of message, or `state` for what is no message
//   node:kafka2       sent by or to a node
//   orders-1          anything in the row, in any case
//
// A word with an unknown name or kind makes the filter invalid; it then filters nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gui/text/event_words.h"

namespace brokerlab::gui {

class EventFilter {
 public:
  static EventFilter parse(std::string_view text);

  bool is_empty() const { return words_.empty() && wrong_word_.empty(); }
  bool is_valid() const { return wrong_word_.empty(); }
  const std::string& wrong_word() const { return wrong_word_; }
  bool matches(const Phrasebook& say, const WindowModel& model, const EventModel& event) const;

 private:
  struct Word {
    enum class What : uint8_t { anywhere, kind, node } what = What::anywhere;
    std::string text;
  };
  std::vector<Word> words_;
  std::string wrong_word_;
};

/// Of a message; nothing for any other event.
std::optional<MessageKind> kind_of_message(const Event& event);

}  // namespace brokerlab::gui
