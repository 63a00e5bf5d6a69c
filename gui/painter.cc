#include "gui/painter.h"

#include <numbers>

#include "gui/imgui_compat.h"

namespace brokerlab::gui {
namespace {

constexpr float radians(float degrees) { return degrees * std::numbers::pi_v<float> / 180; }

std::vector<Point> arc_points(Point centre, float radius, float from, float to, int pieces) {
  std::vector<Point> points;
  for (int i = 0; i <= pieces; ++i) {
    const float angle = radians(from + (to - from) * static_cast<float>(i) / static_cast<float>(pieces));
    points.push_back(centre + Point{std::cos(angle), std::sin(angle)} * radius);
  }
  return points;
}

std::vector<Point> rounded_corners(const Box& box, float radius) {
  if (radius <= 0) {
    return {{box.left, box.top},
            {box.right, box.top},
            {box.right, box.bottom},
            {box.left, box.bottom},
            {box.left, box.top}};
  }
  std::vector<Point> points;
  const struct {
    Point centre;
    float from;
  } corners[] = {{{box.right - radius, box.top + radius}, -90},
                 {{box.right - radius, box.bottom - radius}, 0},
                 {{box.left + radius, box.bottom - radius}, 90},
                 {{box.left + radius, box.top + radius}, 180}};
  for (const auto& corner : corners) {
    const auto arc = arc_points(corner.centre, radius, corner.from, corner.from + 90, 6);
    points.insert(points.end(), arc.begin(), arc.end());
  }
  points.push_back(points.front());
  return points;
}

}  // namespace

void Painter::region(const Box& box, const Colour& colour) {
  push_clip(box);
  list_->AddCallback(fill_region_, const_cast<Colour*>(&colour));
  pop_clip();
}

void Painter::fill(const Box& box, Colour colour, float radius) {
  list_->AddRectFilled(snap({box.left, box.top}), snap({box.right, box.bottom}), colour.abgr,
                       radius * scale_);
}

void Painter::outline(const Box& box, Colour colour, float width, float radius) {
  compat::outline(list_, snap({box.left, box.top}), snap({box.right, box.bottom}), colour.abgr,
                  radius * scale_, thick(width));
}

void Painter::dashed_outline(const Box& box, Colour colour, float width, Dash dash, float radius) {
  dashed(rounded_corners(box.inset(0.5F), radius), colour, width, dash);
}

void Painter::hatch(const Box& box, Colour colour, float gap, float width) {
  push_clip(box);
  for (float x = box.left - box.height() + gap / 2; x < box.right; x += gap) {
    list_->AddLine(to_screen({x, box.bottom}), to_screen({x + box.height(), box.top}), colour.abgr,
                   thick(width));
  }
  pop_clip();
}

void Painter::line(Point from, Point to, Colour colour, float width) {
  const float half = thick(width) / 2;
  if (from.y == to.y) {
    const float y = std::round(from.y * scale_ - half);
    list_->AddRectFilled({snapped(from.x), y}, {snapped(to.x), y + thick(width)}, colour.abgr);
  } else if (from.x == to.x) {
    const float x = std::round(from.x * scale_ - half);
    list_->AddRectFilled({x, snapped(from.y)}, {x + thick(width), snapped(to.y)}, colour.abgr);
  } else {
    const Point points[] = {from, to};
    polyline(points, colour, width);
  }
}

void Painter::dashed(std::span<const Point> points, Colour colour, float width, Dash dash) {
  const Path path({points.begin(), points.end()});
  if (path.length() <= 0) return;
  for (float at = 0; at < path.length(); at += dash.on + dash.off) {
    const float until = std::min(at + dash.on, path.length());
    polyline(path.piece(at / path.length(), until / path.length()), colour, width);
  }
}

void Painter::polyline(std::span<const Point> points, Colour colour, float width, bool is_closed) {
  std::vector<ImVec2> on_screen;
  on_screen.reserve(points.size());
  for (const Point p : points) on_screen.push_back(to_screen(p));
  compat::polyline(list_, on_screen.data(), static_cast<int>(on_screen.size()), colour.abgr, is_closed,
                   thick(width));
}

void Painter::polygon(std::span<const Point> points, Colour colour) {
  std::vector<ImVec2> on_screen;
  for (const Point p : points) on_screen.push_back(to_screen(p));
  list_->AddConvexPolyFilled(on_screen.data(), static_cast<int>(on_screen.size()), colour.abgr);
}

void Painter::triangle(Point a, Point b, Point c, Colour colour) {
  list_->AddTriangleFilled(to_screen(a), to_screen(b), to_screen(c), colour.abgr);
}

void Painter::disc(Point centre, float radius, Colour colour) {
  list_->AddCircleFilled(to_screen(centre), radius * scale_, colour.abgr);
}

void Painter::half_disc(Point centre, float radius, Colour colour) {
  polygon(arc_points(centre, radius, 90, 270, 16), colour);
}

void Painter::ring(Point centre, float radius, Colour colour, float width) {
  list_->AddCircle(to_screen(centre), radius * scale_, colour.abgr, 0, thick(width));
}

void Painter::dashed_ring(Point centre, float radius, Colour colour, float width, Dash dash) {
  dashed(arc_points(centre, radius, -90, 270, 40), colour, width, dash);
}

void Painter::arc(Point centre, float radius, float from, float to, Colour colour, float width) {
  polyline(arc_points(centre, radius, from, to, 24), colour, width);
}

float Painter::width(TextStyle style, std::string_view text) const {
  if (text.empty()) return 0;
  fonts_->need(text);
  const float size = compat::drawn_size(fonts_->size(style) * scale_);
  return fonts_->font(style)->CalcTextSizeA(size, 1e9F, 0, text.data(), text.data() + text.size()).x / scale_;
}

float Painter::text(TextStyle style, Point at, Colour colour, std::string_view text, Align align) {
  if (text.empty()) return 0;
  const float wide = width(style, text);
  if (align == Align::centre) at.x -= wide / 2;
  if (align == Align::right) at.x -= wide;
  ImFont* font = fonts_->font(style);
  const float size = compat::drawn_size(fonts_->size(style) * scale_);
  const float top = std::round(at.y * scale_ + tokens().baseline_below_centre * Fonts::px(style) * scale_ -
                               compat::ascent(font, size));
  list_->AddText(font, size, {snapped(at.x), top}, colour.abgr, text.data(), text.data() + text.size());
  return wide;
}

std::string Painter::shortened(TextStyle style, std::string_view text, float room) const {
  if (width(style, text) <= room) return std::string(text);
  constexpr std::string_view ellipsis = "…";
  std::string kept;
  for_each_code_point(text, [&](uint32_t, std::string_view bytes) {
    if (kept.ends_with(ellipsis)) return;
    const std::string longer = kept + std::string(bytes);
    if (width(style, longer + std::string(ellipsis)) <= room) {
      kept = longer;
    } else {
      while (kept.ends_with(' ')) kept.pop_back();
      kept += ellipsis;
    }
  });
  return kept;
}

bool Painter::elided(TextStyle style, Point at, Colour colour, std::string_view whole, float room) {
  const std::string shown = shortened(style, whole, room);
  text(style, at, colour, shown);
  return shown.size() != whole.size();
}

void Painter::push_clip(const Box& box) {
  list_->PushClipRect(snap({box.left, box.top}), snap({box.right, box.bottom}), true);
}

}  // namespace brokerlab::gui
