// Where everything of the cluster stands in this frame: cards in their columns, clients as pills above them,
// the two rails, and the paths on which messages move.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gui/geometry.h"
#include "gui/layout.h"
#include "gui/ui.h"
#include "gui/window_model.h"

namespace brokerlab::gui {

bool is_producer(const NodeModel& client);

/// A client, or several of one kind folded into one pill where there is little room.
struct ClientPill {
  std::vector<const NodeModel*> members;
  std::string name;
  std::string detail;
  float width = 0;
  Box box;
  const NodeModel& first() const { return *members.front(); }
};

struct CanvasPlaces {
  std::map<NodeId, Box> cards;
  std::vector<ClientPill> pills;
  std::map<NodeId, size_t> pill_of;
  std::map<NodeId, float> column;                   ///< centre of a broker's column
  std::map<std::pair<NodeId, NodeId>, Path> links;  ///< from the client to the broker
  float quorum_y = 0;
  float replication_y = 0;

  /// The way between two nodes; empty when there is none to draw.
  Path path(NodeId from, NodeId to, MessageKind kind) const;
};

CanvasPlaces place_cluster(const Ui& ui, const WindowModel& model, const Layout& layout);

}  // namespace brokerlab::gui
