// kafka-console-consumer: prints the records of one partition, as ConsoleConsumer of Kafka 4.3.1 does. Without
// --partition it would join a consumer group; those come with a later part of brokerlab.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/tools/tool.h"

namespace brokerlab {

std::unique_ptr<Node> make_kafka_console_consumer(const Boot& boot, const std::vector<std::string>& arguments,
                                                  const ToolEnvironment& environment);

}  // namespace brokerlab
