#include "gui/panels/events.h"

#include "gui/event_filter.h"
#include "gui/text/event_words.h"
#include "gui/widgets/text_field.h"

namespace brokerlab::gui {
namespace {

constexpr MessageKind filter_kinds[] = {MessageKind::produce, MessageKind::fetch, MessageKind::replicate,
                                        MessageKind::quorum, MessageKind::control};

class EventList {
 public:
  EventList(Ui& ui, const EventsPanel& panel)
      : ui_(ui),
        paint_(ui.paint),
        theme_(ui.theme),
        model_(panel.model),
        view_(panel.view),
        box_(panel.box),
        left_(box_.left + 16),
        right_(box_.right - 16) {}

  void draw() {
    draw_title();
    filter_ = EventFilter::parse(view_.events.filter.data());
    collect();
    draw_filter({left_, box_.top + 34, right_, box_.top + 34 + tokens().sizes.input});
    draw_rows({box_.left, box_.top + 34 + tokens().sizes.input + 8, box_.right, box_.bottom - 8});
  }

 private:
  void draw_title() {
    const float y = box_.top + 17;
    const float title =
        paint_.text(TextStyle::caption_bold, {left_, y}, theme_.text.mid, ui_.say(Phrase::events_title));
    ui_.label(TextStyle::caption, {left_ + title + 10, y}, theme_.text.low, ui_.say(Phrase::newest_below),
              right_ - left_ - title - 10);
  }

  void collect() {
    for (const EventModel& event : model_.events) {
      const auto kind = kind_of_message(event.event);
      const bool is_hidden = kind && view_.events.hidden_kinds[static_cast<size_t>(*kind)];
      if (is_hidden || !filter_.matches(ui_.say, model_, event)) {
        ++hidden_;
      } else {
        shown_.push_back(&event);
      }
    }
  }

  void draw_filter(const Box& field) {
    const bool has_text = !filter_.is_empty();
    const Colour frame = !has_text            ? theme_.line.soft
                         : filter_.is_valid() ? theme_[Role::agree].ink
                                              : theme_[Role::lost].ink;
    paint_.fill(field, theme_.bg.input, 5);
    paint_.outline(field, frame, 1, 5);
    const float y = field.centre().y;
    draw_icon(paint_, Icon::filter, {field.left + 15, y}, has_text ? frame : theme_.text.low);
    const float kinds_left = draw_kinds(field);
    float text_right = kinds_left - 8;
    if (has_text) {
      draw_icon(paint_, filter_.is_valid() ? Icon::check : Icon::cross, {text_right - 8, y}, frame);
      text_right -= 20;
      const std::string verdict = filter_.is_valid() ? std::to_string(shown_.size()) : filter_.wrong_word();
      text_right -= paint_.text(TextStyle::caption, {text_right, y}, frame, verdict, Align::right) + 6;
    }
    const Box text{field.left + 30, field.top + 4, text_right, field.bottom - 4};
    const bool takes_focus = view_.focus == FocusRequest::filter;
    if (takes_focus) view_.focus = FocusRequest::none;
    const TextFieldResult typed =
        text_field(ui_, "events.filter", text, TextStyle::caption, view_.events.filter, takes_focus);
    if (!has_text && !typed.has_focus) {
      ui_.label(TextStyle::caption, {text.left, y}, theme_.text.low, ui_.say(Phrase::filter_hint),
                text.width());
    }
  }

  /// The kinds as switches; returns the left edge.
  float draw_kinds(const Box& field) {
    float x = field.right - 14;
    for (size_t i = std::size(filter_kinds); i-- > 0;) {
      const MessageKind kind = filter_kinds[i];
      const auto index = static_cast<size_t>(kind);
      const Box hit = Box::around({x, field.centre().y}, 10, 12);
      const Touch touch = ui_.touch("events.kind." + std::string(to_string(kind)), hit);
      const bool is_hidden = view_.events.hidden_kinds[index];
      if (touch.is_hovered) paint_.fill(hit, theme_.bg.active, 4);
      if (is_hidden) {
        draw_message(paint_, theme_, kind, MessageLook::dropped, hit.centre(), theme_.bg.input, 0.85F);
      } else {
        draw_message(paint_, theme_, kind, MessageLook::request, hit.centre(), theme_.bg.input, 0.85F);
      }
      if (touch.is_clicked) view_.events.hidden_kinds.flip(index);
      ui_.tooltip(touch, ui_.say(is_hidden ? Phrase::show_kind : Phrase::hide_kind));
      x -= 20;
    }
    return x + 8;
  }

