#include "gui/ui.h"

#include <imgui.h>

namespace brokerlab::gui {

Touch Ui::touch(std::string_view name, const Box& box) {
  place(name, box);
  Touch touch;
  if (box.is_empty()) return touch;
  const ImVec2 from = paint.to_screen({box.left, box.top});
  const ImVec2 to = paint.to_screen({box.right, box.bottom});
  ImGui::SetCursorScreenPos(from);
  const std::string id(name);
  touch.is_clicked = ImGui::InvisibleButton(id.c_str(), {to.x - from.x, to.y - from.y});
  touch.is_hovered = ImGui::IsItemHovered();
  if (touch.is_hovered && hover.name != id) hover = {id, real_ms, {}};
  touch.is_held = ImGui::IsItemActive();
  touch.is_right_clicked = touch.is_hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Right);
  touch.is_double_clicked = touch.is_hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  return touch;
}

float Ui::label(TextStyle style, Point at, Colour colour, std::string_view text, float width, Align align) {
  const std::string shown = paint.shortened(style, text, width);
  if (shown.size() != text.size()) cuts.push_back({std::string(text), shown});
  return paint.text(style, at, colour, shown, align);
}

std::string Ui::fitting(TextStyle style, float width, std::initializer_list<std::string> texts) const {
  for (const std::string& text : texts) {
    if (paint.width(style, text) <= width) return text;
  }
  return *(texts.end() - 1);
}

void Ui::tooltip(const Touch& touch, std::string_view text) {
  if (!touch.is_hovered || touch.is_held || text.empty()) return;
  if (real_ms - hover.since_ms >= tokens().motion.tooltip_delay) {
    hover.text = text;
  } else {
    is_animating = true;  // so that the frame that shows it comes
  }
}

}  // namespace brokerlab::gui
