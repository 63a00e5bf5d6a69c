// Runs one client node by itself over plain TCP, without a lab: `brokerlab kafka-topics` against any cluster.
#pragma once

#include "sim/runtime/cluster_spec.h"

namespace brokerlab {

struct RunAloneOptions {
  /// Feeds the process's standard input to the node. Off for tools that do not read it, so that they leave
  /// it to the rest of a script.
  bool reads_standard_input = false;
};

/// Runs the node until it ends; its standard output and error are the process's, and SIGINT and SIGTERM
/// become the commands `interrupt` and `stop`. Returns its exit status.
int run_alone(const NodeSpec& node, const RunAloneOptions& options);

}  // namespace brokerlab
