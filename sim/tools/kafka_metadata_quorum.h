// kafka-metadata-quorum: the state of the KRaft quorum, as MetadataQuorumCommand of Kafka 4.3.1 prints it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/tools/tool.h"

namespace brokerlab {

std::unique_ptr<Node> make_kafka_metadata_quorum(const Boot& boot, const std::vector<std::string>& arguments,
                                                 const ToolEnvironment& environment);

}  // namespace brokerlab
