#include "gui/panels/canvas.h"

#include <algorithm>
#include <map>

#include "gui/text/event_words.h"
#include "gui/widgets/button.h"

namespace brokerlab::gui {
namespace {

constexpr float clients_below_top = 48;
constexpr float card_bottom_above_edge = 58;
constexpr int most_tags = 4;

/// Where everything of the cluster stands in this frame.
/// A client, or several of one kind folded into one pill where there is little room.
struct Pill {
  std::vector<const NodeModel*> members;
  std::string name;
  std::string detail;
  float width = 0;
  Box box;
  const NodeModel& first() const { return *members.front(); }
};

struct Places {
  std::map<NodeId, Box> cards;
  std::vector<Pill> pills;
  std::map<NodeId, size_t> pill_of;
  std::map<NodeId, float> column;
  std::map<std::pair<NodeId, NodeId>, Path> links;  // from the client to the broker
  float quorum_y = 0;
  float replication_y = 0;
};

bool is_selected(const Selection& selection, NodeId node) {
  const auto* selected = std::get_if<SelectedNode>(&selection);
  return selected != nullptr && selected->node == node;
}

bool is_producer(const NodeModel& client) {
  return client.client() != nullptr && client.client()->role == "producer";
}

/// "pay" of pay-1, pay-2, pay-3.
std::string stem_of(const std::string& name) { return name.substr(0, name.rfind('-')); }

std::string client_detail(const Ui& ui, const NodeModel& client) {
  const ClientView* view = client.client();
  if (view == nullptr) return {};
  if (view->role == "producer") return view->acks < 0 ? "acks=all" : "acks=" + std::to_string(view->acks);
  if (view->positions.size() == 1) {
    return view->positions[0].topic + "-" + std::to_string(view->positions[0].partition);
  }
  return view->topic.empty() ? std::string(ui.say(Phrase::reads_nothing)) : view->topic;
}

class ClusterCanvas {
 public:
  ClusterCanvas(Ui& ui, const CanvasPanel& panel)
      : ui_(ui),
        paint_(ui.paint),
        theme_(ui.theme),
        model_(panel.model),
        view_(panel.view),
        layout_(panel.layout),
        box_(panel.layout.canvas),
        menu_for_(panel.menu_for) {}

  void draw() {
    paint_.region(box_, theme_.bg.canvas);
    paint_.push_clip(box_);
    place_brokers();
    place_clients();
    place_links();
    draw_columns();
    draw_title();
    draw_rails();
    draw_links();
    draw_messages();
    draw_clients();
    draw_cards();
    draw_seats();
    draw_tags();
    if (model_.clients.empty()) draw_no_clients();
    paint_.pop_clip();
  }

 private:
  bool is_compact() const { return layout_.is_compact(); }
  /// Little height: one line for each client, no words on the rail.
  bool is_brief() const { return is_compact() || layout_.is_low(); }

  // ---- places ---------------------------------------------------------------------------------------------

  void place_brokers() {
    const Sizes& sizes = tokens().sizes;
    const float spare = box_.height() - (is_compact() ? 218.0F : 242.0F);  // what is not cards
    const float height = is_compact() ? sizes.card_height_compact
                                      : std::clamp(spare, sizes.card_height_compact, sizes.card_height);
    const float bottom = box_.bottom - (is_brief() ? 46 : card_bottom_above_edge);
    for (size_t i = 0; i < model_.brokers.size(); ++i) {
      const int column = static_cast<int>(i);
      const float left = layout_.columns.left_of(column);
      const NodeId id = model_.brokers[i].id;
      places_.cards[id] = {left + layout_.columns.card_inset, bottom - height,
                           left + layout_.columns.width - layout_.columns.card_inset, bottom};
      places_.column[id] = layout_.columns.centre_of(column);
    }
    places_.quorum_y = bottom - height - sizes.quorum_rail_above_card;
    places_.replication_y = bottom + sizes.replication_rail_below_card;
  }

