#include "gui/panels/canvas_rails.h"

namespace brokerlab::gui {
namespace {

class Rails {
 public:
  explicit Rails(CanvasScene& scene)
      : scene_(scene),
        ui_(scene.ui),
        paint_(scene.ui.paint),
        theme_(scene.ui.theme),
        model_(scene.model),
        layout_(scene.layout),
        places_(scene.places),
        box_(scene.layout.canvas) {}

  void draw() {
    draw_columns();
    draw_rails();
    draw_links();
  }

  void draw_seats() {
    for (const SeatModel& seat : model_.quorum.seats) {
      const auto column = places_.column.find(seat.node);
      if (column == places_.column.end()) continue;
      const Point at{column->second, places_.quorum_y};
      draw_seat(paint_, theme_, seat.state, at, band());
      const Point beside = at + Point{18, -13};
      const float room = std::min(layout_.columns.width - 30, box_.right - 8 - beside.x);
      scene_.notes.push_back(Box::around(at, 14, 14));
      if (layout_.is_brief()) continue;
      if (seat.state == SeatState::leader) {
        draw_note(beside, theme_.text.low, std::string(ui_.say(Phrase::active_controller)), room);
      } else if (seat.state == SeatState::candidate && seat.votes_needed > 0) {
        const std::string votes = std::to_string(seat.votes);
        const std::string needed = std::to_string(seat.votes_needed);
        draw_note(beside, theme_[Role::candidate].ink,
                  ui_.fitting(TextStyle::caption, room,
                              {ui_.say(Phrase::candidate_votes, {{"votes", votes}, {"needed", needed}}),
                               ui_.say(Phrase::votes_of_needed, {{"votes", votes}, {"needed", needed}})}),
                  room);
      }
    }
  }

 private:
  Colour band() const { return theme_.bg.canvas.mixed(theme_.bg.panel, 0.5F); }

  void draw_columns() {
    for (int i = 0; i < layout_.columns.count; ++i) {
      const float left = layout_.columns.left_of(i);
      paint_.fill({left + 2, places_.quorum_y - 23, left + layout_.columns.width - 2, box_.bottom}, band());
    }
  }

  void draw_rails() {
    if (model_.brokers.empty()) return;
    const float left = box_.left + (layout_.is_compact() ? 10 : tokens().sizes.panel_pad);
    const float room = layout_.columns.left + layout_.columns.card_inset - left - 6;
    const float first = layout_.columns.centre_of(0);
    const float last = layout_.columns.centre_of(layout_.columns.count - 1);
    const float overhang = layout_.is_compact() ? 0 : 40;
    paint_.line({first - overhang, places_.quorum_y}, {last + overhang, places_.quorum_y},
                theme_.line.strong);
    paint_.line({first, places_.replication_y}, {last, places_.replication_y}, theme_.line.strong);
    ui_.label(TextStyle::caption, {left, places_.quorum_y - 8}, theme_.text.low,
              ui_.say(Phrase::quorum_label), room);
    draw_cuts();
    draw_epoch({left, places_.quorum_y + 9}, room);
    ui_.label(TextStyle::caption, {left, places_.replication_y}, theme_.text.low,
              ui_.say(Phrase::replication_label), room);
  }

  /// Cut connections between two brokers: on both rails, with a cross in the middle.
  void draw_cuts() {
    for (const Fault& fault : model_.faults) {
      const NodeModel* from = model_.find(fault.from);
      const NodeModel* to = model_.find(fault.to);
      if (fault.kind != Fault::Kind::cut || from == nullptr || to == nullptr) continue;
      const auto a = places_.column.find(from->id);
      const auto b = places_.column.find(to->id);
      if (a == places_.column.end() || b == places_.column.end()) continue;
      for (const float y : {places_.quorum_y, places_.replication_y}) {
        const Point ends[] = {{a->second, y + 5}, {b->second, y + 5}};
        paint_.dashed(ends, theme_[Role::lost].ink, 1.5F, {10, 6});
        const Point middle{(a->second + b->second) / 2 - 30, y + 5};
        paint_.disc(middle, 7, theme_.bg.canvas);
        draw_cross(paint_, middle, 3.5F, theme_[Role::lost].ink);
      }
    }
  }

  void draw_epoch(Point at, float room) {
    const QuorumModel& quorum = model_.quorum;
    if (quorum.epoch < 0) return;
    const std::string now = std::to_string(quorum.epoch);
    if (quorum.previous_epoch >= 0) {
      const std::string change = std::to_string(quorum.previous_epoch) + " → " + now;
      ui_.label(TextStyle::caption, at, theme_[Role::candidate].ink,
                ui_.say(Phrase::epoch_n, {{"epoch", change}}), room);
    } else {
      ui_.label(TextStyle::caption, at, theme_.text.mid, ui_.say(Phrase::epoch_n, {{"epoch", now}}), room);
    }
  }

  /// How far a broken link goes: it ends before the quorum's rail, so that its cross stands alone.
  float share_above_rail(const Path& way) const {
    float share = 0.9F;
    while (share > 0.1F && way.at(share).y > places_.quorum_y - 32) share -= 0.02F;
    return share;
  }

  void draw_links() {
    for (const LinkModel& link : model_.links) {
      const auto found = places_.links.find({link.from, link.to});
      if (found == places_.links.end()) continue;
      const Path& way = found->second;
      if (link.is_broken) {
        const float end = share_above_rail(way);
        paint_.dashed(way.piece(0, end), theme_[Role::lost].ink.faded(0.7F), 1, {3, 4});
        draw_cross(paint_, way.at(end + 0.02F), 3, theme_[Role::lost].ink, 1.5F);
      } else {
        paint_.polyline(way.points(), theme_.line.strong, 1);
      }
    }
    for (const auto& [id, card] : places_.cards) {
      const NodeModel* node = model_.find(id);
      const float x = card.centre().x;
      const bool is_gone = node->look == NodeLook::dead;
      const Point up[] = {{x, places_.quorum_y + 10}, {x, card.top}};
      const Point down[] = {{x, card.bottom}, {x, places_.replication_y}};
      if (is_gone) {
        paint_.dashed(up, theme_.line.strong, 1, {2, 3});
        paint_.dashed(down, theme_.line.strong, 1, {2, 3});
        paint_.disc({x, places_.replication_y}, 4, theme_.bg.canvas);
        paint_.ring({x, places_.replication_y}, 3.5F, theme_.line.strong, 1);
      } else {
        paint_.line(up[0], up[1], theme_.line.strong);
        paint_.line(down[0], down[1], theme_.line.strong);
        paint_.disc({x, places_.replication_y}, 3.5F, theme_.line.strong);
      }
    }
  }

  /// Words over the links: what passes behind them is interrupted.
  void draw_note(Point at, Colour ink, const std::string& words, float room) {
    const float wide = std::min(paint_.width(TextStyle::caption, words), room);
    const Box box{at.x - 3, at.y - 8, at.x + wide + 3, at.y + 8};
    paint_.fill(box, band());
    ui_.label(TextStyle::caption, at, ink, words, room);
    scene_.notes.push_back(box);
  }

  CanvasScene& scene_;
  Ui& ui_;
  Painter& paint_;
  const Theme& theme_;
  const WindowModel& model_;
  const Layout& layout_;
  const CanvasPlaces& places_;
  Box box_;
};

}  // namespace

void draw_rails_and_links(CanvasScene& scene) { Rails(scene).draw(); }
void draw_quorum_seats(CanvasScene& scene) { Rails(scene).draw_seats(); }

}  // namespace brokerlab::gui
