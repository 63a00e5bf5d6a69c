// kafka-delete-records: moves log starts forward, as DeleteRecordsCommand of Kafka 4.3.1 does (KIP-204).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/tools/tool.h"

namespace brokerlab {

std::unique_ptr<Node> make_kafka_delete_records(const Boot& boot, const std::vector<std::string>& arguments,
                                                const ToolEnvironment& environment);

}  // namespace brokerlab
