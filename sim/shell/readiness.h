// When a cluster is ready: all its brokers are registered and unfenced, and know that of each other.
#pragma once

#include <functional>
#include <memory>

#include "sim/runtime/cluster.h"
#include "sim/shell/lab_config.h"
#include "sim/shell/text.h"

namespace brokerlab {

/// What the cluster still lacks, in words; empty when it is ready. An error when a node has ended, so that it
/// never will be.
Result<Text> what_is_missing(Lab& lab);

/// Lets the lab run until it is ready, for `limit` of lab time at most.
Status wait_until_ready(Lab& lab, Duration limit = seconds(60));

/// A cluster as the configuration describes it, on free ports, that is ready. Errors: it cannot be made, does not
/// get ready, or none began with the controller that was asked for. `on_made` is told of each lab that is made, before
/// it runs on.
Result<std::unique_ptr<Lab>> make_ready_lab(const LabConfig& config, Driver driver,
                                            const std::function<void(Lab&)>& on_made = {});

}  // namespace brokerlab
