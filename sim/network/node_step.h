// What a role of a Kafka node is handed in each step. By reference, and never stored: it is gone after the
// step.
#pragma once

#include "sim/base/node.h"
#include "sim/network/request_channel.h"

namespace brokerlab {

struct NodeStep {
  const Now& now;
  Effects& effects;
  RequestChannel& channel;             ///< where answers go
  OutgoingConnectionIds& connections;  ///< for requests of its own
};

}  // namespace brokerlab
