// kafka-console-producer: each line of standard input becomes a record, as ConsoleProducer of Kafka 4.3.1 does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/tools/tool.h"

namespace brokerlab {

std::unique_ptr<Node> make_kafka_console_producer(const Boot& boot, const std::vector<std::string>& arguments,
                                                  const ToolEnvironment& environment);

}  // namespace brokerlab