  void make_pills(bool folds) {
    places_.pills.clear();
    places_.pill_of.clear();
    for (const NodeModel& client : model_.clients) {
      std::vector<Pill>& pills = places_.pills;
      const bool joins = folds && !pills.empty() &&
                         is_producer(pills.back().first()) == is_producer(client) &&
                         stem_of(pills.back().first().name) == stem_of(client.name);
      if (!joins) pills.push_back({{}, client.name, client_detail(ui_, client), 0, {}});
      pills.back().members.push_back(&client);
      places_.pill_of[client.id] = pills.size() - 1;
    }
    for (Pill& pill : places_.pills) {
      if (pill.members.size() > 1) {
        pill.name = stem_of(pill.first().name) + " ×" + std::to_string(pill.members.size());
        pill.detail = pill.first().client() == nullptr ? "" : pill.first().client()->topic;
      }
      const float text = std::max(paint_.width(TextStyle::body_bold, pill.name),
                                  is_brief() ? 0 : paint_.width(TextStyle::caption, pill.detail));
      const float least = is_brief() ? 96 : is_producer(pill.first()) ? tokens().sizes.client_width : 112;
      pill.width = std::max(least, text + 60);
    }
  }

  float gap_before(size_t pill) const {
    if (pill == 0) return 0;
    return is_producer(places_.pills[pill - 1].first()) != is_producer(places_.pills[pill].first()) ? 40 : 16;
  }

  float pills_width() const {
    float whole = 0;
    for (size_t i = 0; i < places_.pills.size(); ++i) whole += gap_before(i) + places_.pills[i].width;
    return whole;
  }

  void place_clients() {
    const float room = box_.width() - 32;
    make_pills(false);
    if (pills_width() > room) make_pills(true);
    const float middle = (layout_.columns.left_of(0) + layout_.columns.tail_left) / 2;
    const float whole = pills_width();
    float x =
        std::clamp(middle - whole / 2, box_.left + 16, std::max(box_.left + 16, box_.right - 16 - whole));
    const float top = box_.top + (is_compact() ? 16.0F : layout_.is_low() ? 36.0F : clients_below_top);
    const float height = is_brief() ? 34 : tokens().sizes.client_height;
    for (size_t i = 0; i < places_.pills.size(); ++i) {
      x += gap_before(i);
      places_.pills[i].box = {x, top, x + places_.pills[i].width, top + height};
      x += places_.pills[i].width;
    }
  }

  /// Lanes of one end, left to right in the order of the other ends, in steps about the middle.
  static std::vector<float> lanes(size_t count, float step, float gap, float limit) {
    std::vector<float> offsets;
    const size_t left = (count + 1) / 2;
    for (size_t i = 0; i < count; ++i) {
      const bool is_left = i < left;
      const auto nth = static_cast<float>(is_left ? left - 1 - i : i - left);
      const float offset = std::min(gap + nth * step, limit);
      offsets.push_back(is_left ? -offset : offset);
    }
    return offsets;
  }

  void place_links() {
    using Ends = std::pair<size_t, NodeId>;  // pill and broker
    std::map<Ends, Point> starts;
    std::map<Ends, Point> ends;
    for (const LinkModel& link : model_.links) {
      const auto pill = places_.pill_of.find(link.from);
      if (pill != places_.pill_of.end() && places_.cards.contains(link.to))
        starts[{pill->second, link.to}] = {};
    }
    for (size_t i = 0; i < places_.pills.size(); ++i) {
      std::vector<Ends> own;
      for (const auto& [key, start] : starts) {
        if (key.first == i) own.push_back(key);
      }
      std::sort(own.begin(), own.end(), [&](const Ends& a, const Ends& b) {
        return places_.column[a.second] < places_.column[b.second];
      });
      const Box& box = places_.pills[i].box;
      for (size_t n = 0; n < own.size(); ++n) {
        const float offset = (static_cast<float>(n) - static_cast<float>(own.size() - 1) / 2) * 24;
        starts[own[n]] = {box.centre().x + offset, box.bottom};
      }
    }
    for (const auto& [broker, card] : places_.cards) {
      std::vector<Ends> own;
      for (const auto& [key, start] : starts) {
        if (key.second == broker) own.push_back(key);
      }
      std::sort(own.begin(), own.end(),
                [&](const Ends& a, const Ends& b) { return starts[a].x < starts[b].x; });
      const float limit = card.width() / 2 - 8;
      const std::vector<float> offsets =
          lanes(own.size(), own.size() > 4 ? 16 : 20, own.size() <= 2 ? 40 : 24, limit);
      for (size_t n = 0; n < own.size(); ++n) ends[own[n]] = {card.centre().x + offsets[n], card.top};
    }
    for (const LinkModel& link : model_.links) {
      const auto pill = places_.pill_of.find(link.from);
      if (pill == places_.pill_of.end() || !ends.contains({pill->second, link.to})) continue;
      const Ends key{pill->second, link.to};
      places_.links[{link.from, link.to}] = Path::between_client_and_broker(starts[key], ends[key]);
    }
  }

