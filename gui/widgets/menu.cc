#include "gui/widgets/menu.h"

#include <imgui.h>

namespace brokerlab::gui {
namespace {

constexpr float padding = 6;
constexpr float separator = 9;

float menu_height(const MenuSpec& spec, const std::vector<MenuEntry>& entries) {
  float height = std::max(spec.head_height, padding) + padding + 2;
  for (const MenuEntry& entry : entries)
    height += tokens().sizes.menu_row + (entry.is_separated ? separator : 0);
  return height;
}

bool draw_entry(Ui& ui, const MenuEntry& entry, const Box& row, size_t nth) {
  const Theme& theme = ui.theme;
  const Touch touch = ui.touch("menu." + std::to_string(nth + 1), row);
  if (!entry.shown.empty()) ui.place("menu." + entry.shown, row);
  const bool is_enabled = entry.disabled_reason.empty();
  if (is_enabled && touch.is_hovered)
    ui.paint.fill(row, touch.is_held ? theme.line.strong : theme.bg.active, 4);
  const float y = row.centre().y;
  const float shown = ui.paint.text(TextStyle::mono_small, {row.right - 8, y},
                                    is_enabled ? theme.text.low : theme.text.off, entry.shown, Align::right);
  ui.label(TextStyle::body, {row.left + 12, y}, is_enabled ? theme.text.hi : theme.text.off, entry.label,
           row.width() - shown - 32);
  ui.tooltip(touch, is_enabled ? entry.command : entry.disabled_reason);
  return touch.is_clicked && is_enabled;
}

int draw_menu(Ui& ui, const MenuSpec& spec, const std::vector<MenuEntry>& entries, const Box& box) {
  const Theme& theme = ui.theme;
  ui.place("menu", box);
  ui.paint.fill({box.left + 4, box.top + 4, box.right + 4, box.bottom + 4}, theme.chrome.shade, 6);
  ui.paint.fill(box, theme.bg.raised, 6);
  ui.paint.outline(box, theme.line.strong, 1, 6);
  if (spec.draw_head) {
    const Box head{box.left, box.top, box.right, box.top + spec.head_height};
    spec.draw_head(ui.paint, head);
    ui.paint.line({box.left + padding, head.bottom - 6}, {box.right - padding, head.bottom - 6},
                  theme.line.soft);
  }
  int chosen = -1;
  float top = box.top + std::max(spec.head_height, padding);
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].is_separated) {
      ui.paint.line({box.left + padding, top + 4}, {box.right - padding, top + 4}, theme.line.soft);
      top += separator;
    }
    const Box row{box.left + padding, top, box.right - padding, top + tokens().sizes.menu_row};
    if (draw_entry(ui, entries[i], row, i)) chosen = static_cast<int>(i);
    top = row.bottom;
  }
  return chosen;
}

}  // namespace

int menu(Ui& ui, const MenuSpec& spec, const std::vector<MenuEntry>& entries) {
  const float scale = ui.paint.scale();
  const std::string id(spec.id);
  if (spec.opens) ImGui::OpenPopup(id.c_str());
  const float height = menu_height(spec, entries);
  constexpr float shade = 6;
  ImGui::SetNextWindowSize({(spec.width + shade) * scale, (height + shade) * scale});
  if (!spec.is_at_pointer) ImGui::SetNextWindowPos(ui.paint.to_screen(spec.corner));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_PopupBorderSize, 0.0F);
  int chosen = -1;
  if (ImGui::BeginPopup(id.c_str(), ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoScrollbar |
                                        ImGuiWindowFlags_NoBackground)) {
    const ImVec2 at = ImGui::GetWindowPos();
    const Point corner{at.x / scale, at.y / scale};
    Ui inside{ui.paint.on(ImGui::GetWindowDrawList()),
              ui.theme,
              ui.say,
              ui.widgets,
              ui.cuts,
              ui.hover,
              ui.real_ms,
              ui.is_animating};
    chosen = draw_menu(inside, spec, entries, {corner.x, corner.y, corner.x + spec.width, corner.y + height});
    if (chosen >= 0) ImGui::CloseCurrentPopup();
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar(2);
  return chosen;
}

}  // namespace brokerlab::gui
