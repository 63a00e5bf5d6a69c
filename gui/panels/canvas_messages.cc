#include "gui/panels/canvas_messages.h"

#include <algorithm>
#include <map>

#include "gui/text/event_words.h"
#include "gui/widgets/button.h"

namespace brokerlab::gui {
namespace {

constexpr int most_tags = 4;

}  // namespace

CanvasMessages::CanvasMessages(CanvasScene& scene)
    : scene_(scene),
      ui_(scene.ui),
      paint_(scene.ui.paint),
      theme_(scene.ui.theme),
      model_(scene.model),
      view_(scene.view),
      places_(scene.places),
      box_(scene.layout.canvas) {}

/// How long its journey takes on the screen, in milliseconds.
double CanvasMessages::shown_ms(const MessageModel& message) const {
  const double lab_ms = static_cast<double>((message.arrives_at - message.sent_at).nanoseconds) / 1e6;
  return model_.clock.speed > 0 ? lab_ms / model_.clock.speed : lab_ms;
}

void CanvasMessages::draw_shapes() {
  std::map<std::pair<NodeId, NodeId>, std::vector<const MessageModel*>> by_link;
  for (const MessageModel& message : model_.messages) by_link[{message.from, message.to}].push_back(&message);
  int shapes = 0;
  for (const auto& [ends, messages] : by_link) {
    std::map<MessageKind, std::vector<const MessageModel*>> brief;
    for (const MessageModel* message : messages) {
      const bool is_still = model_.clock.is_paused || view_.is_motion_reduced;
      const bool is_long = shown_ms(*message) >= tokens().motion.message_min_visible;
      if ((is_still || is_long) && !message->has_arrived && shapes < tokens().motion.moving_shapes_max) {
        draw_shape(*message);
        ++shapes;
      } else {
        brief[message->info.kind].push_back(message);
      }
    }
    float share = 0.42F;  // nearer to the sender: the other direction stays beside it
    for (const auto& [kind, group] : brief) {
      draw_brightening(ends.first, ends.second, kind, group.size(), share);
      share -= 0.16F;
    }
  }
}

/// Too short to be seen as a shape: its link lights up, with a count.
void CanvasMessages::draw_brightening(NodeId from, NodeId to, MessageKind kind, size_t count, float share) {
  const Path way = places_.path(from, to, kind);
  if (way.is_empty()) return;
  const RoleColours colours = kind_colours(theme_, kind);
  paint_.polyline(way.points(), colours.ink.faded(0.45F), 1.5F);
  const Point at = way.at(share);
  draw_message(paint_, theme_, kind, MessageLook::request, at, theme_.bg.canvas, 0.7F);
  if (count > 1) {
    paint_.text(TextStyle::caption, at + Point{10, 0}, theme_.text.mid, "×" + std::to_string(count));
  }
  ui_.is_animating = true;
}

void CanvasMessages::draw_shape(const MessageModel& message) {
  const Path way = places_.path(message.from, message.to, message.info.kind);
  if (way.is_empty()) return;
  const float progress = view_.is_motion_reduced ? 0.5F : message.progress;
  const Point at = way.at(progress);
  const RoleColours colours = kind_colours(theme_, message.info.kind);
  if (!message.is_dropped) {
    constexpr float tail = 0.09F;
    paint_.polyline(way.piece(progress - std::max(tail, 36 / way.length()), progress),
                    colours.ink.faded(0.45F), 2);
  }
  const MessageLook look = message.is_dropped             ? MessageLook::dropped
                           : message.info.error_code != 0 ? MessageLook::error
                           : message.info.is_response     ? MessageLook::response
                                                          : MessageLook::request;
  draw_message(paint_, theme_, message.info.kind, look, at, theme_.bg.canvas);
  const Touch touch = ui_.touch("canvas.message." + std::to_string(message.sent.node.value) + "." +
                                    std::to_string(message.sent.sequence),
                                Box::around(at, 12, 12));
  const bool is_selected_here = view_.selection == Selection{SelectedEvent{message.sent}};
  if (is_selected_here) {
    paint_.ring(at, 12, theme_.chrome.select, 1.5F);
  } else if (touch.is_hovered || view_.hovered == Selection{SelectedEvent{message.sent}}) {
    paint_.ring(at, 12, theme_.chrome.select.faded(0.6F), 1);
  }
  if (touch.is_hovered) view_.hovered = SelectedEvent{message.sent};
  if (touch.is_clicked) view_.selection = SelectedEvent{message.sent};
  shown_.push_back({&message, at, is_selected_here || touch.is_hovered});
  if (!model_.clock.is_paused) ui_.is_animating = true;
}

/// The more a message says, the sooner it gets a tag; polls that bring nothing get none.
int CanvasMessages::weight(const Shown& shown) {
  const MessageInfo& m = shown.message->info;
  if (shown.is_wanted) return 5;
  if (m.error_code != 0) return 4;
  if (m.records > 0 && !m.is_response) return 3;
  if (m.kind == MessageKind::quorum && m.api_key != 1) return 3;
  if (m.records > 0) return 2;
  return m.kind == MessageKind::replicate && !m.is_response ? 1 : 0;
}

void CanvasMessages::draw_tags() {
  std::stable_sort(shown_.begin(), shown_.end(),
                   [](const Shown& a, const Shown& b) { return weight(a) > weight(b); });
  std::vector<Box> taken;
  for (const auto& [id, card] : places_.cards) taken.push_back(card.inset(-10));  // room for a ring around it
  for (const ClientPill& pill : places_.pills) taken.push_back(pill.box);
  taken.insert(taken.end(), scene_.notes.begin(), scene_.notes.end());
  for (const Shown& shown : shown_) taken.push_back(Box::around(shown.at, 8, 8));
  int tags = 0;
  for (const Shown& shown : shown_) {
    if (weight(shown) == 0 || tags == most_tags) break;
    if (draw_tag(shown, taken)) ++tags;
  }
}

bool CanvasMessages::draw_tag(const Shown& shown, std::vector<Box>& taken) {
  const std::string words = message_words(ui_.say, shown.message->info, {}, Detail::tag);
  const float wide = paint_.width(TextStyle::caption, words) + 12;
  const bool is_rail = shown.at.y == places_.replication_y;
  const Point places[] = {{shown.at.x + 14, shown.at.y},
                          {shown.at.x - 14 - wide, shown.at.y},
                          {shown.at.x - wide / 2, shown.at.y + 19},
                          {shown.at.x - wide / 2, shown.at.y - 20}};
  for (size_t i = is_rail ? 2 : 0; i < std::size(places); ++i) {
    const Box box{places[i].x, places[i].y - 9, places[i].x + wide, places[i].y + 9};
    const bool is_inside =
        box.left > box_.left + 4 && box.right < box_.right - 4 && box.bottom < box_.bottom - 2;
    const bool is_free =
        std::none_of(taken.begin(), taken.end(), [&](const Box& other) { return other.overlaps(box); });
    if (!is_inside || !is_free) continue;
    taken.push_back(message_tag(ui_, places[i], words));
    return true;
  }
  return false;
}

}  // namespace brokerlab::gui