  /// The way between two nodes; empty when there is none to draw.
  Path path(NodeId from, NodeId to, MessageKind kind) const {
    if (const auto link = places_.links.find({from, to}); link != places_.links.end()) return link->second;
    if (const auto link = places_.links.find({to, from}); link != places_.links.end()) {
      return link->second.reversed();
    }
    const auto a = places_.column.find(from);
    const auto b = places_.column.find(to);
    if (from == to || a == places_.column.end() || b == places_.column.end()) return {};
    const float y = kind == MessageKind::replicate ? places_.replication_y : places_.quorum_y;
    return Path({{a->second, y}, {b->second, y}});
  }

  // ---- drawing --------------------------------------------------------------------------------------------

  void draw_title() {
    if (is_compact()) return;
    const float y = box_.top + 17;
    const float left = box_.left + tokens().sizes.panel_pad;
    const float title =
        paint_.text(TextStyle::caption_bold, {left, y}, theme_.text.mid, ui_.say(Phrase::cluster_title));
    float right = box_.right - tokens().sizes.panel_pad;
    constexpr MessageKind kinds[] = {MessageKind::control, MessageKind::quorum, MessageKind::replicate,
                                     MessageKind::fetch, MessageKind::produce};
    for (const MessageKind kind : kinds) {
      const std::string_view word = ui_.say(kind_word(kind));
      right -= paint_.width(TextStyle::caption, word);
      paint_.text(TextStyle::caption, {right, y}, theme_.text.low, word);
      right -= 14;
      draw_message(paint_, theme_, kind, MessageLook::request, {right, y}, theme_.bg.canvas, 0.85F);
      right -= 22;
    }
    const std::string count = std::to_string(model_.brokers.size());
    const float room = right - left - title - 12;
    const std::string about = ui_.fitting(TextStyle::caption, room,
                                          {ui_.say(Phrase::cluster_about, {{"n", count}}),
                                           ui_.say(Phrase::cluster_about_short, {{"n", count}}), ""});
    ui_.label(TextStyle::caption, {left + title + 12, y}, theme_.text.low, about, room);
  }

 public:
  static Phrase kind_word(MessageKind kind) {
    switch (kind) {
      case MessageKind::produce:
        return Phrase::kind_produce;
      case MessageKind::fetch:
        return Phrase::kind_fetch;
      case MessageKind::replicate:
        return Phrase::kind_replicate;
      case MessageKind::quorum:
        return Phrase::kind_quorum;
      case MessageKind::control:
        return Phrase::kind_control;
      case MessageKind::group:
        return Phrase::kind_group;
      case MessageKind::cache:
        return Phrase::kind_cache;
      case MessageKind::database:
        break;
    }
    return Phrase::kind_database;
  }

 private:
  void draw_columns() {
    const Colour band = theme_.bg.canvas.mixed(theme_.bg.panel, 0.5F);
    for (int i = 0; i < layout_.columns.count; ++i) {
      const float left = layout_.columns.left_of(i);
      paint_.fill({left + 2, places_.quorum_y - 23, left + layout_.columns.width - 2, box_.bottom}, band);
    }
  }

  void draw_rails() {
    if (model_.brokers.empty()) return;
    const float left = box_.left + (is_compact() ? 10 : tokens().sizes.panel_pad);
    const float room = layout_.columns.left + layout_.columns.card_inset - left - 6;
    const float first = layout_.columns.centre_of(0);
    const float last = layout_.columns.centre_of(layout_.columns.count - 1);
    const float overhang = is_compact() ? 0 : 40;
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

  /// How long its journey takes on the screen, in milliseconds.
  double shown_ms(const MessageModel& message) const {
    const double lab_ms = static_cast<double>((message.arrives_at - message.sent_at).nanoseconds) / 1e6;
    return model_.clock.speed > 0 ? lab_ms / model_.clock.speed : lab_ms;
  }

  void draw_messages() {
    std::map<std::pair<NodeId, NodeId>, std::vector<const MessageModel*>> by_link;
    for (const MessageModel& message : model_.messages)
      by_link[{message.from, message.to}].push_back(&message);
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
      for (const auto& [kind, group] : brief) draw_brightening(ends.first, ends.second, kind, group.size());
    }
  }

