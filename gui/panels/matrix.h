// The partitions: a row for each, a cell for each broker: what that replica itself knows.
#pragma once

#include "gui/layout.h"
#include "gui/requests.h"
#include "gui/ui.h"

namespace brokerlab::gui {

struct MatrixPanel {
  const WindowModel& model;
  ViewData& view;
  const Layout& layout;
};

void matrix(Ui& ui, const MatrixPanel& panel);

}  // namespace brokerlab::gui
