// The command bar: name, transport, speed, time, language. Its buttons are `clock` commands.
#pragma once

#include "gui/layout.h"
#include "gui/requests.h"
#include "gui/ui.h"

namespace brokerlab::gui {

struct CommandBarPanel {
  const WindowModel& model;
  ViewData& view;
  Box box;
  bool is_compact = false;
};

void command_bar(Ui& ui, const CommandBarPanel& panel, Requests& requests);

}  // namespace brokerlab::gui