  /// Too short to be seen as a shape: its link lights up, with a count.
  void draw_brightening(NodeId from, NodeId to, MessageKind kind, size_t count) {
    const Path way = path(from, to, kind);
    if (way.is_empty()) return;
    const RoleColours colours = kind_colours(theme_, kind);
    paint_.polyline(way.points(), colours.ink.faded(0.45F), 1.5F);
    const Point middle = way.at(0.5F);
    draw_message(paint_, theme_, kind, MessageLook::request, middle, theme_.bg.canvas, 0.7F);
    if (count > 1) {
      paint_.text(TextStyle::caption, middle + Point{10, 0}, theme_.text.mid, "×" + std::to_string(count));
    }
    ui_.is_animating = true;
  }

  void draw_shape(const MessageModel& message) {
    const Path way = path(message.from, message.to, message.info.kind);
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
    if (touch.is_clicked) select(SelectedEvent{message.sent});
    shown_.push_back({&message, at, is_selected_here || touch.is_hovered});
    if (!model_.clock.is_paused) ui_.is_animating = true;
  }

  // ---- words beside messages ------------------------------------------------------------------------------

  struct Shown {
    const MessageModel* message;
    Point at;
    bool is_wanted;
  };

  /// The more a message says, the sooner it gets a tag; polls that bring nothing get none.
  static int weight(const Shown& shown) {
    const MessageInfo& m = shown.message->info;
    if (shown.is_wanted) return 5;
    if (m.error_code != 0) return 4;
    if (m.records > 0 && !m.is_response) return 3;
    if (m.kind == MessageKind::quorum && m.api_key != 1) return 3;
    if (m.records > 0) return 2;
    return m.kind == MessageKind::replicate && !m.is_response ? 1 : 0;
  }

  void draw_tags() {
    std::stable_sort(shown_.begin(), shown_.end(),
                     [](const Shown& a, const Shown& b) { return weight(a) > weight(b); });
    std::vector<Box> taken;
    for (const auto& [id, card] : places_.cards) taken.push_back(card);
    for (const Pill& pill : places_.pills) taken.push_back(pill.box);
    taken.insert(taken.end(), notes_.begin(), notes_.end());
    for (const Shown& shown : shown_) taken.push_back(Box::around(shown.at, 8, 8));
    int tags = 0;
    for (const Shown& shown : shown_) {
      if (weight(shown) == 0 || tags == most_tags) break;
      if (draw_tag(shown, taken)) ++tags;
    }
  }

