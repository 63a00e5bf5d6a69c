// What a kafka-configs command line asks for, after every check that needs no cluster.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/tools/admin_tool.h"

namespace brokerlab {

struct ConfigsCommand {
  enum class Entity : uint8_t { topics, brokers };
  Admin::Config client;
  bool alters = false;
  bool all = false;  ///< describe: also what nobody has set
  Entity entity = Entity::topics;
  std::optional<std::string> name;  ///< empty: the default of the whole cluster; nothing: all entities
  std::map<std::string, std::string> added;
  std::vector<std::string> removed;
  std::string arguments;  ///< as they were given; a failure repeats them

  std::string_view type() const { return entity == Entity::topics ? "topics" : "brokers"; }
  std::string_view type_of_one() const { return entity == Entity::topics ? "topic" : "broker"; }
};

std::variant<ConfigsCommand, ToolEnd> parse_configs_command(const std::vector<std::string>& arguments,
                                                            const ToolEnvironment& environment);

/// How kafka-configs ends with an exception: it repeats its arguments.
ExceptionEnd configs_exception_end(std::string arguments);

}  // namespace brokerlab
