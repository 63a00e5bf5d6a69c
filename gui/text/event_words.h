// Events and messages in the learner's language, for event rows and for tags beside moving shapes.
#pragma once

#include <optional>
#include <string>

#include "gui/text/phrases.h"
#include "gui/window_model.h"

namespace brokerlab::gui {

enum class Detail : uint8_t {
  full,   ///< "Produce v11  orders-0  2 rec", "acked  offset 416", "BrokerHeartbeat answered"
  tag,    ///< "Produce orders-0, 2 records": beside a shape on the canvas
  brief,  ///< "Produce orders-0", "answered": where there is little room
};
/// What a message asks or answers; `answered` is the request of a response, where it is known.
std::string message_words(const Phrasebook& say, const MessageInfo& message, const MessageInfo& answered,
                          Detail detail);

struct EventWords {
  std::string who;           ///< "shop-a → kafka1", "kafka2"
  std::string what;          ///< may be empty
  std::string shorter_what;  ///< for less room; empty when `what` has no shorter form
  std::string shortest_what;
  std::string note;          ///< right: "×4", "in flight", "waits"
  bool is_command = false;   ///< `what` is a line of the command language
  std::optional<Role> tint;  ///< of the whole row: something was lost, or is undecided
};
EventWords event_words(const Phrasebook& say, const WindowModel& model, const EventModel& event);

/// Whether an event has a row: messages and changes of state, not each append and each timer.
bool is_shown(const Event& event);

/// "12.480"
std::string seconds_text(Instant at);
/// "0.04 s", "0.04초"
std::string duration_words(const Phrasebook& say, Duration duration);

}  // namespace brokerlab::gui
