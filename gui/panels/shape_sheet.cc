#include "gui/panels/shape_sheet.h"

namespace brokerlab::gui {
namespace {

struct Sheet {
  Ui& ui;
  Painter& paint;
  const Theme& theme;
  float left;

  void heading(float y, Phrase title, std::string_view about) {
    const float wide = paint.text(TextStyle::caption_bold, {left, y}, theme.text.mid, ui.say(title));
    paint.text(TextStyle::caption, {left + wide + 11, y}, theme.text.low, about);
  }

  void node_states(float top) {
    constexpr std::pair<NodeLook, Phrase> states[] = {
        {NodeLook::starting, Phrase::look_starting}, {NodeLook::alive, Phrase::look_alive},
        {NodeLook::stopping, Phrase::look_stopping}, {NodeLook::paused, Phrase::look_paused},
        {NodeLook::fenced, Phrase::look_fenced},     {NodeLook::cut_off, Phrase::look_cut_off},
        {NodeLook::dead, Phrase::look_dead}};
    float x = left;
    for (const auto& [look, word] : states) {
      const Box box{x, top, x + 100, top + 52};
      draw_node_body(paint, theme, look, box, 6);
      draw_node_icon(paint, theme, look, {x + 18, top + 17});
      paint.text(TextStyle::body_bold, {x + 34, top + 17}, theme.text.hi, "kafka2");
      const Colour ink = look == NodeLook::dead ? theme[Role::lost].ink : theme.text.mid;
      paint.text(TextStyle::caption, {x + 14, top + 39}, ink, ui.say(word));
      x += 108;
    }
  }

  void replicas_and_seats(float y) {
    constexpr std::pair<ReplicaState, Phrase> states[] = {
        {ReplicaState::leader, Phrase::replica_leader},
        {ReplicaState::in_sync, Phrase::replica_in_sync},
        {ReplicaState::out_of_sync, Phrase::replica_out_of_sync},
        {ReplicaState::catching_up, Phrase::replica_catching_up},
        {ReplicaState::offline, Phrase::replica_offline}};
    float x = left + 7;
    for (const auto& [state, word] : states) {
      draw_replica_icon(paint, theme, state, {x, y});
      x += 14 + paint.text(TextStyle::body, {x + 14, y}, theme.text.hi, ui.say(word)) + 28;
    }
    x += 8;
    for (const auto& [state, word] :
         {std::pair{SeatState::candidate, Phrase::seat_candidate}, {SeatState::voter, Phrase::seat_voter}}) {
      draw_seat(paint, theme, state, {x, y}, theme.bg.panel);
      x += 20 + paint.text(TextStyle::body, {x + 20, y}, theme.text.hi, ui.say(word)) + 34;
    }
  }

  void messages(float top) {
    constexpr Phrase words[] = {Phrase::kind_produce, Phrase::kind_fetch,   Phrase::kind_replicate,
                                Phrase::kind_quorum,  Phrase::kind_control, Phrase::kind_group,
                                Phrase::kind_cache,   Phrase::kind_database};
    for (int i = 0; i < 8; ++i) {
      const float x = left + 188 * static_cast<float>(i % 4);
      const float y = top + 30 * static_cast<float>(i / 4);
      paint.text(TextStyle::caption, {x, y}, theme.text.mid, ui.say(words[i]));
      float at = x + 70;
      for (const MessageLook look :
           {MessageLook::request, MessageLook::response, MessageLook::error, MessageLook::dropped}) {
        draw_message(paint, theme, static_cast<MessageKind>(i), look, {at, y}, theme.bg.panel);
        at += 26;
      }
    }
  }
};

}  // namespace

void shape_sheet(Ui& ui, const Box& box) {
  ui.place("sheet", box);
  ui.paint.region(box, ui.theme.bg.panel);
  Sheet sheet{ui, ui.paint, ui.theme, box.left + 24};
  sheet.heading(box.top + 28, Phrase::sheet_nodes, ui.say(Phrase::sheet_nodes_about));
  sheet.node_states(box.top + 44);
  sheet.heading(box.top + 122, Phrase::sheet_replicas, {});
  sheet.replicas_and_seats(box.top + 150);
  sheet.heading(box.top + 186, Phrase::sheet_messages, ui.say(Phrase::sheet_messages_about));
  sheet.messages(box.top + 214);
}

}  // namespace brokerlab::gui