  bool draw_tag(const Shown& shown, std::vector<Box>& taken) {
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

  // ---- clients, cards, seats ------------------------------------------------------------------------------

  void draw_clients() {
    for (const Pill& pill : places_.pills) {
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
      if (is_brief()) {
        paint_.elided(TextStyle::body_bold, {x, y}, theme_.text.hi, pill.name, room);
      } else {
        paint_.elided(TextStyle::body_bold, {x, y - 6}, theme_.text.hi, pill.name, room);
        paint_.elided(TextStyle::caption, {x, y + 9}, theme_.text.low, pill.detail, room);
      }
      point_at(touch, client.id, box, box.height() / 2);
    }
  }

  void point_at(const Touch& touch, NodeId id, const Box& box, float radius) {
    if (touch.is_hovered) view_.hovered = SelectedNode{id};
    if (touch.is_clicked) select(SelectedNode{id});
    const bool selected = is_selected(view_.selection, id);
    if (selected || is_selected(view_.hovered, id)) {
      paint_.outline(box.inset(-4), selected ? theme_.chrome.select : theme_.chrome.select.faded(0.5F),
                     selected ? 1.5F : 1, radius + 4);
    }
  }

  void draw_cards() {
    for (const NodeModel& broker : model_.brokers) {
      const Box& card = places_.cards[broker.id];
      const Touch touch = ui_.touch("canvas." + broker.name, card);
      draw_node_body(paint_, theme_, broker.look, card, 6);
      if (touch.is_hovered && broker.look == NodeLook::alive) {
        paint_.outline(card, theme_.text.low, 1, 6);
      }
      draw_card_text(broker, card);
      point_at(touch, broker.id, card, 6);
      if (touch.is_right_clicked && menu_for_ != nullptr) {
        *menu_for_ = broker.id;
        select(SelectedNode{broker.id});
      }
    }
  }

  void draw_card_text(const NodeModel& broker, const Box& card) {
    const bool is_gone = broker.look == NodeLook::dead;
    const float y = card.top + 19;
    draw_node_icon(paint_, theme_, broker.look, {card.left + 18, y});
    paint_.text(TextStyle::body_bold, {card.left + 32, y}, is_gone ? theme_.text.mid : theme_.text.hi,
                broker.name);
    if (broker.port != 0 && !is_compact()) {
      paint_.text(TextStyle::mono_small, {card.right - 14, y}, theme_.text.low,
                  ":" + std::to_string(broker.port), Align::right);
    }
    if (!is_gone)
      paint_.line({card.left + 12, card.top + 36}, {card.right - 12, card.top + 36}, theme_.line.soft);
    if (is_gone || broker.look == NodeLook::paused || broker.look == NodeLook::starting ||
        broker.look == NodeLook::stopping || broker.look == NodeLook::fenced ||
        broker.look == NodeLook::cut_off) {
      draw_card_state(broker, card);
    }
    if (!is_gone) draw_card_rows(broker, card);
  }

  void draw_card_state(const NodeModel& broker, const Box& card) {
    const bool is_lost = broker.look == NodeLook::dead || broker.look == NodeLook::cut_off ||
                         broker.look == NodeLook::stopping;
    const Colour ink = is_lost                           ? theme_[Role::lost].ink
                       : broker.look == NodeLook::fenced ? theme_[Role::aside].ink
                                                         : theme_.text.mid;
    std::string words(ui_.say(look_word(broker.look)));
    if (broker.look == NodeLook::dead) {
      const int64_t tenths = (model_.clock.now - broker.changed_at).nanoseconds / 100'000'000;
      words = ui_.say(Phrase::stopped_ago,
                      {{"n", std::to_string(tenths / 10) + "." + std::to_string(tenths % 10)}});
      words = ui_.fitting(TextStyle::caption, card.width() - 28,
                          {words, std::string(ui_.say(Phrase::look_dead))});
      const float wide = paint_.width(TextStyle::caption, words);
      const Point at{card.left + 18, card.bottom - (card.height() > 90 ? 23.0F : 17.0F)};
      paint_.fill({at.x - 4, at.y - 9, at.x + wide + 4, at.y + 9}, theme_.bg.canvas);
      ui_.label(TextStyle::caption, at, ink, words, card.width() - 22);
      return;
    }
    ui_.label(TextStyle::caption, {card.right - 14, card.top + 19}, ink, words, card.width() * 0.45F,
              Align::right);
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
      const std::string end =
          cell->log_end_offset >= 0 && !is_compact() && !is_last ? std::to_string(cell->log_end_offset) : "";
      paint_.text(TextStyle::mono_small, {card.right - 14, y}, is_new ? ink : theme_.text.hi, end,
                  Align::right);
      paint_.elided(TextStyle::caption, {card.left + 32, y}, ink, name,
                    card.width() - 50 - paint_.width(TextStyle::mono_small, end));
    }
  }

  void draw_seats() {
    for (const SeatModel& seat : model_.quorum.seats) {
      const auto column = places_.column.find(seat.node);
      if (column == places_.column.end()) continue;
      const Point at{column->second, places_.quorum_y};
      draw_seat(paint_, theme_, seat.state, at, theme_.bg.canvas.mixed(theme_.bg.panel, 0.5F));
      const Point beside = at + Point{18, -13};
      const float room = std::min(layout_.columns.width - 30, box_.right - 8 - beside.x);
      notes_.push_back(Box::around(at, 14, 14));
      if (is_brief()) continue;
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

  void draw_note(Point at, Colour ink, const std::string& words, float room) {
    const float wide = ui_.label(TextStyle::caption, at, ink, words, room);
    notes_.push_back({at.x, at.y - 8, at.x + wide, at.y + 8});
  }

  void draw_no_clients() {
    const float y = box_.top + clients_below_top + 24;
    const float left = layout_.columns.left_of(0);
    ui_.label(TextStyle::body, {left, y}, theme_.text.low, ui_.say(Phrase::no_clients),
              box_.right - left - 16);
  }

  void select(Selection selection) { view_.selection = std::move(selection); }

  Ui& ui_;
  Painter& paint_;
  const Theme& theme_;
  const WindowModel& model_;
  ViewData& view_;
  const Layout& layout_;
  Box box_;
  NodeId* menu_for_;
  Places places_;
  std::vector<Shown> shown_;
  std::vector<Box> notes_;  ///< words that no tag may cover
};

}  // namespace

void canvas(Ui& ui, const CanvasPanel& panel) {
  ui.place("canvas", panel.layout.canvas);
  ClusterCanvas(ui, panel).draw();
}

}  // namespace brokerlab::gui
