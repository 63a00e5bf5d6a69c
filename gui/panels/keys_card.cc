#include "gui/panels/keys_card.h"

#include "gui/imgui_compat.h"

namespace brokerlab::gui {
namespace {

struct Row {
  std::string_view keys;
  Phrase what;
};

constexpr Row rows[] = {
    {"Space", Phrase::key_play},       {".", Phrase::key_step},           {"[  ]", Phrase::key_speed},
    {"1 .. 9", Phrase::key_answer},    {"Enter", Phrase::key_enter},      {"S", Phrase::key_stop},
    {"Esc", Phrase::key_escape},       {"Ctrl F", Phrase::key_filter},    {"Ctrl `", Phrase::key_terminal},
    {"Ctrl C", Phrase::key_interrupt}, {"Ctrl + - 0", Phrase::key_scale}, {"?", Phrase::key_keys}};

}  // namespace

void keys_card(Ui& ui, const KeysCard& card) {
  if (!card.view.are_keys_open) return;
  constexpr float width = 420;
  constexpr float row_height = 26;
  const float height = 62 + row_height * static_cast<float>(std::size(rows));
  const Box box = Box::around({card.width / 2, card.height / 2}, width / 2, height / 2);
  Ui over{ui.paint.on(ImGui::GetForegroundDrawList()),
          ui.theme,
          ui.say,
          ui.widgets,
          ui.cuts,
          ui.hover,
          ui.real_ms,
          ui.is_animating};
  over.place("keys", box);
  over.paint.fill({box.left + 4, box.top + 4, box.right + 4, box.bottom + 4}, ui.theme.chrome.shade, 8);
  over.paint.fill(box, ui.theme.bg.raised, 8);
  over.paint.outline(box, ui.theme.line.strong, 1, 8);
  over.label(TextStyle::body_bold, {box.left + 24, box.top + 28}, ui.theme.text.hi, ui.say(Phrase::menu_keys),
             width - 48);
  float y = box.top + 62;
  for (const Row& row : rows) {
    over.paint.text(TextStyle::mono, {box.left + 24, y}, ui.theme.text.hi, row.keys);
    over.label(TextStyle::body, {box.left + 130, y}, ui.theme.text.mid, ui.say(row.what), width - 150);
    y += row_height;
  }
  if (ImGui::IsMouseClicked(ImGuiMouseButton_Left) || compat::is_pressed(compat::Key::escape))
    card.view.are_keys_open = false;
}

}  // namespace brokerlab::gui
