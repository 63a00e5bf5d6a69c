#include "gui/widgets/button.h"

#include "gui/widgets/line_break.h"

namespace brokerlab::gui {
namespace {

constexpr float control_radius = 5;
constexpr float choice_line = 20;
constexpr float beside_choice = 34 + 36;  // its ring and its key

/// Broken as if it were chosen and bold, so that choosing moves nothing.
std::vector<std::string> choice_lines(const Ui& ui, std::string_view words, float width) {
  return broken_lines(ui.paint, TextStyle::body_bold, words, width - beside_choice);
}

Colour primary_body(const Ui& ui, const Touch& touch) {
  const Colour rest = ui.theme.chrome.primary;
  if (touch.is_held) return ui.theme.bg.panel.mixed(rest, 0.74F);
  if (touch.is_hovered) return ui.theme.bg.panel.mixed(rest, 0.88F);
  return rest;
}

void draw_body(Ui& ui, const Box& box, const Touch& touch, ButtonKind kind, bool is_enabled) {
  if (kind == ButtonKind::primary) {
    const Colour body = primary_body(ui, touch);
    ui.paint.fill(box, is_enabled ? body : body.faded(0.35F), control_radius);
    return;
  }
  if (is_enabled && touch.is_held) {
    ui.paint.fill(box, ui.theme.line.strong, control_radius);
  } else if (is_enabled && touch.is_hovered) {
    ui.paint.fill(box, ui.theme.bg.active, control_radius);
  } else if (kind == ButtonKind::normal) {
    ui.paint.fill(box, ui.theme.bg.raised, control_radius);
  }
  if (kind == ButtonKind::normal) ui.paint.outline(box, ui.theme.line.strong, 1, control_radius);
}

}  // namespace

bool button(Ui& ui, std::string_view name, const Box& box, const ButtonSpec& spec) {
  const Touch touch = ui.touch(name, box);
  const bool is_enabled = spec.disabled_reason.empty();
  draw_body(ui, box, touch, spec.kind, is_enabled);
  const bool is_primary = spec.kind == ButtonKind::primary;
  const TextStyle style = spec.kind == ButtonKind::quiet ? TextStyle::body : TextStyle::body_bold;
  Colour ink = is_primary                       ? ui.theme.chrome.on_primary
               : spec.kind == ButtonKind::quiet ? ui.theme.text.mid
                                                : ui.theme.text.hi;
  if (!is_enabled) ink = is_primary ? ink.faded(0.6F) : ui.theme.text.off;
  const float gap = spec.key_hint.empty() ? 0 : 10;
  const float hint = ui.paint.width(TextStyle::caption, spec.key_hint);
  const float label = std::min(ui.paint.width(style, spec.label), box.width() - 8 - gap - hint);
  const float left = box.centre().x - (label + gap + hint) / 2;
  ui.label(style, {left, box.centre().y}, ink, spec.label, box.width() - 8 - gap - hint);
  const Colour faint = is_primary ? ink.mixed(ui.theme.chrome.primary, 0.42F) : ui.theme.text.low;
  ui.paint.text(TextStyle::caption, {left + label + gap, box.centre().y}, faint, spec.key_hint);
  ui.tooltip(touch, spec.disabled_reason);
  return touch.is_clicked && is_enabled;
}

bool icon_button(Ui& ui, std::string_view name, const Box& box, Icon icon, bool is_on,
                 std::string_view tooltip, std::string_view disabled_reason) {
  const Touch touch = ui.touch(name, box);
  const bool is_enabled = disabled_reason.empty();
  if (is_on || (is_enabled && touch.is_hovered)) {
    ui.paint.fill(box, touch.is_held ? ui.theme.line.strong : ui.theme.bg.active, 4);
  }
  draw_icon(ui.paint, icon, box.centre(), is_enabled ? ui.theme.text.hi : ui.theme.text.off);
  ui.tooltip(touch, is_enabled ? tooltip : disabled_reason);
  return touch.is_clicked && is_enabled;
}

int segments(Ui& ui, std::string_view name, const Box& box, std::span<const std::string_view> labels,
             int chosen, TextStyle style, bool is_enabled) {
  ui.paint.fill(box, ui.theme.bg.input, control_radius);
  ui.paint.outline(box, ui.theme.line.soft, 1, control_radius);
  const float wide = box.width() / static_cast<float>(labels.size());
  int clicked = -1;
  for (size_t i = 0; i < labels.size(); ++i) {
    const float left = box.left + wide * static_cast<float>(i);
    const Box part = Box{left, box.top, left + wide, box.bottom}.inset(i > 0 ? 1 : 2, 2);
    const bool is_chosen = static_cast<int>(i) == chosen;
    const Touch touch = ui.touch(std::string(name) + "." + std::to_string(i + 1), part);
    const bool is_lit = is_chosen || (touch.is_hovered && is_enabled);
    if (is_lit) ui.paint.fill(part, is_chosen ? ui.theme.bg.active : ui.theme.bg.raised, 4);
    const TextStyle bold = style == TextStyle::body ? TextStyle::body_bold : TextStyle::caption_bold;
    ui.label(is_chosen ? bold : style, part.centre() - Point{0, 0},
             is_chosen ? ui.theme.text.hi : ui.theme.text.mid, labels[i], wide - 4, Align::centre);
    if (touch.is_clicked && is_enabled && !is_chosen) clicked = static_cast<int>(i);
  }
  return clicked;
}

float choice_height(const Ui& ui, std::string_view words, float width) {
  const size_t lines = choice_lines(ui, words, width).size();
  return tokens().sizes.choice + choice_line * static_cast<float>(lines - 1);
}

bool choice(Ui& ui, std::string_view name, const Box& box, std::string_view words, int number, bool is_chosen,
            bool is_locked) {
  const Touch touch = ui.touch(name, box);
  const bool is_open = !is_locked;
  if (is_chosen || (touch.is_hovered && is_open)) {
    ui.paint.fill(box, touch.is_held && is_open ? ui.theme.line.strong : ui.theme.bg.active, control_radius);
  }
  ui.paint.outline(box, is_chosen ? ui.theme.chrome.select : ui.theme.line.soft, is_chosen ? 1.5F : 1,
                   control_radius);
  const float y = box.centre().y;
  const Colour ink = is_locked && !is_chosen ? ui.theme.text.off : ui.theme.text.hi;
  ui.paint.ring({box.left + 18, y}, 6, is_chosen ? ink : ui.theme.text.low, 1.5F);
  if (is_chosen) ui.paint.disc({box.left + 18, y}, 3, ink);
  const std::vector<std::string> lines = choice_lines(ui, words, box.width());
  float line = y - choice_line * static_cast<float>(lines.size() - 1) / 2;
  for (const std::string& text : lines) {
    ui.label(is_chosen ? TextStyle::body_bold : TextStyle::body, {box.left + 34, line}, ink, text,
             box.width() - beside_choice);
    line += choice_line;
  }
  if (is_open) {
    const Box key = Box::around({box.right - 19, y}, 9, 9);
    ui.paint.outline(key, ui.theme.line.strong, 1, 3);
    ui.paint.text(TextStyle::caption, key.centre(), ui.theme.text.low, std::to_string(number), Align::centre);
  }
  return touch.is_clicked && is_open;
}

Box message_tag(Ui& ui, Point left_middle, std::string_view text) {
  const float wide = ui.paint.width(TextStyle::caption, text) + 12;
  const Box box{left_middle.x, left_middle.y - 9, left_middle.x + wide, left_middle.y + 9};
  ui.paint.fill(box, ui.theme.bg.panel, 3);
  ui.paint.outline(box, ui.theme.line.soft, 1, 3);
  ui.paint.text(TextStyle::caption, {box.left + 6, left_middle.y}, ui.theme.text.hi, text);
  return box;
}

}  // namespace brokerlab::gui
