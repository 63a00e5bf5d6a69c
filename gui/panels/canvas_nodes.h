// The nodes themselves: clients as pills, brokers as cards with the replicas they hold.
#pragma once

#include "gui/panels/canvas_scene.h"

namespace brokerlab::gui {

/// Returns the broker that was right-clicked, else `no_node`.
NodeId draw_nodes(CanvasScene& scene);

}  // namespace brokerlab::gui