  void draw_rows(const Box& area) {
    if (shown_.empty()) {
      draw_nothing(area);
      return;
    }
    const float row = tokens().sizes.event_row;
    const auto fitting = static_cast<size_t>(std::max(1.0F, std::floor(area.height() / row)));
    keep_in_place();
    scroll(area, fitting);
    const size_t back = static_cast<size_t>(view_.events.scrolled_back);
    const size_t end = shown_.size() - back;
    const size_t begin = end > fitting ? end - fitting : 0;
    paint_.push_clip(area);
    for (size_t i = begin; i < end; ++i) {
      const float top = area.top + row * static_cast<float>(i - begin);
      draw_row(*shown_[i], {area.left + 6, top, area.right - 6, top + row}, i - begin);
    }
    paint_.pop_clip();
  }

  /// Who reads further up is not carried away by what comes below.
  void keep_in_place() {
    EventsView& list = view_.events;
    if (list.scrolled_back > 0) {
      const auto newest = std::find_if(shown_.rbegin(), shown_.rend(),
                                       [&](const EventModel* row) { return row->event.ref == list.newest; });
      if (newest != shown_.rend()) list.scrolled_back += static_cast<float>(newest - shown_.rbegin());
    }
    list.newest = shown_.back()->event.ref;
  }

  void scroll(const Box& area, size_t fitting) {
    const ImVec2 from = paint_.to_screen({area.left, area.top});
    const ImVec2 to = paint_.to_screen({area.right, area.bottom});
    if (ImGui::IsMouseHoveringRect(from, to)) view_.events.scrolled_back += ImGui::GetIO().MouseWheel * 3;
    const float most = shown_.size() > fitting ? static_cast<float>(shown_.size() - fitting) : 0;
    view_.events.scrolled_back = std::clamp(view_.events.scrolled_back, 0.0F, most);
  }

  void draw_nothing(const Box& area) {
    const float y = area.top + 20;
    if (hidden_ == 0) {
      ui_.label(TextStyle::caption, {left_, y}, theme_.text.low, ui_.say(Phrase::no_events), right_ - left_);
      return;
    }
    const std::string words = ui_.say(Phrase::nothing_matches, {{"n", std::to_string(hidden_)}});
    ui_.label(TextStyle::caption, {left_, y}, theme_.text.low, words, right_ - left_);
    const std::string_view clear = ui_.say(Phrase::clear_filter);
    const Box button{left_, y + 14, left_ + paint_.width(TextStyle::caption, clear) + 2, y + 38};
    const Touch touch = ui_.touch("events.clear", button);
    paint_.text(TextStyle::caption, {left_, button.centre().y},
                touch.is_hovered ? theme_.text.hi : theme_.text.mid, clear);
    if (touch.is_clicked) {
      view_.events.filter[0] = '\0';
      view_.events.hidden_kinds.reset();
    }
  }

  /// The selected row is filled; a row of a selected node or partition is not, its shapes say enough.
  void draw_background(const EventModel& event, const EventWords& words, const Box& row, const Touch& touch) {
    const bool is_selected = view_.selection == Selection{SelectedEvent{event.event.ref}};
    if (words.tint) paint_.fill(row, theme_[*words.tint].wash, 4);
    if (is_selected) {
      paint_.fill(row, theme_.bg.active, 4);
      paint_.outline(row, theme_.chrome.select, 1.5F, 4);
    } else if (touch.is_hovered || view_.hovered == Selection{SelectedEvent{event.event.ref}}) {
      paint_.outline(row, theme_.line.strong, 1, 4);
    }
  }

  void draw_row(const EventModel& event, const Box& row, size_t nth) {
    const EventWords words = event_words(ui_.say, model_, event);
    const Touch touch = ui_.touch("events.row." + std::to_string(nth + 1), row);
    draw_background(event, words, row, touch);
    if (touch.is_clicked) view_.selection = SelectedEvent{event.event.ref};
    if (touch.is_hovered) view_.hovered = SelectedEvent{event.event.ref};
    const float y = row.centre().y;
    const float time =
        paint_.text(TextStyle::mono_small, {left_, y}, theme_.text.low, seconds_text(event.event.at));
    const float icon = left_ + std::max(time, 36.0F) + 18;
    draw_kind(event, words, {icon, y});
    float x = icon + 16;
    const bool is_message = kind_of_message(event.event).has_value();
    if (!words.who.empty()) {
      const float who = paint_.text(TextStyle::caption, {x, y}, theme_.text.low, words.who);
      x += std::max(who, is_message ? who_width() : 0) + (is_message ? 12 : 8);
    }
    if (words.is_command) {
      paint_.elided(TextStyle::mono_small, {x, y}, theme_.text.hi, words.what, right_ - x);
      return;
    }
    const std::string& least = words.shortest_what.empty() ? words.what : words.shortest_what;
    const float note = words.note.empty() ? 0 : paint_.width(TextStyle::caption, words.note) + 10;
    const bool has_note_room = paint_.width(TextStyle::caption, least) + note <= right_ - x;
    const float room = right_ - x - (has_note_room ? note : 0);
    paint_.elided(TextStyle::caption, {x, y}, theme_.text.hi, what_that_fits(words, room), room);
    if (has_note_room)
      paint_.text(TextStyle::caption, {right_, y}, theme_.text.low, words.note, Align::right);
  }

