// kafka-broker-api-versions: what each broker offers, as BrokerApiVersionsCommand of Kafka 4.3.1 prints it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/tools/tool.h"

namespace brokerlab {

std::unique_ptr<Node> make_kafka_broker_api_versions(const Boot& boot,
                                                     const std::vector<std::string>& arguments,
                                                     const ToolEnvironment& environment);

}  // namespace brokerlab
