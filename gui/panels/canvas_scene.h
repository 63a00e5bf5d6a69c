// What the parts of the canvas draw from, and the boxes that a later part must not cover.
#pragma once

#include <vector>

#include "gui/panels/canvas_places.h"
#include "gui/view_data.h"

namespace brokerlab::gui {

struct CanvasScene {
  Ui& ui;
  const WindowModel& model;
  ViewData& view;
  const Layout& layout;
  const CanvasPlaces& places;
  std::vector<Box> notes;  ///< words and seats that no tag may cover
};

}  // namespace brokerlab::gui
