// Runs one client node by itself over plain TCP, without a lab: `brokerlab kafka-topics` against any cluster.
#pragma once

#include "sim/runtime/cluster_spec.h"

namespace brokerlab {

/// Runs the node until it ends; its standard streams are the process's, and SIGINT and SIGTERM become the
/// commands `interrupt` and `stop`. Of standard input no more is read than the node wants: the rest is for
/// the rest of a script. Returns its exit status.
int run_alone(const NodeSpec& node);

}  // namespace brokerlab
