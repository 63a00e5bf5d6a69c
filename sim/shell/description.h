// A cluster at one instant, for a person or a program: what `--describe` prints.
//
// Brokers, quorum and leaders are as the best informed living node has them; each replica and each client as it
// knows itself. Dead and paused nodes speak with their last words.
#pragma once

#include <string>

#include "sim/runtime/cluster.h"
#include "sim/shell/text.h"

namespace brokerlab {

std::string describe_cluster(const LabView& view, Language language);
/// The same view as JSON, with the names of the views' fields.
std::string describe_cluster_json(const LabView& view);

}  // namespace brokerlab
