#include "gui/panels/canvas_nodes.h"

#include <algorithm>

namespace brokerlab::gui {
namespace {

bool is_selected(const Selection& selection, NodeId node) {
  const auto* selected = std::get_if<SelectedNode>(&selection);
  return selected != nullptr && selected->node == node;
}

class Nodes {
 public:
  explicit Nodes(CanvasScene& scene)
      : ui_(scene.ui),
        paint_(scene.ui.paint),
        theme_(scene.ui.theme),
        model_(scene.model),
        view_(scene.view),
        layout_(scene.layout),
        places_(scene.places) {}

  void draw_clients() {
    for (const ClientPill& pill : places_.pills) {
      const Box& box = pill.box;
      const NodeModel& client = pill.first();
      const Touch touch = ui_.touch("canvas." + client.name, box);
      for (const NodeModel* member : pill.members) ui_.place("canvas." + member->name, box);
      paint_.fill(box, touch.is_hovered ? theme_.bg.active : theme_.bg.raised, box.height() / 2);
      if (client.look == NodeLook::dead) {
        paint_.dashed_outline(box, theme_[Role::lost].ink, 1.5F, {5, 4}, box.height() / 2 - 1);
      } else {
        paint_.outline(box, theme_.line.strong, 1, box.height() / 2);
      }
      const Point icon{box.left + 22, box.centre().y};
      if (client.look == NodeLook::alive) {
        draw_message(paint_, theme_, is_producer(client) ? MessageKind::produce : MessageKind::fetch,
                     MessageLook::request, icon, theme_.bg.raised, 1.15F);
      } else {
        draw_node_icon(paint_, theme_, client.look, icon);
      }
      const float x = box.left + 38;
      const float y = box.centre().y;
      const float room = box.right - 10 - x;
      if (layout_.is_brief()) {
        paint_.elided(TextStyle::body_bold, {x, y}, theme_.text.hi, pill.name, room);
      } else {
        paint_.elided(TextStyle::body_bold, {x, y - 6}, theme_.text.hi, pill.name, room);
        paint_.elided(TextStyle::caption, {x, y + 9}, theme_.text.low, pill.detail, room);
      }
      point_at(touch, client.id, box, box.height() / 2);
    }
  }

  NodeId draw_cards() {
    NodeId menu_for = no_node;
    for (const NodeModel& broker : model_.brokers) {
      const Box& card = places_.cards.at(broker.id);
      const Touch touch = ui_.touch("canvas." + broker.name, card);
      draw_node_body(paint_, theme_, broker.look, card, 6);
      if (touch.is_hovered && broker.look == NodeLook::alive) {
        paint_.outline(card, theme_.text.low, 1, 6);
      }
      draw_card_text(broker, card);
      point_at(touch, broker.id, card, 6);
      if (touch.is_right_clicked) {
        menu_for = broker.id;
        view_.selection = SelectedNode{broker.id};
      }
    }
    return menu_for;
  }

 private:
  void point_at(const Touch& touch, NodeId id, const Box& box, float radius) {
    if (touch.is_hovered) view_.hovered = SelectedNode{id};
    if (touch.is_clicked) view_.selection = SelectedNode{id};
    const bool selected = is_selected(view_.selection, id);
    if (selected || is_selected(view_.hovered, id)) {
      paint_.outline(box.inset(-4), selected ? theme_.chrome.select : theme_.chrome.select.faded(0.5F),
                     selected ? 1.5F : 1, radius + 4);
    }
  }

  void draw_card_text(const NodeModel& broker, const Box& card) {
    const bool is_gone = broker.look == NodeLook::dead;
    const float y = card.top + 19;
    draw_node_icon(paint_, theme_, broker.look, {card.left + 18, y});
    paint_.text(TextStyle::body_bold, {card.left + 32, y}, is_gone ? theme_.text.mid : theme_.text.hi,
                broker.name);
    if (broker.look == NodeLook::alive || is_gone) {
      draw_port(broker, {card.right - 14, y});
    } else {
      draw_card_state(broker, card);
    }
    if (is_gone) {
      draw_stopped_since(broker, card);
    } else {
      paint_.line({card.left + 12, card.top + 36}, {card.right - 12, card.top + 36}, theme_.line.soft);
      draw_card_rows(broker, card);
    }
  }

  void draw_port(const NodeModel& broker, Point right) {
    if (broker.port == 0 || layout_.is_compact()) return;
    paint_.text(TextStyle::mono_small, right, theme_.text.low, ":" + std::to_string(broker.port),
                Align::right);
  }

