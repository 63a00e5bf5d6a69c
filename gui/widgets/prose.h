// Prose of a lesson: lines of at most 56 characters, broken at spaces only; `code` never breaks.
//
// `code` that names a node or a partition becomes a chip: a pill with the object's icon. Hovering it rings the
// object, clicking selects it.
#pragma once

#include "gui/ui.h"
#include "gui/view_data.h"
#include "lessons/engine/prose.h"

namespace brokerlab::gui {

struct ProseStyle {
  TextStyle plain = TextStyle::body;
  TextStyle strong = TextStyle::body_bold;
  Colour ink;
  Colour strong_ink;
  float line_height = 21;
  float paragraph_gap = 8;
};

/// Draws from `top_left` (the top of the first line's box) and returns the y below the last line. `name`
/// names the chips. With `is_measuring` nothing is drawn.
float prose(Ui& ui, std::string_view name, Point top_left, float width, const Prose& text,
            const ProseStyle& style, const WindowModel& model, ViewData& view, bool is_measuring = false);

/// A plain sentence as one paragraph.
Prose plain(std::string_view text, Span::Style style = Span::Style::plain);

}  // namespace brokerlab::gui
