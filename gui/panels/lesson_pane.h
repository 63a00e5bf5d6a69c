// The lesson: read, do, predict, compare. One thing to do: at most one primary button is in sight, and during
// a prediction the action is locked and says why.
#pragma once

#include "gui/layout.h"
#include "gui/requests.h"
#include "gui/ui.h"

namespace brokerlab::gui {

struct LessonPane {
  const WindowModel& model;
  ViewData& view;
  Box box;
  bool is_compact = false;
};

void lesson_pane(Ui& ui, const LessonPane& panel, Requests& requests);

}  // namespace brokerlab::gui
