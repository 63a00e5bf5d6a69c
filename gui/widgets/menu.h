// A menu: rows with what they do on the left and their command or key on the right (sheet 08).
//
// What cannot be done stays in its place and says why.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gui/ui.h"

namespace brokerlab::gui {

struct MenuEntry {
  std::string label;
  std::string command;          ///< what it runs; empty when it only changes the view
  std::string shown;            ///< right: the start of the command, or the key
  std::string disabled_reason;  ///< not empty: the entry is off and says why
  bool is_separated = false;    ///< a line above
};

struct MenuSpec {
  std::string_view id;  ///< of the popup; rows are published as `menu.N` and `menu.SHOWN`
  float width = 300;
  float head_height = 0;
  std::function<void(Painter&, const Box& head)> draw_head;
  bool opens = false;         ///< in this frame
  bool is_at_pointer = true;  ///< else at `corner`
  Point corner;
};

/// Call it every frame; draws while the menu is open. Returns the chosen entry, or -1.
int menu(Ui& ui, const MenuSpec& spec, const std::vector<MenuEntry>& entries);

}  // namespace brokerlab::gui
