#include "gui/shapes.h"

#include <numbers>

namespace brokerlab::gui {
namespace {

constexpr float hollow_width = 1.75F;

std::vector<Point> regular(Point centre, float radius, int corners, float first_degrees) {
  std::vector<Point> points;
  for (int i = 0; i < corners; ++i) {
    const float angle = (first_degrees + 360.0F * static_cast<float>(i) / static_cast<float>(corners)) *
                        std::numbers::pi_v<float> / 180;
    points.push_back(centre + Point{std::cos(angle), std::sin(angle)} * radius);
  }
  return points;
}

std::vector<Point> plus_outline(Point c, float half, float arm) {
  return {{c.x - arm, c.y - half}, {c.x + arm, c.y - half}, {c.x + arm, c.y - arm},  {c.x + half, c.y - arm},
          {c.x + half, c.y + arm}, {c.x + arm, c.y + arm},  {c.x + arm, c.y + half}, {c.x - arm, c.y + half},
          {c.x - arm, c.y + arm},  {c.x - half, c.y + arm}, {c.x - half, c.y - arm}, {c.x - arm, c.y - arm}};
}

/// The closed outline of a kind; circles, pills and the plus are drawn by their own calls when filled.
std::vector<Point> outline_of(MessageKind kind, Point c, float k) {
  switch (kind) {
    case MessageKind::produce: {
      const float h = 5 * k;
      return {{c.x - h, c.y - h}, {c.x + h, c.y - h}, {c.x + h, c.y + h}, {c.x - h, c.y + h}};
    }
    case MessageKind::quorum: {
      const float h = 7 * k;
      return {{c.x, c.y - h * 0.85F}, {c.x + h * 0.87F, c.y + h * 0.72F}, {c.x - h * 0.87F, c.y + h * 0.72F}};
    }
    case MessageKind::control: {
      const float h = 7 * k;
      return {{c.x, c.y - h}, {c.x + h, c.y}, {c.x, c.y + h}, {c.x - h, c.y}};
    }
    case MessageKind::group:
      return regular(c, 6.6F * k, 6, 0);
    case MessageKind::database: {
      const float w = 8 * k;
      const float h = 4.5F * k;
      const float lean = 3 * k;
      return {{c.x - w + lean, c.y - h}, {c.x + w, c.y - h}, {c.x + w - lean, c.y + h}, {c.x - w, c.y + h}};
    }
    case MessageKind::cache:
      return plus_outline(c, 6 * k, 2 * k);
    case MessageKind::fetch:
      return regular(c, 5.6F * k, 24, 0);
    case MessageKind::replicate:
      break;
  }
  std::vector<Point> pill = regular(c + Point{4 * k, 0}, 4 * k, 24, -90);
  pill.resize(13);
  const std::vector<Point> left = regular(c - Point{4 * k, 0}, 4 * k, 24, 90);
  pill.insert(pill.end(), left.begin(), left.begin() + 13);
  return pill;
}

void fill_message(Painter& paint, MessageKind kind, Point c, float k, Colour colour) {
  switch (kind) {
    case MessageKind::produce:
      paint.fill(Box::around(c, 5 * k, 5 * k), colour);
      break;
    case MessageKind::fetch:
      paint.disc(c, 5.6F * k, colour);
      break;
    case MessageKind::replicate:
      paint.fill(Box::around(c, 8 * k, 4 * k), colour, 4 * k);
      break;
    case MessageKind::cache:
      paint.fill(Box::around(c, 6 * k, 2 * k), colour);
      paint.fill(Box::around(c, 2 * k, 6 * k), colour);
      break;
    default:
      paint.polygon(outline_of(kind, c, k), colour);
  }
}

}  // namespace

void draw_message(Painter& paint, const Theme& theme, MessageKind kind, MessageLook look, Point centre,
                  Colour behind, float size) {
  const RoleColours colours = kind_colours(theme, kind);
  if (look == MessageLook::request || look == MessageLook::dropped) {
    fill_message(paint, kind, centre, size,
                 look == MessageLook::dropped ? colours.fill.faded(0.35F) : colours.fill);
    return;
  }
  fill_message(paint, kind, centre, size, behind);
  if (kind == MessageKind::replicate) {
    paint.outline(Box::around(centre, 8 * size, 4 * size), colours.ink, hollow_width, 4 * size);
  } else if (kind == MessageKind::fetch) {
    paint.ring(centre, 5.6F * size, colours.ink, hollow_width);
  } else if (kind == MessageKind::produce) {
    paint.outline(Box::around(centre, 5.5F * size, 5.5F * size), colours.ink, hollow_width);
  } else {
    paint.polyline(outline_of(kind, centre, size), colours.ink, hollow_width, true);
  }
  if (look == MessageLook::error) {
    const Point strike[] = {centre + Point{-7 * size, 7 * size}, centre + Point{7 * size, -7 * size}};
    paint.polyline(strike, theme[Role::lost].ink, 2);
  }
}

void draw_star(Painter& paint, Point centre, float radius, Colour colour) {
  const std::vector<Point> outer = regular(centre, radius, 5, -90);
  const std::vector<Point> inner = regular(centre, radius * 0.45F, 5, -54);
  for (size_t i = 0; i < 5; ++i) {
    paint.triangle(outer[i], inner[i], inner[(i + 4) % 5], colour);
  }
  paint.polygon(inner, colour);
}

void draw_cross(Painter& paint, Point centre, float half, Colour colour, float width) {
  const Point falling[] = {centre + Point{-half, -half}, centre + Point{half, half}};
  const Point rising[] = {centre + Point{-half, half}, centre + Point{half, -half}};
  paint.polyline(falling, colour, width);
  paint.polyline(rising, colour, width);
}

void draw_node_icon(Painter& paint, const Theme& theme, NodeLook state, Point centre, float size) {
  const Colour lost = theme[Role::lost].ink;
  switch (state) {
    case NodeLook::starting:
      paint.arc(centre, 5 * size, -60, 150, theme[Role::agree].ink, 2);
      break;
    case NodeLook::alive:
      paint.disc(centre, 5.5F * size, theme[Role::agree].fill);
      break;
    case NodeLook::stopping:
      paint.half_disc(centre, 5.5F * size, lost);
      paint.ring(centre, 5.5F * size, lost, 1.5F);
      break;
    case NodeLook::paused:
      for (const float x : {-3.0F, 3.0F}) {
        paint.fill(Box::around(centre + Point{x * size, 0}, 1.5F * size, 5 * size), theme[Role::still].ink);
      }
      break;
    case NodeLook::fenced: {
      paint.ring(centre, 5.5F * size, theme[Role::aside].ink, 1.75F);
      const Point slash[] = {centre + Point{-3.5F, 3.5F} * size, centre + Point{3.5F, -3.5F} * size};
      paint.polyline(slash, theme[Role::aside].ink, 1.75F);
      break;
    }
    case NodeLook::cut_off:
      paint.arc(centre, 5.5F * size, 25, 155, lost, 1.75F);
      paint.arc(centre, 5.5F * size, 205, 335, lost, 1.75F);
      break;
    case NodeLook::dead:
      draw_cross(paint, centre, 4 * size, lost);
      break;
  }
}

void draw_node_body(Painter& paint, const Theme& theme, NodeLook state, const Box& box, float radius) {
  const Colour lost = theme[Role::lost].ink;
  switch (state) {
    case NodeLook::starting:
      paint.fill(box, theme.bg.raised, radius);
      paint.dashed_outline(box, theme.line.strong, 1, {2, 3}, radius);
      break;
    case NodeLook::alive:
      paint.fill(box, theme.bg.raised, radius);
      paint.outline(box, theme.line.strong, 1, radius);
      break;
    case NodeLook::stopping:
      paint.fill(box, theme.bg.raised, radius);
      paint.outline(box, lost, 1.5F, radius);
      break;
    case NodeLook::paused:
      paint.fill(box, theme[Role::still].wash, radius);
      paint.outline(box, theme[Role::still].ink, 1.5F, radius);
      break;
    case NodeLook::fenced:
      paint.fill(box, theme[Role::aside].wash, radius);
      paint.outline(box, theme[Role::aside].ink, 1.5F, radius);
      break;
    case NodeLook::cut_off:
      paint.fill(box, theme.bg.raised, radius);
      paint.dashed_outline(box, lost, 1.5F, {10, 6}, radius);
      break;
    case NodeLook::dead:
      paint.fill(box, theme.bg.canvas, radius);
      paint.hatch(box.inset(1), theme.line.strong.faded(0.55F), 8, 1.25F);
      paint.dashed_outline(box, lost, 1.5F, {5, 4}, radius);
      break;
  }
}

Role role_of(ReplicaState state) {
  switch (state) {
    case ReplicaState::leader:
      return Role::leader;
    case ReplicaState::in_sync:
      return Role::follower;
    case ReplicaState::catching_up:
      return Role::candidate;
    case ReplicaState::out_of_sync:
    case ReplicaState::offline:
      break;
  }
  return Role::lost;
}

void draw_replica_icon(Painter& paint, const Theme& theme, ReplicaState state, Point centre, float size) {
  const RoleColours& colours = theme[role_of(state)];
  switch (state) {
    case ReplicaState::leader:
      draw_star(paint, centre, 7.2F * size, colours.fill);
      break;
    case ReplicaState::in_sync:
      paint.disc(centre, 5.5F * size, colours.fill);
      break;
    case ReplicaState::out_of_sync:
      paint.arc(centre, 5 * size, 45, 315, colours.ink, 2);
      break;
    case ReplicaState::catching_up: {
      paint.arc(centre, 5 * size, 45, 315, colours.ink, 2);
      const Point tip = centre + Point{6.5F, -1} * size;
      paint.triangle(tip, tip + Point{-5.5F, -0.5F} * size, tip + Point{-0.5F, -5.5F} * size, colours.ink);
      break;
    }
    case ReplicaState::offline:
      draw_cross(paint, centre, 4 * size, colours.ink);
      break;
  }
}

void draw_seat(Painter& paint, const Theme& theme, SeatState state, Point centre, Colour behind) {
  paint.disc(centre, 12, behind);
  const auto triangle = [](Point c, float h) {
    return std::vector<Point>{
        {c.x, c.y - h * 0.85F}, {c.x + h * 0.87F, c.y + h * 0.72F}, {c.x - h * 0.87F, c.y + h * 0.72F}};
  };
  switch (state) {
    case SeatState::leader:
      paint.ring(centre, 11, theme[Role::leader].ink, 1.5F);
      draw_star(paint, centre, 7, theme[Role::leader].fill);
      break;
    case SeatState::voter:
      paint.polyline(triangle(centre, 6.5F), theme[Role::still].ink, 1.5F, true);
      break;
    case SeatState::candidate:
      paint.dashed_ring(centre, 13, theme[Role::candidate].ink, 1.5F, {4, 3});
      paint.polygon(triangle(centre, 7), theme[Role::candidate].fill);
      break;
    case SeatState::gone:
      draw_cross(paint, centre, 4, theme[Role::lost].ink);
      break;
  }
}

void draw_icon(Painter& paint, Icon icon, Point c, Colour colour) {
  constexpr float stroke = 1.5F;
  const auto lines = [&](std::initializer_list<Point> offsets, float width) {
    std::vector<Point> points;
    for (const Point o : offsets) points.push_back(c + o);
    paint.polyline(points, colour, width);
  };
  switch (icon) {
    case Icon::check:
      lines({{-4.5F, 0.5F}, {-1.5F, 3.5F}, {4.5F, -3.5F}}, 2);
      break;
    case Icon::cross:
      draw_cross(paint, c, 3, colour, stroke);
      break;
    case Icon::chevron_left:
      lines({{2, -4}, {-2, 0}, {2, 4}}, stroke);
      break;
    case Icon::chevron_right:
      lines({{-2, -3.5F}, {1.5F, 0}, {-2, 3.5F}}, stroke);
      break;
    case Icon::chevron_down:
      lines({{-3.5F, -2}, {0, 1.5F}, {3.5F, -2}}, stroke);
      break;
    case Icon::play:
      paint.triangle(c + Point{-3.5F, -5}, c + Point{5, 0}, c + Point{-3.5F, 5}, colour);
      break;
    case Icon::pause:
      for (const float x : {-2.5F, 2.5F}) paint.fill(Box::around(c + Point{x, 0}, 1.5F, 5), colour);
      break;
    case Icon::step:
      paint.triangle(c + Point{-4.5F, -5}, c + Point{2.5F, 0}, c + Point{-4.5F, 5}, colour);
      paint.fill(Box::around(c + Point{4, 0}, 1, 5), colour);
      break;
    case Icon::lock:
      paint.fill({c.x - 4, c.y - 1, c.x + 4, c.y + 5}, colour, 1);
      paint.arc(c + Point{0, -1}, 2.6F, 180, 360, colour, stroke);
      break;
    case Icon::filter:
      lines({{-5, -4}, {5, -4}, {1, 0.5F}, {1, 4}, {-1, 4}, {-1, 0.5F}, {-5, -4}}, stroke);
      break;
    case Icon::bulb:
      paint.ring(c + Point{0, -1.5F}, 4, colour, stroke);
      lines({{-2, 4}, {2, 4}}, stroke);
      lines({{-1.2F, 6}, {1.2F, 6}}, stroke);
      break;
    case Icon::partition:
      for (int i = 0; i < 3; ++i) {
        const float y = c.y - 5 + static_cast<float>(i) * 3.6F;
        paint.fill({c.x - 5, y, c.x + 5, y + 2.8F}, colour.faded(1 - 0.25F * static_cast<float>(i)));
      }
      break;
    case Icon::prompt:
      paint.outline(Box::around(c, 7, 7), colour, stroke, 3);
      lines({{-3, -3}, {0.5F, 0}, {-3, 3}}, stroke);
      break;
  }
}

void draw_mark(Painter& paint, const Theme& theme, Point centre) {
  paint.disc(centre + Point{-4.5F, 0}, 4.2F, theme[Role::leader].fill);
  paint.disc(centre + Point{5.5F, -4.5F}, 3, theme[Role::follower].fill);
  paint.disc(centre + Point{5.5F, 5}, 3, theme[Role::agree].fill);
}

void draw_spotlight(Painter& paint, const Theme& theme, const Box& box, int number) {
  paint.dashed_outline(box, theme.chrome.select, 1.5F, {5, 4}, 6);
  const Point centre{box.right - 1, box.top};
  paint.disc(centre, 9, theme.chrome.primary);
  paint.text(TextStyle::caption_bold, centre, theme.chrome.on_primary, std::to_string(number), Align::centre);
}

}  // namespace brokerlab::gui
