#include "gui/panels/canvas.h"

#include "gui/panels/canvas_messages.h"
#include "gui/panels/canvas_nodes.h"
#include "gui/panels/canvas_rails.h"

namespace brokerlab::gui {
namespace {

constexpr std::pair<MessageKind, Phrase> legend[] = {{MessageKind::control, Phrase::kind_control},
                                                     {MessageKind::quorum, Phrase::kind_quorum},
                                                     {MessageKind::replicate, Phrase::kind_replicate},
                                                     {MessageKind::fetch, Phrase::kind_fetch},
                                                     {MessageKind::produce, Phrase::kind_produce}};

/// The panel's title, what this cluster is, and the shapes of the messages with their names.
void draw_title(Ui& ui, const CanvasPanel& panel) {
  const Box& box = panel.layout.canvas;
  const Theme& theme = ui.theme;
  const float y = box.top + 17;
  const float left = box.left + tokens().sizes.panel_pad;
  const float title =
      ui.paint.text(TextStyle::caption_bold, {left, y}, theme.text.mid, ui.say(Phrase::cluster_title));
  float right = box.right - tokens().sizes.panel_pad;
  for (const auto& [kind, name] : legend) {
    const std::string_view word = ui.say(name);
    right -= ui.paint.width(TextStyle::caption, word);
    ui.paint.text(TextStyle::caption, {right, y}, theme.text.low, word);
    right -= 14;
    draw_message(ui.paint, theme, kind, MessageLook::request, {right, y}, theme.bg.canvas, 0.85F);
    right -= 22;
  }
  const std::string count = std::to_string(panel.model.brokers.size());
  const float room = right - left - title - 12;
  const std::string about = ui.fitting(TextStyle::caption, room,
                                       {ui.say(Phrase::cluster_about, {{"n", count}}),
                                        ui.say(Phrase::cluster_about_short, {{"n", count}}), ""});
  ui.label(TextStyle::caption, {left + title + 12, y}, theme.text.low, about, room);
}

void draw_no_clients(Ui& ui, const CanvasPanel& panel) {
  const Box& box = panel.layout.canvas;
  const float left = panel.layout.columns.left_of(0);
  ui.label(TextStyle::body, {left, box.top + 72}, ui.theme.text.low, ui.say(Phrase::no_clients),
           box.right - left - 16);
}

}  // namespace

NodeId canvas(Ui& ui, const CanvasPanel& panel) {
  const Box& box = panel.layout.canvas;
  ui.place("canvas", box);
  ui.paint.region(box, ui.theme.bg.canvas);
  ui.paint.push_clip(box);
  const CanvasPlaces places = place_cluster(ui, panel.model, panel.layout);
  CanvasScene scene{ui, panel.model, panel.view, panel.layout, places, {}};
  draw_rails_and_links(scene);
  if (!panel.layout.is_compact()) draw_title(ui, panel);
  CanvasMessages messages(scene);
  messages.draw_shapes();
  const NodeId right_clicked = draw_nodes(scene);
  draw_quorum_seats(scene);
  messages.draw_tags();
  if (panel.model.clients.empty()) draw_no_clients(ui, panel);
  ui.paint.pop_clip();
  return right_clicked;
}

}  // namespace brokerlab::gui
