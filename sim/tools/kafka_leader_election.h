// kafka-leader-election: asks the controller to elect preferred leaders, or leaders that were not in sync (KIP-460).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/tools/tool.h"

namespace brokerlab {

std::unique_ptr<Node> make_kafka_leader_election(const Boot& boot, const std::vector<std::string>& arguments,
                                                 const ToolEnvironment& environment);

}  // namespace brokerlab
