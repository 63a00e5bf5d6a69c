// What a kafka-reassign-partitions command line and its files ask for, after every check that needs no cluster.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/ids.h"
#include "sim/tools/admin_tool.h"

namespace brokerlab {

struct ReassignCommand {
  enum class Action : uint8_t { generate, execute, verify, cancel, list };
  Action action = Action::list;
  Admin::Config client;
  bool additional = false;
  bool preserve_throttles = false;
  bool may_change_replication_factor = true;
  std::map<TopicPartition, std::vector<int32_t>> targets;
  std::vector<std::string> topics_to_move;  ///< generate
  std::vector<int32_t> brokers;             ///< generate
};

std::variant<ReassignCommand, ToolEnd> parse_reassign_command(const std::vector<std::string>& arguments,
                                                              const ToolEnvironment& environment);

/// How kafka-reassign-partitions ends with an exception: on standard output.
ToolEnd reassign_exception_end(std::string_view exception, std::string_view message,
                               const Causes& causes = {});

}  // namespace brokerlab
