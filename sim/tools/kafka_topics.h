// kafka-topics: creates, lists, describes, alters and deletes topics, as TopicCommand of Kafka 4.3.1 does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/tools/tool.h"

namespace brokerlab {

std::unique_ptr<Node> make_kafka_topics(const Boot& boot, const std::vector<std::string>& arguments,
                                        const ToolEnvironment& environment);

}  // namespace brokerlab
