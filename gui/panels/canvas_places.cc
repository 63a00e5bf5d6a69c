#include "gui/panels/canvas_places.h"

#include <algorithm>

namespace brokerlab::gui {
namespace {

constexpr float clients_below_top = 48;
constexpr float card_bottom_above_edge = 58;

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

class Placing {
 public:
  Placing(const Ui& ui, const WindowModel& model, const Layout& layout)
      : ui_(ui), paint_(ui.paint), model_(model), layout_(layout), box_(layout.canvas) {}

  CanvasPlaces place() {
    place_brokers();
    place_clients();
    place_links();
    return std::move(places_);
  }

 private:
  void place_brokers() {
    const Sizes& sizes = tokens().sizes;
    const float spare = box_.height() - (layout_.is_compact() ? 218.0F : 242.0F);  // what is not cards
    const float height = layout_.is_compact()
                             ? sizes.card_height_compact
                             : std::clamp(spare, sizes.card_height_compact, sizes.card_height);
    const float bottom = box_.bottom - (layout_.is_brief() ? 46 : card_bottom_above_edge);
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
      std::vector<ClientPill>& pills = places_.pills;
      const bool joins = folds && !pills.empty() &&
                         is_producer(pills.back().first()) == is_producer(client) &&
                         stem_of(pills.back().first().name) == stem_of(client.name);
      if (!joins) pills.push_back({{}, client.name, client_detail(ui_, client), 0, {}});
      pills.back().members.push_back(&client);
      places_.pill_of[client.id] = pills.size() - 1;
    }
    for (ClientPill& pill : places_.pills) {
      if (pill.members.size() > 1) {
        pill.name = stem_of(pill.first().name) + " ×" + std::to_string(pill.members.size());
        pill.detail = pill.first().client() == nullptr ? "" : pill.first().client()->topic;
      }
      const float text = std::max(paint_.width(TextStyle::body_bold, pill.name),
                                  layout_.is_brief() ? 0 : paint_.width(TextStyle::caption, pill.detail));
      const float least = layout_.is_brief()          ? 96
                          : is_producer(pill.first()) ? tokens().sizes.client_width
                                                      : 112;
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
    const float top = box_.top + (layout_.is_compact() ? 16.0F
                                  : layout_.is_low()   ? 36.0F
                                                       : clients_below_top);
    const float height = layout_.is_brief() ? 34 : tokens().sizes.client_height;
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

  const Ui& ui_;
  const Painter& paint_;
  const WindowModel& model_;
  const Layout& layout_;
  Box box_;
  CanvasPlaces places_;
};

}  // namespace

bool is_producer(const NodeModel& client) {
  return client.client() != nullptr && client.client()->role == "producer";
}

Path CanvasPlaces::path(NodeId from, NodeId to, MessageKind kind) const {
  if (const auto link = links.find({from, to}); link != links.end()) return link->second;
  if (const auto link = links.find({to, from}); link != links.end()) {
    return link->second.reversed();
  }
  const auto a = column.find(from);
  const auto b = column.find(to);
  if (from == to || a == column.end() || b == column.end()) return {};
  const float y = kind == MessageKind::replicate ? replication_y : quorum_y;
  return Path({{a->second, y}, {b->second, y}});
}

CanvasPlaces place_cluster(const Ui& ui, const WindowModel& model, const Layout& layout) {
  return Placing(ui, model, layout).place();
}

}  // namespace brokerlab::gui
