// What the parts of the lesson pane draw from, and the card that stands out from its text.
#pragma once

#include "gui/requests.h"
#include "gui/ui.h"
#include "gui/view_data.h"

namespace brokerlab::gui {

struct LessonScene {
  Ui& ui;
  const WindowModel& model;
  const LessonModel& lesson;
  ViewData& view;
  Requests& requests;
  Box box;  ///< of the whole pane
  bool is_compact;
  float left;  ///< of the text
  float right;

  float card_pad() const { return is_compact ? 12 : 16; }
};

/// A card whose height is known only after its content, which is measured first: `content(box, is_measuring)`
/// returns its bottom. Returns the bottom of the card.
template <class Content>
float lesson_card(LessonScene& scene, float y, Content&& content) {
  Painter& paint = scene.ui.paint;
  const Theme& theme = scene.ui.theme;
  const float inset = scene.is_compact ? 8 : 12;
  const Box outer{scene.box.left + inset, y, scene.box.right - inset, y};
  const Box card{outer.left, y, outer.right, content(outer, true)};
  paint.fill(card, theme.bg.raised, 8);
  paint.outline(card, theme.line.strong, 1, 8);
  paint.fill({card.left, card.top + 10, card.left + 3, card.bottom - 10}, theme[Role::candidate].fill);
  content(card, false);
  return card.bottom;
}

}  // namespace brokerlab::gui
