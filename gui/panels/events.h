// The events, newest below: kind, who to whom, what; with a filter and the one selection.
#pragma once

#include "gui/layout.h"
#include "gui/requests.h"
#include "gui/ui.h"

namespace brokerlab::gui {

struct EventsPanel {
  const WindowModel& model;
  ViewData& view;
  Box box;
};

void events(Ui& ui, const EventsPanel& panel);

}  // namespace brokerlab::gui
