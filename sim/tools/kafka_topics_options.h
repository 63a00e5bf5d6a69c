// What a kafka-topics command line asks for, after every check that needs no cluster.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/tools/admin_tool.h"

namespace brokerlab {

struct TopicsCommand {
  enum class Action : uint8_t { list, describe, create, alter, remove };
  Action action = Action::list;
  Admin::Config client;
  std::optional<std::string> topic;  ///< a regular expression, except to create
  std::optional<Uuid> topic_id;
  bool if_exists = false;
  bool if_not_exists = false;
  bool exclude_internal = false;
  // describe: which partitions to show, all when none is set
  bool under_replicated = false;
  bool unavailable = false;
  bool under_min_isr = false;
  bool at_min_isr = false;
  bool with_overrides = false;
  int32_t partitions_per_response = 2000;
  // create, alter
  std::optional<int32_t> partitions;
  std::optional<int16_t> replication_factor;
  std::vector<std::vector<int32_t>> assignment;  ///< by partition
  std::map<std::string, std::string> configs;

  bool filters_partitions() const { return under_replicated || unavailable || under_min_isr || at_min_isr; }
};

std::variant<TopicsCommand, ToolEnd> parse_topics_command(const std::vector<std::string>& arguments,
                                                          const ToolEnvironment& environment);

/// How kafka-topics ends when the command failed: the message on standard output, the exception in the log.
ToolEnd topics_failure(std::string_view exception, std::string_view message);

}  // namespace brokerlab