  /// In the place of the port: what is not as usual. In a narrow card icon and outline say it alone.
  void draw_card_state(const NodeModel& broker, const Box& card) {
    const bool is_lost = broker.look == NodeLook::cut_off || broker.look == NodeLook::stopping;
    const Colour ink = is_lost                           ? theme_[Role::lost].ink
                       : broker.look == NodeLook::fenced ? theme_[Role::aside].ink
                                                         : theme_.text.mid;
    const float room = card.width() - 32 - 14 - 6 - paint_.width(TextStyle::body_bold, broker.name);
    const std::string word =
        ui_.fitting(TextStyle::caption, room, {std::string(ui_.say(look_word(broker.look))), ""});
    paint_.text(TextStyle::caption, {card.right - 14, card.top + 19}, ink, word, Align::right);
  }

  void draw_stopped_since(const NodeModel& broker, const Box& card) {
    const int64_t tenths = (model_.clock.now - broker.changed_at).nanoseconds / 100'000'000;
    const std::string since = std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
    const std::string words =
        ui_.fitting(TextStyle::caption, card.width() - 28,
                    {ui_.say(Phrase::stopped_ago, {{"n", since}}), std::string(ui_.say(Phrase::look_dead))});
    const Point at{card.left + 18, card.bottom - (card.height() > 90 ? 23.0F : 17.0F)};
    paint_.fill({at.x - 4, at.y - 9, at.x + paint_.width(TextStyle::caption, words) + 4, at.y + 9},
                theme_.bg.canvas);
    ui_.label(TextStyle::caption, at, theme_[Role::lost].ink, words, card.width() - 22);
  }

  static Phrase look_word(NodeLook look) {
    switch (look) {
      case NodeLook::starting:
        return Phrase::look_starting;
      case NodeLook::alive:
        return Phrase::look_alive;
      case NodeLook::stopping:
        return Phrase::look_stopping;
      case NodeLook::paused:
        return Phrase::look_paused;
      case NodeLook::fenced:
        return Phrase::look_fenced;
      case NodeLook::cut_off:
        return Phrase::look_cut_off;
      case NodeLook::dead:
        break;
    }
    return Phrase::look_dead;
  }

  void draw_card_rows(const NodeModel& broker, const Box& card) {
    const KafkaView* view = broker.kafka();
    if (view == nullptr) return;
    struct Row {
      const PartitionModel* partition;
      const ReplicaModel* cell;
    };
    std::vector<Row> rows;
    for (const PartitionModel& partition : model_.partitions) {
      for (const ReplicaModel& cell : partition.cells) {
        if (cell.broker == view->node_id) rows.push_back({&partition, &cell});
      }
    }
    std::stable_partition(rows.begin(), rows.end(),
                          [](const Row& row) { return row.cell->state == ReplicaState::leader; });
    const auto room = static_cast<size_t>((card.height() - 46) / 22);
    for (size_t i = 0; i < std::min(rows.size(), room); ++i) {
      const float y = card.top + 52 + 22 * static_cast<float>(i);
      const auto& [partition, cell] = rows[i];
      draw_replica_icon(paint_, theme_, cell->state, {card.left + 18, y}, 0.95F);
      const bool is_new = cell->state == ReplicaState::leader && partition->leader_epoch > 0 &&
                          partition->led_since &&
                          model_.clock.now - *partition->led_since < milliseconds(1500);
      const bool is_last = i + 1 == room && rows.size() > room && room > 1;
      const Colour ink = is_new ? theme_[Role::leader].ink : theme_.text.mid;
      const std::string name = is_last
                                   ? ui_.say(Phrase::n_more, {{"n", std::to_string(rows.size() - room + 1)}})
                                   : partition->name();
      const std::string end = cell->log_end_offset >= 0 && !layout_.is_compact() && !is_last
                                  ? std::to_string(cell->log_end_offset)
                                  : "";
      paint_.text(TextStyle::mono_small, {card.right - 14, y}, is_new ? ink : theme_.text.hi, end,
                  Align::right);
      paint_.elided(TextStyle::caption, {card.left + 32, y}, ink, name,
                    card.width() - 50 - paint_.width(TextStyle::mono_small, end));
    }
  }

  Ui& ui_;
  Painter& paint_;
  const Theme& theme_;
  const WindowModel& model_;
  ViewData& view_;
  const Layout& layout_;
  const CanvasPlaces& places_;
};

}  // namespace

NodeId draw_nodes(CanvasScene& scene) {
  Nodes nodes(scene);
  nodes.draw_clients();
  return nodes.draw_cards();
}

}  // namespace brokerlab::gui
