// kafka-reassign-partitions: moves partitions to other brokers, shows how far that is, takes it back (KIP-455).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/tools/tool.h"

namespace brokerlab {

std::unique_ptr<Node> make_kafka_reassign_partitions(const Boot& boot,
                                                     const std::vector<std::string>& arguments,
                                                     const ToolEnvironment& environment);

}  // namespace brokerlab
