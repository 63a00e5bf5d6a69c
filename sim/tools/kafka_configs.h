// kafka-configs: shows and changes the settings of topics, brokers and the whole cluster while they run (KIP-226,
// KIP-339).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/tools/tool.h"

namespace brokerlab {

std::unique_ptr<Node> make_kafka_configs(const Boot& boot, const std::vector<std::string>& arguments,
                                         const ToolEnvironment& environment);

}  // namespace brokerlab
