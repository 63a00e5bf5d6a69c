// Buttons, choices, segments: rest, hover, pressed, disabled (window.md, section 6; sheet 08).
#pragma once

#include <span>

#include "gui/ui.h"

namespace brokerlab::gui {

enum class ButtonKind : uint8_t {
  primary,  ///< at most one in sight
  normal,   ///< outlined
  quiet     ///< text only
};

struct ButtonSpec {
  std::string_view label;
  std::string_view key_hint;         ///< "Enter"
  std::string_view disabled_reason;  ///< not empty: the button stays in place, off, and says why
  ButtonKind kind = ButtonKind::normal;
};

/// True when it was clicked.
bool button(Ui& ui, std::string_view name, const Box& box, const ButtonSpec& spec);

/// One button of a bar: an icon, lit while `is_on`.
bool icon_button(Ui& ui, std::string_view name, const Box& box, Icon icon, bool is_on,
                 std::string_view tooltip, std::string_view disabled_reason = {});

/// A row of exclusive answers; returns the clicked one, or -1.
int segments(Ui& ui, std::string_view name, const Box& box, std::span<const std::string_view> labels,
             int chosen, TextStyle style, bool is_enabled = true);

/// One choice of a question, with its key. Long answers take several lines.
float choice_height(const Ui& ui, std::string_view words, float width);
bool choice(Ui& ui, std::string_view name, const Box& box, std::string_view words, int number, bool is_chosen,
            bool is_locked);

/// A short text in a frame beside a moving message.
Box message_tag(Ui& ui, Point left_middle, std::string_view text);

}  // namespace brokerlab::gui
