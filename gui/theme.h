// The design tokens (assets/theme/tokens.json, compiled in): colours by role, text styles, sizes, motion.
//
// Chrome has no hue; hue belongs to the cluster. Lengths are logical pixels at UI scale 100 %.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/event.h"

namespace brokerlab::gui {

/// 0xAABBGGRR, as Dear ImGui packs colours.
struct Colour {
  uint32_t abgr = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
  uint8_t red() const { return static_cast<uint8_t>(abgr); }
  uint8_t green() const { return static_cast<uint8_t>(abgr >> 8); }
  uint8_t blue() const { return static_cast<uint8_t>(abgr >> 16); }
  /// The same colour with `alpha` (0..1) times its opacity.
  Colour faded(float alpha) const;
  /// `share` (0..1) of the way to another.
  Colour mixed(Colour other, float share) const;
};
inline constexpr Colour no_colour{0};

/// Words of colour: what a coloured pixel means (window.md, section 3).
enum class Role : uint8_t { leader, follower, agree, candidate, lost, aside, group, still };
inline constexpr size_t role_count = 8;
inline constexpr std::array<std::string_view, role_count> role_names{
    "leader", "follower", "agree", "candidate", "lost", "aside", "group", "still"};

struct RoleColours {
  Colour ink;   ///< text and lines on the panel
  Colour fill;  ///< solid shapes and bars
  Colour wash;  ///< background of a cell
  Colour on;    ///< text on a fill
};

struct Theme {
  struct {
    Colour window, panel, raised, active, input, canvas;
  } bg;
  struct {
    Colour soft, strong;
  } line;
  struct {
    Colour hi, mid, low, off;
  } text;
  struct {
    Colour primary, on_primary, select, focus, shade;
  } chrome;
  std::array<RoleColours, role_count> roles;
  const RoleColours& operator[](Role role) const { return roles[static_cast<size_t>(role)]; }
};

enum class TextStyle : uint8_t {
  caption,
  caption_bold,
  body,
  body_bold,
  title,
  hero,
  mono,
  mono_bold,
  mono_small
};
inline constexpr size_t text_style_count = 9;
enum class Face : uint8_t { ui, ui_bold, mono, mono_bold };

struct TextStyleToken {
  Face face = Face::ui;
  float px = 14;
};

struct Sizes {
  float command_bar, command_bar_compact, panel_pad, lesson_pad, matrix_head, matrix_row, matrix_row_dense,
      matrix_foot, column_gutter, column_tail, column_gutter_compact, column_tail_compact, column_min,
      card_height, card_height_compact, client_width, client_height, quorum_rail_above_card,
      replication_rail_below_card, event_row, choice, button, button_primary, input, segment, menu_row,
      splitter_grip;
  struct Share {
    float share, min, max;
  } lesson_width, right_width, compact_lesson;
};

struct Motion {
  float state_change, star_handover, dead_hatch, changed_outline, message_min_visible, dropped_visible,
      tooltip_delay;  ///< milliseconds on the screen
  int moving_shapes_max, per_link_per_second_max;
};

struct Tokens {
  Theme dark, light, contrast;
  std::array<TextStyleToken, text_style_count> styles;
  float ui_size_factor = 1.15F;
  float mono_size_factor = 1.0F;
  float baseline_below_centre = 0.355F;
  Sizes sizes{};
  Motion motion{};
};

/// The tokens that this program was built with. Asserts that they are complete.
const Tokens& tokens();

/// Colour and shape of a message kind are one decision: this is the colour; `shapes.h` draws the shape.
/// The cache has no role of its own and takes `text.hi`.
RoleColours kind_colours(const Theme& theme, MessageKind kind);

}  // namespace brokerlab::gui
