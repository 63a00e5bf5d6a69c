// The tools of tool.h: each is made in the file that is named after it.
#pragma once

#include "sim/tools/tool.h"

namespace brokerlab {

using MakeTool = std::unique_ptr<Node>(const Boot& boot, const std::vector<std::string>& arguments,
                                       const ToolEnvironment& environment);

MakeTool make_kafka_broker_api_versions;
MakeTool make_kafka_configs;
MakeTool make_kafka_console_consumer;
MakeTool make_kafka_console_producer;
MakeTool make_kafka_delete_records;
MakeTool make_kafka_dump_log;
MakeTool make_kafka_leader_election;
MakeTool make_kafka_metadata_quorum;
MakeTool make_kafka_reassign_partitions;
MakeTool make_kafka_topics;

}  // namespace brokerlab
