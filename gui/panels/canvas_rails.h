// What connects the nodes: the quorum's rail with its seats, the replication rail, the links of the clients.
#pragma once

#include "gui/panels/canvas_scene.h"

namespace brokerlab::gui {

/// Under everything else: columns, rails, cuts, links.
void draw_rails_and_links(CanvasScene& scene);
/// Over the cards' links: who votes, who leads the quorum. Adds its words to the scene's notes.
void draw_quorum_seats(CanvasScene& scene);

}  // namespace brokerlab::gui
