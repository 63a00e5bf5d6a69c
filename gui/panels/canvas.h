// The cluster: clients above, brokers as columns, the quorum on a rail over them, replication below.
// Messages move on their links in the journal's time; above the limits they become brightness with a count.
#pragma once

#include "gui/layout.h"
#include "gui/requests.h"
#include "gui/ui.h"

namespace brokerlab::gui {

struct CanvasPanel {
  const WindowModel& model;
  ViewData& view;
  const Layout& layout;
};

/// Returns the broker that was right-clicked, else `no_node`.
NodeId canvas(Ui& ui, const CanvasPanel& panel);

}  // namespace brokerlab::gui