  /// The column of who speaks to whom is as wide as most pairs need it.
  float who_width() {
    if (who_width_ > 0) return who_width_;
    float longest = 0;
    for (const auto* nodes : {&model_.brokers, &model_.clients}) {
      for (const NodeModel& node : *nodes) {
        longest = std::max(longest, paint_.width(TextStyle::caption, node.name + " → "));
      }
    }
    who_width_ = 1;
    if (!model_.brokers.empty())
      who_width_ += longest + paint_.width(TextStyle::caption, model_.brokers.front().name);
    return who_width_;
  }

  std::string what_that_fits(const EventWords& words, float room) const {
    for (const std::string* what : {&words.what, &words.shorter_what, &words.shortest_what}) {
      if (!what->empty() && paint_.width(TextStyle::caption, *what) <= room) return *what;
    }
    return words.shortest_what.empty() ? words.what : words.shortest_what;
  }

  void draw_kind(const EventModel& row, const EventWords& words, Point at) {
    if (const auto* sent = std::get_if<event::MessageSent>(&row.event.payload)) {
      const MessageInfo& m = sent->message;
      const MessageLook look = m.error_code != 0 ? MessageLook::error
                               : m.is_response   ? MessageLook::response
                                                 : MessageLook::request;
      draw_message(paint_, theme_, m.kind, look, at, theme_.bg.panel);
      return;
    }
    if (const auto* described = std::get_if<event::MessageDescribed>(&row.event.payload)) {
      draw_message(paint_, theme_, described->message.kind, MessageLook::request, at, theme_.bg.panel);
      return;
    }
    std::visit([&](const auto& e) { draw_state(e, words, at); }, row.event.payload);
  }

  template <class E>
  void draw_state(const E& e, const EventWords& words, Point at) {
    if constexpr (std::is_same_v<E, event::NodeStopped>) {
      if (words.tint) {
        draw_node_icon(paint_, theme_, NodeLook::dead, at);
      } else {
        draw_icon(paint_, Icon::check, at, theme_.text.low);
      }
    } else if constexpr (std::is_same_v<E, event::NodeStarted> || std::is_same_v<E, event::NodeResumed>) {
      draw_node_icon(paint_, theme_, NodeLook::alive, at);
    } else if constexpr (std::is_same_v<E, event::FaultSet>) {
      draw_node_icon(paint_, theme_, NodeLook::dead, at);
    } else if constexpr (std::is_same_v<E, event::NodePaused>) {
      draw_node_icon(paint_, theme_, NodeLook::paused, at);
    } else if constexpr (std::is_same_v<E, event::CommandGiven>) {
      draw_icon(paint_, Icon::prompt, at, theme_.text.mid);
    } else if constexpr (std::is_same_v<E, event::QuorumRoleChanged>) {
      if (e.role == "leader") {
        draw_star(paint_, at, 7, theme_[Role::leader].fill);
      } else {
        draw_message(paint_, theme_, MessageKind::quorum, MessageLook::request, at, theme_.bg.panel);
      }
    } else if constexpr (std::is_same_v<E, event::BrokerStateChanged>) {
      draw_node_icon(paint_, theme_,
                     e.state == "fenced"          ? NodeLook::fenced
                     : e.state == "shutting_down" ? NodeLook::stopping
                                                  : NodeLook::alive,
                     at);
    } else if constexpr (std::is_same_v<E, event::PartitionChanged>) {
      draw_replica_icon(paint_, theme_, e.leader < 0 ? ReplicaState::offline : ReplicaState::leader, at);
    } else if constexpr (std::is_same_v<E, event::LogTruncated> || std::is_same_v<E, event::DiskDamaged>) {
      draw_replica_icon(paint_, theme_, ReplicaState::out_of_sync, at);
    } else {
      draw_icon(paint_, Icon::partition, at, theme_.text.mid);
    }
  }

  Ui& ui_;
  Painter& paint_;
  const Theme& theme_;
  const WindowModel& model_;
  ViewData& view_;
  Box box_;
  float left_;
  float right_;
  EventFilter filter_;
  std::vector<const EventModel*> shown_;
  size_t hidden_ = 0;
  float who_width_ = 0;
};

}  // namespace

void events(Ui& ui, const EventsPanel& panel) {
  ui.place("events", panel.box);
  EventList(ui, panel).draw();
}

}  // namespace brokerlab::gui
