#include "gui/theme.h"

#include <nlohmann/json.hpp>

#include "gui/assets.h"
#include "sim/base/assert.h"

namespace brokerlab::gui {
namespace {

using nlohmann::json;

Colour colour_of(const json& text) {
  const auto hex = text.get<std::string>();
  BROKERLAB_ASSERT(hex.size() == 7 && hex[0] == '#');
  const auto rgb = static_cast<uint32_t>(std::stoul(hex.substr(1), nullptr, 16));
  return {0xFF000000u | (rgb & 0xFFu) << 16 | (rgb & 0xFF00u) | rgb >> 16};
}

Theme theme_of(const json& j) {
  Theme theme;
  const json& bg = j.at("bg");
  theme.bg = {colour_of(bg.at("window")), colour_of(bg.at("panel")), colour_of(bg.at("raised")),
              colour_of(bg.at("active")), colour_of(bg.at("input")), colour_of(bg.at("canvas"))};
  theme.line = {colour_of(j.at("line").at("soft")), colour_of(j.at("line").at("strong"))};
  const json& text = j.at("text");
  theme.text = {colour_of(text.at("hi")), colour_of(text.at("mid")), colour_of(text.at("low")),
                colour_of(text.at("off"))};
  const json& chrome = j.at("chrome");
  theme.chrome = {colour_of(chrome.at("primary")), colour_of(chrome.at("onPrimary")),
                  colour_of(chrome.at("select")), colour_of(chrome.at("focus")),
                  colour_of(chrome.at("shade"))};
  for (size_t i = 0; i < role_count; ++i) {
    const json& role = j.at("role").at(std::string(role_names[i]));
    theme.roles[i] = {colour_of(role.at("ink")), colour_of(role.at("fill")), colour_of(role.at("wash")),
                      colour_of(role.at("on"))};
  }
  return theme;
}

constexpr std::array<std::string_view, text_style_count> style_names{
    "caption", "caption_bold", "body", "body_bold", "title", "hero", "mono", "mono_bold", "mono_small"};

Face face_of(const std::string& name) {
  if (name == "ui") return Face::ui;
  if (name == "ui_bold") return Face::ui_bold;
  if (name == "mono") return Face::mono;
  BROKERLAB_ASSERT(name == "mono_bold");
  return Face::mono_bold;
}

Sizes::Share share_of(const json& j) {
  return {j.at("share").get<float>(), j.at("min").get<float>(), j.at("max").get<float>()};
}

Sizes sizes_of(const json& j) {
  const auto number = [&](const char* name) { return j.at(name).get<float>(); };
  Sizes s{};
  s.command_bar = number("command_bar");
  s.command_bar_compact = number("command_bar_compact");
  s.panel_pad = number("panel_pad");
  s.lesson_pad = number("lesson_pad");
  s.matrix_head = number("matrix_head");
  s.matrix_row = number("matrix_row");
  s.matrix_row_dense = number("matrix_row_dense");
  s.matrix_foot = number("matrix_foot");
  s.column_gutter = number("column_gutter");
  s.column_tail = number("column_tail");
  s.column_gutter_compact = number("column_gutter_compact");
  s.column_tail_compact = number("column_tail_compact");
  s.column_min = number("column_min");
  s.card_height = j.at("broker_card").at("height").get<float>();
  s.card_height_compact = j.at("broker_card").at("height_compact").get<float>();
  s.client_width = j.at("client_pill").at("width").get<float>();
  s.client_height = j.at("client_pill").at("height").get<float>();
  s.quorum_rail_above_card = number("quorum_rail_above_card");
  s.replication_rail_below_card = number("replication_rail_below_card");
  s.event_row = number("event_row");
  s.choice = number("choice");
  s.button = number("button");
  s.button_primary = number("button_primary");
  s.input = number("input");
  s.segment = number("segment");
  s.menu_row = number("menu_row");
  s.splitter_grip = number("splitter_grip");
  s.lesson_width = share_of(j.at("lesson_width"));
  s.right_width = share_of(j.at("right_width"));
  s.compact_lesson = share_of(j.at("compact_lesson"));
  return s;
}

Motion motion_of(const json& j) {
  const json& ms = j.at("motion_ms");
  const auto number = [&](const char* name) { return ms.at(name).get<float>(); };
  Motion m{};
  m.state_change = number("state_change");
  m.star_handover = number("star_handover");
  m.dead_hatch = number("dead_hatch");
  m.changed_outline = number("changed_outline");
  m.message_min_visible = number("message_min_visible");
  m.dropped_visible = number("dropped_visible");
  m.tooltip_delay = number("tooltip_delay");
  m.moving_shapes_max = j.at("motion_limits").at("moving_shapes_max").get<int>();
  m.per_link_per_second_max = j.at("motion_limits").at("per_link_per_second_max").get<int>();
  return m;
}

Tokens load() {
  const json j = json::parse(assets::tokens_json);
  Tokens t;
  t.dark = theme_of(j.at("themes").at("dark"));
  t.light = theme_of(j.at("themes").at("light"));
  t.contrast = theme_of(j.at("themes").at("contrast"));
  const json& fonts = j.at("fonts");
  for (size_t i = 0; i < text_style_count; ++i) {
    const json& style = fonts.at("styles").at(std::string(style_names[i]));
    t.styles[i] = {face_of(style.at("face").get<std::string>()), style.at("px").get<float>()};
  }
  t.ui_size_factor = fonts.at("imgui_size_factor").at("ui").get<float>();
  t.mono_size_factor = fonts.at("imgui_size_factor").at("mono").get<float>();
  t.baseline_below_centre = fonts.at("baseline_below_centre").get<float>();
  t.sizes = sizes_of(j.at("sizes"));
  t.motion = motion_of(j);
  return t;
}

}  // namespace

Colour Colour::faded(float alpha) const {
  const auto a = static_cast<uint32_t>(static_cast<float>(abgr >> 24) * std::clamp(alpha, 0.0F, 1.0F) + 0.5F);
  return {(abgr & 0x00FFFFFFu) | a << 24};
}

Colour Colour::mixed(Colour other, float share) const {
  uint32_t out = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    const auto a = static_cast<float>(abgr >> shift & 0xFFu);
    const auto b = static_cast<float>(other.abgr >> shift & 0xFFu);
    out |= static_cast<uint32_t>(a + (b - a) * share + 0.5F) << shift;
  }
  return {out};
}

const Tokens& tokens() {
  static const Tokens loaded = load();
  return loaded;
}

RoleColours kind_colours(const Theme& theme, MessageKind kind) {
  switch (kind) {
    case MessageKind::produce:
      return theme[Role::leader];
    case MessageKind::fetch:
      return theme[Role::follower];
    case MessageKind::replicate:
      return theme[Role::agree];
    case MessageKind::quorum:
      return theme[Role::candidate];
    case MessageKind::control:
      return theme[Role::aside];
    case MessageKind::group:
      return theme[Role::group];
    case MessageKind::database:
      return theme[Role::still];
    case MessageKind::cache:
      break;
  }
  return {theme.text.hi, theme.text.hi, theme.bg.raised, theme.bg.window};
}

}  // namespace brokerlab::gui
