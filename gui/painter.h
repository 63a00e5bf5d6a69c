// Drawing in logical pixels on one Dear ImGui draw list: the only place that multiplies by the UI scale.
//
// Edges and text snap to whole pixels at every scale; curves do not. A text stands on a centre line `y`: its
// top is round(y + 0.355 px - ascent).
#pragma once

#include <imgui.h>

#include <span>
#include <string>
#include <string_view>

#include "gui/fonts.h"
#include "gui/geometry.h"
#include "gui/theme.h"

namespace brokerlab::gui {

enum class Align : uint8_t { left, centre, right };

struct Dash {
  float on = 4;
  float off = 4;
};

class Painter {
 public:
  /// `fill_region` is the renderer's callback that clears a clip rectangle to the colour that its user data
  /// points at: large opaque areas cost a clear instead of blended pixels.
  Painter(ImDrawList* list, Fonts& fonts, float scale, ImDrawCallback fill_region)
      : list_(list), fonts_(&fonts), scale_(scale), fill_region_(fill_region) {}

  float scale() const { return scale_; }
  ImDrawList* list() const { return list_; }
  /// The same brush on another list (a menu).
  Painter on(ImDrawList* list) const { return {list, *fonts_, scale_, fill_region_}; }
  Fonts& fonts() const { return *fonts_; }

  /// A big opaque area; `colour` must outlive the frame.
  void region(const Box& box, const Colour& colour);
  void fill(const Box& box, Colour colour, float radius = 0);
  void outline(const Box& box, Colour colour, float width = 1, float radius = 0);
  void dashed_outline(const Box& box, Colour colour, float width, Dash dash, float radius);
  /// Lines at 45 degrees, clipped to the box.
  void hatch(const Box& box, Colour colour, float gap, float width = 1);

  /// Level and upright lines of whole width stay sharp.
  void line(Point from, Point to, Colour colour, float width = 1);
  void dashed(std::span<const Point> points, Colour colour, float width, Dash dash);
  void polyline(std::span<const Point> points, Colour colour, float width, bool is_closed = false);
  void polygon(std::span<const Point> points, Colour colour);  ///< convex, clockwise
  void triangle(Point a, Point b, Point c, Colour colour);

  void disc(Point centre, float radius, Colour colour);
  void half_disc(Point centre, float radius, Colour colour);  ///< the left half
  void ring(Point centre, float radius, Colour colour, float width);
  void dashed_ring(Point centre, float radius, Colour colour, float width, Dash dash);
  /// Degrees, clockwise from the right.
  void arc(Point centre, float radius, float from, float to, Colour colour, float width);

  /// Returns the width. `x` is the left edge, centre or right edge.
  float text(TextStyle style, Point at, Colour colour, std::string_view text, Align align = Align::left);
  /// Shortened with an ellipsis to `width`; says whether something was cut.
  bool elided(TextStyle style, Point at, Colour colour, std::string_view text, float width);
  float width(TextStyle style, std::string_view text) const;
  /// What `elided` shows.
  std::string shortened(TextStyle style, std::string_view text, float width) const;

  void push_clip(const Box& box);
  void pop_clip() { list_->PopClipRect(); }

  /// Logical to screen and back.
  ImVec2 to_screen(Point p) const { return {p.x * scale_, p.y * scale_}; }
  float snapped(float logical) const { return std::round(logical * scale_); }

 private:
  ImVec2 snap(Point p) const { return {snapped(p.x), snapped(p.y)}; }
  float thick(float width) const { return std::max(1.0F, width * scale_); }

  ImDrawList* list_;
  Fonts* fonts_;
  float scale_;
  ImDrawCallback fill_region_;
};

}  // namespace brokerlab::gui
