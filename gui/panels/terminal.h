// The terminal: every command, its output, and a line to type the next one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gui/layout.h"
#include "gui/requests.h"
#include "gui/ui.h"

namespace brokerlab::gui {

using Completer = std::function<std::vector<std::string>(std::string_view line)>;

struct TerminalPanel {
  const WindowModel& model;
  ViewData& view;
  Box box;
  bool has_title = true;
  /// Words that complete the last word of a line; may be empty.
  const Completer& complete;
};

void terminal(Ui& ui, const TerminalPanel& panel, Requests& requests);

}  // namespace brokerlab::gui
