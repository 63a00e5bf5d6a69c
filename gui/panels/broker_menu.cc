#include "gui/panels/broker_menu.h"

#include <imgui.h>

#include <algorithm>

namespace brokerlab::gui {
namespace {

constexpr const char* popup_id = "###broker_menu";
constexpr float menu_width = 300;
constexpr float head_height = 46;

std::string node_roles(const Phrasebook& say, const NodeModel& node) {
  const KafkaView* kafka = node.kafka();
  if (kafka == nullptr) return {};
  const std::string id = std::to_string(kafka->node_id);
  return kafka->quorum.role.empty() ? say(Phrase::broker_only, {{"id", id}})
                                    : say(Phrase::broker_and_controller, {{"id", id}});
}

struct MenuDrawing {
  Ui& ui;
  Painter paint;
  Box box;

  void frame(const NodeModel& node) {
    const Theme& theme = ui.theme;
    paint.fill({box.left + 4, box.top + 4, box.right + 4, box.bottom + 4}, theme.chrome.shade, 6);
    paint.fill(box, theme.bg.raised, 6);
    paint.outline(box, theme.line.strong, 1, 6);
    const float y = box.top + 21;
    draw_node_icon(paint, theme, node.look, {box.left + 20, y});
    const float name = paint.text(TextStyle::body_bold, {box.left + 36, y}, theme.text.hi, node.name);
    ui.label(TextStyle::caption, {box.right - 14, y}, theme.text.low, node_roles(ui.say, node),
             box.width() - 64 - name, Align::right);
    paint.line({box.left + 6, box.top + head_height - 6}, {box.right - 6, box.top + head_height - 6},
               theme.line.soft);
  }

  bool entry(const MenuEntry& entry, size_t nth, float top) {
    const Theme& theme = ui.theme;
    const Box row{box.left + 6, top, box.right - 6, top + tokens().sizes.menu_row};
    const Touch touch = ui.touch("menu." + std::to_string(nth + 1), row);
    ui.place("menu." + entry.shown, row);
    const bool is_enabled = entry.disabled_reason.empty();
    if (is_enabled && touch.is_hovered)
      paint.fill(row, touch.is_held ? theme.line.strong : theme.bg.active, 4);
    const float y = row.centre().y;
    const float shown = paint.text(TextStyle::mono_small, {row.right - 8, y},
                                   is_enabled ? theme.text.low : theme.text.off, entry.shown, Align::right);
    ui.label(TextStyle::body, {row.left + 12, y}, is_enabled ? theme.text.hi : theme.text.off, entry.label,
             row.width() - shown - 32);
    ui.tooltip(touch, is_enabled ? entry.command : entry.disabled_reason);
    return touch.is_clicked && is_enabled;
  }
};

float menu_height(const std::vector<MenuEntry>& entries) {
  float height = head_height + 8;
  for (const MenuEntry& entry : entries)
    height += tokens().sizes.menu_row + (entry.is_separated ? 9.0F : 0.0F);
  return height;
}

}  // namespace

std::vector<MenuEntry> broker_entries(const Phrasebook& say, const WindowModel& model,
                                      const NodeModel& node) {
  const bool is_dead = node.look == NodeLook::dead;
  const bool is_paused = node.look == NodeLook::paused;
  const std::string not_running = say(Phrase::node_not_running, {{"node", node.name}});
  const std::string reason = is_dead ? not_running : "";
  std::vector<MenuEntry> entries;
  if (is_dead) {
    entries.push_back(
        {std::string(say(Phrase::menu_start)), "docker start " + node.name, "docker start", "", false});
  } else {
    entries.push_back(
        {std::string(say(Phrase::menu_stop)), "docker stop " + node.name, "docker stop", "", false});
  }
  entries.push_back(
      {std::string(say(Phrase::menu_kill)), "docker kill " + node.name, "docker kill", reason, false});
  if (is_paused) {
    entries.push_back(
        {std::string(say(Phrase::menu_resume)), "docker unpause " + node.name, "docker unpause", "", false});
  } else {
    entries.push_back(
        {std::string(say(Phrase::menu_pause)), "docker pause " + node.name, "docker pause", reason, false});
  }
  bool is_first = true;
  for (const NodeModel& other : model.brokers) {
    if (other.id == node.id) continue;
    entries.push_back({say(Phrase::menu_cut_from, {{"node", other.name}}),
                       "fault cut " + node.name + " " + other.name, "fault cut", "", is_first});
    is_first = false;
  }
  entries.push_back(
      {std::string(say(Phrase::menu_cut_all)), "fault cut " + node.name, "fault cut", "", false});
  const bool is_faulty = std::any_of(model.faults.begin(), model.faults.end(), [&](const Fault& fault) {
    return fault.from == node.name || fault.to == node.name;
  });
  entries.push_back({std::string(say(Phrase::menu_heal)), "fault heal " + node.name, "fault heal",
                     is_faulty ? "" : std::string(say(Phrase::nothing_to_heal)), false});
  return entries;
}

void broker_menu(Ui& ui, const BrokerMenu& menu, Requests& requests) {
  const float scale = ui.paint.scale();
  if (menu.opens) ImGui::OpenPopup(popup_id);
  const NodeModel* node = menu.model.find(menu.node);
  if (node == nullptr) return;
  const std::vector<MenuEntry> entries = broker_entries(ui.say, menu.model, *node);
  const float height = menu_height(entries);
  ImGui::SetNextWindowSize({(menu_width + 6) * scale, (height + 6) * scale});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_PopupBorderSize, 0.0F);
  ImGui::PushStyleColor(ImGuiCol_PopupBg, 0u);
  if (ImGui::BeginPopup(
          popup_id, ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoBackground)) {
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
    MenuDrawing drawing{inside, inside.paint, {corner.x, corner.y, corner.x + menu_width, corner.y + height}};
    inside.place("menu", drawing.box);
    drawing.frame(*node);
    float top = drawing.box.top + head_height;
    for (size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].is_separated) {
        drawing.paint.line({drawing.box.left + 6, top + 4}, {drawing.box.right - 6, top + 4},
                           ui.theme.line.soft);
        top += 9;
      }
      if (drawing.entry(entries[i], i, top)) {
        requests.push_back(request::RunCommand{entries[i].command});
        ImGui::CloseCurrentPopup();
      }
      top += tokens().sizes.menu_row;
    }
    ImGui::EndPopup();
  }
  ImGui::PopStyleColor();
  ImGui::PopStyleVar(2);
}

}  // namespace brokerlab::gui
