// The right-click menu of a broker. Every entry shows the command that it runs.
#pragma once

#include <string>
#include <vector>

#include "gui/requests.h"
#include "gui/ui.h"
#include "gui/view_data.h"
#include "gui/widgets/menu.h"

namespace brokerlab::gui {

/// What can be done to the broker in its state.
std::vector<MenuEntry> broker_entries(const Phrasebook& say, const WindowModel& model, const NodeModel& node);

struct BrokerMenu {
  const WindowModel& model;
  NodeId node;
  bool opens = false;  ///< in this frame, at the pointer
};

/// Call it every frame; draws while the menu is open.
void broker_menu(Ui& ui, const BrokerMenu& broker, Requests& requests);

}  // namespace brokerlab::gui
