// What a kafka-reassign-partitions command line and its files ask for, after every check that needs no cluster.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/address.h"
#include "sim/base/ids.h"
#include "sim/base/time.h"
#include "sim/tools/tool_output.h"

namespace brokerlab {

struct ReassignCommand {
  enum class Action : uint8_t { generate, execute, verify, cancel, list };
  Action action = Action::list;
  std::vector<Address> bootstrap;
  Duration request_timeout = seconds(30);
  Duration api_timeout = seconds(60);
  bool additional = false;
  bool preserve_throttles = false;
  bool may_change_replication_factor = true;
  std::map<TopicPartition, std::vector<int32_t>> targets;
  std::vector<std::string> topics_to_move;  ///< generate
  std::vector<int32_t> brokers;             ///< generate
};

std::variant<ReassignCommand, ToolEnd> parse_reassign_command(const std::vector<std::string>& arguments,
                                                              const ToolEnvironment& environment);

/// How the tool ends after a mistake: the message and the exceptions on standard output.
ToolEnd reassign_failure(std::string_view exception, std::string_view message, std::string_view cause = "");
inline constexpr std::string_view reassign_command_failed =
    "org.apache.kafka.tools.AdminCommandFailedException";

}  // namespace brokerlab
