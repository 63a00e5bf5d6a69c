// The window's content: one call draws one frame and returns what the learner asked for.
//
// `frame` is called between ImGui::NewFrame and ImGui::Render by the window (window.h), by a picture
// (screenshot.h) and by tests alike. It draws only `WindowModel` and keeps nothing but `ViewData`.
#pragma once

#include "gui/fonts.h"
#include "gui/layout.h"
#include "gui/panels/terminal.h"
#include "gui/requests.h"
#include "gui/ui.h"

namespace brokerlab::gui {

struct FrameResult {
  Requests requests;
  bool is_animating = false;  ///< something still moves: draw again soon
};

/// What the panels expect of Dear ImGui's own drawing: plain lines, no rounding, no keyboard navigation.
/// Call it once for a new context.
void prepare_style();

class App {
 public:
  App(Fonts& fonts, ImDrawCallback fill_region) : fonts_(fonts), fill_region_(fill_region) {}

  /// `width` and `height` in screen points; `real_ms` is the machine's time, for transitions and tooltips.
  FrameResult frame(const WindowModel& model, float width, float height, double real_ms);

  /// What Tab completes in the terminal.
  void set_completer(Completer complete) { complete_ = std::move(complete); }
  ViewData& view() { return view_; }
  const Register& widgets() const { return widgets_; }
  /// Interface texts of the last frame that had to be shortened.
  const std::vector<CutText>& cuts() const { return cuts_; }
  /// Asks for every glyph that the interface can show, so that the first atlas has them.
  void need_interface_glyphs();

 private:
  void draw_panels(Ui& ui, const Layout& layout, const WindowModel& model, Requests& requests);
  void draw_tabs(Ui& ui, const Layout& layout);
  void draw_splitters(Ui& ui, const Layout& layout);
  void draw_spotlights(Ui& ui, const WindowModel& model);
  void draw_tooltip(Ui& ui, float width, float height);
  void take_keys(const WindowModel& model, Requests& requests);
  void take_lesson_keys(const LessonModel& lesson, Requests& requests);

  Fonts& fonts_;
  ImDrawCallback fill_region_;
  ViewData view_;
  Register widgets_;
  std::vector<CutText> cuts_;
  Hover hover_;
  NodeId menu_node_ = no_node;
  Completer complete_;
};

}  // namespace brokerlab::gui
