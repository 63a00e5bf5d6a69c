#include "gui/event_filter.h"

#include <algorithm>
#include <sstream>

namespace brokerlab::gui {
namespace {

constexpr int kinds = 8;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
  });
  return out;
}

bool is_kind(const std::string& word) {
  if (word == "state") return true;
  for (int i = 0; i < kinds; ++i) {
    if (to_string(static_cast<MessageKind>(i)) == word) return true;
  }
  return false;
}

}  // namespace

std::optional<MessageKind> kind_of_message(const Event& event) {
  if (const auto* sent = std::get_if<event::MessageSent>(&event.payload)) return sent->message.kind;
  if (const auto* described = std::get_if<event::MessageDescribed>(&event.payload))
    return described->message.kind;
  return std::nullopt;
}

EventFilter EventFilter::parse(std::string_view text) {
  EventFilter filter;
  std::istringstream words{lower(text)};
  for (std::string word; words >> word;) {
    const size_t colon = word.find(':');
    if (colon == std::string::npos) {
      filter.words_.push_back({Word::What::anywhere, word});
      continue;
    }
    const std::string name = word.substr(0, colon);
    const std::string value = word.substr(colon + 1);
    if (name == "kind" && is_kind(value)) {
      filter.words_.push_back({Word::What::kind, value});
    } else if (name == "node" && !value.empty()) {
      filter.words_.push_back({Word::What::node, value});
    } else if (filter.wrong_word_.empty()) {
      filter.wrong_word_ = word;
    }
  }
  return filter;
}

bool EventFilter::matches(const Phrasebook& say, const WindowModel& model, const EventModel& row) const {
  if (!is_valid()) return true;
  for (const Word& word : words_) {
    switch (word.what) {
      case Word::What::kind: {
        const auto kind = kind_of_message(row.event);
        if ((kind ? to_string(*kind) : "state") != word.text) return false;
        break;
      }
      case Word::What::node: {
        const auto is_named = [&](NodeId id) { return lower(model.name_of(id)) == word.text; };
        if (std::none_of(row.senders.begin(), row.senders.end(), is_named) &&
            std::none_of(row.receivers.begin(), row.receivers.end(), is_named)) {
          return false;
        }
        break;
      }
      case Word::What::anywhere: {
        const EventWords shown = event_words(say, model, row);
        if (lower(shown.who + " " + shown.what).find(word.text) == std::string::npos) return false;
        break;
      }
    }
  }
  return true;
}

}  // namespace brokerlab::gui
