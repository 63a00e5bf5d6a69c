// Messages on their way, in the journal's time: shapes on their links, a brightening where they are too quick
// for the eye, and words beside those that say most.
#pragma once

#include "gui/panels/canvas_scene.h"

namespace brokerlab::gui {

class CanvasMessages {
 public:
  explicit CanvasMessages(CanvasScene& scene);

  /// Under clients and cards.
  void draw_shapes();
  /// Over everything, where nothing else stands. REQUIRES: the shapes were drawn, and all notes are known.
  void draw_tags();

 private:
  struct Shown {
    const MessageModel* message;
    Point at;
    bool is_wanted;  ///< selected, or pointed at
  };

  double shown_ms(const MessageModel& message) const;
  void draw_brightening(NodeId from, NodeId to, MessageKind kind, size_t count, float share);
  void draw_shape(const MessageModel& message);
  static int weight(const Shown& shown);
  bool draw_tag(const Shown& shown, std::vector<Box>& taken);

  CanvasScene& scene_;
  Ui& ui_;
  Painter& paint_;
  const Theme& theme_;
  const WindowModel& model_;
  ViewData& view_;
  const CanvasPlaces& places_;
  Box box_;
  std::vector<Shown> shown_;
};

}  // namespace brokerlab::gui
