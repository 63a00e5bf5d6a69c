// The menus of the command bar: Lab, View, Help. Where the bar is short they fold into one button.
#pragma once

#include "gui/requests.h"
#include "gui/ui.h"
#include "gui/view_data.h"

namespace brokerlab::gui {

struct MainMenu {
  ViewData& view;
  float left = 140;
  float y = 22;
  bool is_folded = false;
};

void main_menu(Ui& ui, const MainMenu& bar, Requests& requests);

}  // namespace brokerlab::gui
