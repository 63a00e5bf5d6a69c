// Changes of the view that a key and a menu share.
#pragma once

#include <algorithm>

#include "gui/view_data.h"

namespace brokerlab::gui {

inline constexpr float scale_step = 0.25F;

inline void scale_up(ViewData& view) { view.ui_scale = std::min(2.5F, view.ui_scale + scale_step); }
inline void scale_down(ViewData& view) { view.ui_scale = std::max(0.75F, view.ui_scale - scale_step); }

/// Gives a text field the keyboard, and shows its panel where panels are tabs.
inline void ask_focus(ViewData& view, FocusRequest field) {
  view.focus = field;
  view.tab = field == FocusRequest::filter ? TabPanel::events : TabPanel::terminal;
}

}  // namespace brokerlab::gui
