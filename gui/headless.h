// The window without a display: frames into the software rasteriser, input by calls. For pictures and tests.
#pragma once

#include <memory>
#include <string_view>

#include "gui/app.h"
#include "gui/imgui_compat.h"
#include "gui/raster.h"

struct ImGuiContext;

namespace brokerlab::gui {

struct HeadlessOptions {
  int width = 1600;
  int height = 1000;
  float ui_scale = 1;
  Language language = Language::english;
  FontFiles fonts = find_fonts();
};

/// Several may live side by side: each call makes its own Dear ImGui context the current one.
class HeadlessWindow {
 public:
  explicit HeadlessWindow(const HeadlessOptions& options);
  ~HeadlessWindow();
  HeadlessWindow(const HeadlessWindow&) = delete;
  HeadlessWindow& operator=(const HeadlessWindow&) = delete;

  App& app() { return app_; }
  /// Draws a frame 1/60 s after the one before.
  FrameResult frame(const WindowModel& model);
  /// Draws until every glyph that the frame asked for is there, and rasterises it.
  Picture picture(const WindowModel& model);
  /// Vertices of the last frame.
  int vertices() const;

  // ---- input: takes effect in the next frame --------------------------------------------------------------

  void point_at(Point logical);
  /// REQUIRES: a widget of that name in the last frame.
  Point middle_of(std::string_view widget) const;
  void press(int button, bool is_down);
  void type(std::string_view ascii);
  void key(compat::Key key, bool is_down);
  void ctrl(bool is_down);

 private:
  void enter() const;
  HeadlessOptions options_;
  ImGuiContext* context_;
  Fonts fonts_;
  App app_;
  double real_ms_ = 0;
};

}  // namespace brokerlab::gui
