// kafka-dump-log: what stands in the files of a log, as DumpLogSegments of Kafka 4.3.1 prints it
// (log_dump.h). It asks no broker: files are read where the tool runs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/tools/tool.h"

namespace brokerlab {

std::unique_ptr<Node> make_kafka_dump_log(const Boot& boot, const std::vector<std::string>& arguments,
                                          const ToolEnvironment& environment);

}  // namespace brokerlab
