// The hidden view of all shapes and widget states (sheet 08), opened and closed with Ctrl Shift S: the reference that the
// pictures are compared with.
#pragma once

#include "gui/ui.h"

namespace brokerlab::gui {

void shape_sheet(Ui& ui, const Box& box);

}  // namespace brokerlab::gui
