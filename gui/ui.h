// What every panel and widget is given: the brush, the colours, the words, and the register of widgets.
//
// Every widget publishes its rectangle by name (`lesson.choice.2`, `canvas.kafka2`, `matrix.orders-1.kafka2`):
// spotlights of lessons and tests use the same names.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gui/painter.h"
#include "gui/shapes.h"
#include "gui/text/phrases.h"

namespace brokerlab::gui {

/// The rectangles of the last frame, in logical pixels.
class Register {
 public:
  void clear() { boxes_.clear(); }
  void put(std::string_view name, const Box& box) { boxes_.insert_or_assign(std::string(name), box); }
  /// Null when no such widget was drawn.
  const Box* find(std::string_view name) const {
    const auto it = boxes_.find(name);
    return it == boxes_.end() ? nullptr : &it->second;
  }
  const std::map<std::string, Box, std::less<>>& all() const { return boxes_; }

 private:
  std::map<std::string, Box, std::less<>> boxes_;
};

/// What the pointer did with a widget in this frame.
struct Touch {
  bool is_hovered = false;
  bool is_held = false;
  bool is_clicked = false;
  bool is_right_clicked = false;
  bool is_double_clicked = false;
};

/// A text that did not fit and was shortened; a test wants none of the interface's own.
struct CutText {
  std::string text;
  std::string shown;
};

/// What the pointer rests on, for tooltips.
struct Hover {
  std::string name;
  double since_ms = 0;
  std::string text;  ///< to be shown in this frame
};

struct Ui {
  Painter paint;
  const Theme& theme;
  const Phrasebook& say;
  Register& widgets;
  std::vector<CutText>& cuts;
  Hover& hover;
  /// Milliseconds of real time, for transitions.
  double real_ms;
  /// Set by whatever still moves, so that another frame is drawn.
  bool& is_animating;

  Language language() const { return say.language(); }
  /// Publishes a rectangle that does not react.
  void place(std::string_view name, const Box& box) { widgets.put(name, box); }
  /// Publishes a rectangle and makes it react to the pointer.
  Touch touch(std::string_view name, const Box& box);
  /// A fixed text of the interface in a box of `width`; a cut is recorded.
  float label(TextStyle style, Point at, Colour colour, std::string_view text, float width,
              Align align = Align::left);
  /// The first of the texts that fits into `width`; else the last, which `label` will cut.
  std::string fitting(TextStyle style, float width, std::initializer_list<std::string> texts) const;
  /// Shows `text` beside the pointer when it has rested on `touch` long enough.
  void tooltip(const Touch& touch, std::string_view text);
};

}  // namespace brokerlab::gui
