// A line of text that is typed into, without a frame of its own.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "gui/ui.h"

namespace brokerlab::gui {

struct TextFieldResult {
  bool has_focus = false;
  bool was_changed = false;
  bool was_entered = false;  ///< Enter
  bool was_escaped = false;
};

/// What the arrows and Tab put into the field; nothing leaves it as it is.
struct TextFieldHelp {
  std::function<std::optional<std::string>(int steps)> recall;  ///< 1 older, -1 newer
  std::function<std::optional<std::string>(std::string_view text)> complete;
};

/// Edits `buffer` (zero-terminated UTF-8) in place; `takes_focus` gives it the keyboard now.
TextFieldResult text_field(Ui& ui, std::string_view name, const Box& box, TextStyle style,
                           std::span<char> buffer, bool takes_focus, const TextFieldHelp* help = nullptr);

/// Puts a text into a field's buffer, cut to its room.
void set_text(std::span<char> buffer, std::string_view text);

}  // namespace brokerlab::gui
