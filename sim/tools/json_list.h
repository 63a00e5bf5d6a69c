// The files of kafka-delete-records and kafka-reassign-partitions: one list in version 1,
// {"partitions": [...], "version": 1}, with the mistakes that Kafka's tools find in it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sim/tools/admin_tool.h"

namespace brokerlab {

/// Reads the array `list` into `elements`. Otherwise how the tool ends.
std::optional<ToolEnd> read_json_list(const std::string& path, const char* list,
                                      const ToolEnvironment& environment, const ExceptionEnd& ends_with,
                                      nlohmann::json& elements);

}  // namespace brokerlab
