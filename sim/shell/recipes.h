// How a recording names what the shell makes, so that a replay makes it again: clusters by the header of a scenario,
// nodes that are added while the lab runs by what their verb made of its words.
#pragma once

#include <string>
#include <vector>

#include "sim/clients/consumer_node.h"
#include "sim/clients/producer_node.h"
#include "sim/runtime/replay.h"
#include "sim/shell/lab_config.h"

namespace brokerlab {

/// `name`, `value`, `name`, `value` ... as LabConfig takes them.
std::vector<std::string> texts_of(const LabConfig& config);

using Recipe = std::vector<std::string>;
Recipe recipe_of(const ProducerNodeConfig& config);
Recipe recipe_of(const ConsumerNodeConfig& config);
/// A tool of sim/tools that is started in the folder where the program was. `piped` stands in front of it in its pipe: the
/// file /dev/stdin.
Recipe recipe_of_tool(std::string_view tool, const std::vector<std::string>& arguments,
                      std::string_view piped);

/// An error when there is no such recipe, as from another version of the program.
Result<NodeFactory> factory_of(const Recipe& recipe);
/// Sets both. REQUIRES: a recipe of the above.
void follow(Recipe recipe, NodeSpec& spec);

ReplayMakers replay_makers();

}  // namespace brokerlab
