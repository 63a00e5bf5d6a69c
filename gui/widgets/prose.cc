#include "gui/widgets/prose.h"

namespace brokerlab::gui {
namespace {

/// A piece that never breaks: one word, or one piece of code.
struct Piece {
  std::string text;
  Span::Style style = Span::Style::plain;
  bool is_glued = false;  ///< to the piece before it: no space between them
};

std::vector<Piece> pieces_of(const Paragraph& paragraph) {
  std::vector<Piece> pieces;
  bool is_glued = false;
  for (const Span& span : paragraph.spans) {
    if (span.style == Span::Style::code) {
      pieces.push_back({span.text, span.style, is_glued && !pieces.empty()});
      is_glued = true;
      continue;
    }
    std::string word;
    const auto flush = [&] {
      if (word.empty()) return;
      pieces.push_back({word, span.style, is_glued && !pieces.empty()});
      word.clear();
      is_glued = true;
    };
    for (const char c : span.text) {
      if (c == ' ' || c == '\n') {
        flush();
        is_glued = false;
      } else {
        word += c;
      }
    }
    flush();
  }
  return pieces;
}

/// The object that a piece of code names, for its chip.
struct ChipObject {
  Selection selection;
  bool is_leader = false;  ///< a broker that leads something the lesson speaks of
  const NodeModel* node = nullptr;
  bool exists() const { return !std::holds_alternative<NothingSelected>(selection); }
};

ChipObject object_of(const WindowModel& model, std::string_view code) {
  if (const NodeModel* node = model.find(code)) {
    bool leads = false;
    if (const KafkaView* kafka = node->kafka()) {
      for (const PartitionModel& p : model.partitions) leads = leads || p.leader == kafka->node_id;
    }
    return {SelectedNode{node->id}, leads, node};
  }
  for (const PartitionModel& p : model.partitions) {
    if (p.name() == code) return {SelectedPartition{{p.topic, p.partition}}, false, nullptr};
  }
  return {};
}

class Flow {
 public:
  Flow(Ui& ui, std::string_view name, Point at, float width, const ProseStyle& style,
       const WindowModel& model, ViewData& view, bool is_measuring)
      : ui_(ui),
        name_(name),
        left_(at.x),
        at_(at),
        right_(at.x + width),
        style_(style),
        model_(model),
        view_(view),
        is_measuring_(is_measuring) {}

  void paragraph(const Paragraph& paragraph) {
    at_.x = left_;
    float indent = 0;
    if (paragraph.kind == Paragraph::Kind::list_item) {
      indent = 16;
      if (!is_measuring_) ui_.paint.disc({left_ + 5, at_.y + style_.line_height / 2}, 2, style_.ink);
    }
    start_ = left_ + indent;
    at_.x = start_;
    const std::vector<Piece> pieces = pieces_of(paragraph);
    for (size_t i = 0; i < pieces.size();) {
      // Pieces without a space between them stay on one line together.
      size_t end = i + 1;
      float wide = width_of(pieces[i]);
      while (end < pieces.size() && pieces[end].is_glued) wide += width_of(pieces[end++]);
      const float space = at_.x > start_ ? space_width() : 0;
      if (at_.x > start_ && at_.x + space + wide > right_) {
        new_line();
      } else {
        at_.x += space;
      }
      for (; i < end; ++i) draw(pieces[i]);
    }
    at_.y += style_.line_height + style_.paragraph_gap;
  }

  float bottom() const { return at_.y - style_.paragraph_gap; }

 private:
  void new_line() {
    at_.y += style_.line_height;
    at_.x = start_;
  }

  float space_width() const { return ui_.paint.width(style_.plain, " "); }

  TextStyle text_style(const Piece& piece) const {
    return piece.style == Span::Style::strong || piece.style == Span::Style::emphasis ? style_.strong
                                                                                      : style_.plain;
  }

  float width_of(const Piece& piece) const {
    if (piece.style != Span::Style::code) return ui_.paint.width(text_style(piece), piece.text);
    if (object_of(model_, piece.text).exists()) return ui_.paint.width(style_.plain, piece.text) + 33;
    return ui_.paint.width(TextStyle::mono, piece.text) + 10;
  }

  void draw(const Piece& piece) {
    const float wide = width_of(piece);
    if (!is_measuring_) {
      const float y = at_.y + style_.line_height / 2;
      if (piece.style != Span::Style::code) {
        const bool is_strong = text_style(piece) == style_.strong;
        ui_.paint.text(text_style(piece), {at_.x, y}, is_strong ? style_.strong_ink : style_.ink, piece.text);
      } else if (const ChipObject object = object_of(model_, piece.text); object.exists()) {
        draw_chip(object, piece.text, {at_.x, y - 10, at_.x + wide - 1, y + 10});
      } else {
        ui_.paint.fill({at_.x, y - 9, at_.x + wide, y + 9}, ui_.theme.bg.active, 3);
        ui_.paint.text(TextStyle::mono, {at_.x + 5, y}, ui_.theme.text.hi, piece.text);
      }
    }
    at_.x += wide;
  }

  void draw_chip(const ChipObject& object, const std::string& text, const Box& box) {
    const Touch touch = ui_.touch(std::string(name_) + ".chip." + std::to_string(++chips_), box);
    if (touch.is_hovered) view_.hovered = object.selection;
    if (touch.is_clicked) view_.selection = object.selection;
    ui_.paint.fill(box, touch.is_hovered ? ui_.theme.bg.active : ui_.theme.bg.raised, box.height() / 2);
    ui_.paint.outline(box, ui_.theme.line.strong, 1, box.height() / 2);
    const Point icon{box.left + 13, box.centre().y};
    if (object.node == nullptr) {
      draw_icon(ui_.paint, Icon::partition, icon, ui_.theme.text.mid);
    } else if (object.is_leader && object.node->look == NodeLook::alive) {
      draw_star(ui_.paint, icon, 7, ui_.theme[Role::leader].fill);
    } else {
      draw_node_icon(ui_.paint, ui_.theme, object.node->look, icon);
    }
    ui_.paint.text(style_.plain, {box.left + 23, box.centre().y}, ui_.theme.text.hi, text);
  }

  Ui& ui_;
  std::string_view name_;
  float left_;
  float start_ = 0;
  Point at_;
  float right_;
  const ProseStyle& style_;
  const WindowModel& model_;
  ViewData& view_;
  bool is_measuring_;
  int chips_ = 0;
};

}  // namespace

float prose(Ui& ui, std::string_view name, Point top_left, float width, const Prose& text,
            const ProseStyle& style, const WindowModel& model, ViewData& view, bool is_measuring) {
  if (text.empty()) return top_left.y;
  constexpr float characters = 56;
  const float longest = characters * ui.paint.width(style.plain, "n");
  Flow flow(ui, name, top_left, std::min(width, longest), style, model, view, is_measuring);
  for (const Paragraph& paragraph : text) flow.paragraph(paragraph);
  return flow.bottom();
}

Prose plain(std::string_view text, Span::Style style) {
  return {Paragraph{Paragraph::Kind::paragraph, {{style, std::string(text)}}}};
}

}  // namespace brokerlab::gui
