// The list of keys, over everything until a key or a click.
#pragma once

#include "gui/ui.h"
#include "gui/view_data.h"

namespace brokerlab::gui {

struct KeysCard {
  ViewData& view;
  float width;  ///< of the window
  float height;
};

void keys_card(Ui& ui, const KeysCard& card);

}  // namespace brokerlab::gui
