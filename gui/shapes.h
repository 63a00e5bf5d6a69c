// The shapes of the window (window.md, section 4; sheet 08): what is drawn about a centre point.
//
// Filled asks, hollow answers; the shape says the kind, in canvas, events, menus and legend alike. Vector
// only: the fonts have no such signs.
#pragma once

#include "gui/painter.h"

namespace brokerlab::gui {

enum class MessageLook : uint8_t { request, response, error, dropped };
/// `behind` is the colour under a hollow shape.
void draw_message(Painter& paint, const Theme& theme, MessageKind kind, MessageLook look, Point centre,
                  Colour behind, float size = 1);

enum class NodeLook : uint8_t { starting, alive, stopping, paused, fenced, cut_off, dead };
void draw_node_icon(Painter& paint, const Theme& theme, NodeLook state, Point centre, float size = 1);
/// Outline and body of a node's card.
void draw_node_body(Painter& paint, const Theme& theme, NodeLook state, const Box& box, float radius);

enum class ReplicaState : uint8_t { leader, in_sync, out_of_sync, catching_up, offline };
Role role_of(ReplicaState state);
void draw_replica_icon(Painter& paint, const Theme& theme, ReplicaState state, Point centre, float size = 1);

enum class SeatState : uint8_t { leader, voter, candidate, gone };
void draw_seat(Painter& paint, const Theme& theme, SeatState state, Point centre, Colour behind);

void draw_star(Painter& paint, Point centre, float radius, Colour colour);
void draw_cross(Painter& paint, Point centre, float half, Colour colour, float width = 2.2F);

/// Icons in a 12 px box, stroke 1.5.
enum class Icon : uint8_t {
  check,
  cross,
  chevron_left,
  chevron_right,
  chevron_down,
  play,
  pause,
  step,
  lock,
  filter,
  bulb,
  partition,
  prompt,
};
void draw_icon(Painter& paint, Icon icon, Point centre, Colour colour);
/// brokerlab's mark: three discs.
void draw_mark(Painter& paint, const Theme& theme, Point centre);

/// What a lesson is speaking of: dashed ring and a numbered disc at the upper right corner.
void draw_spotlight(Painter& paint, const Theme& theme, const Box& box, int number);

}  // namespace brokerlab::gui
