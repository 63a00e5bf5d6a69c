// `brokerlab kafka-topics ...`: one of Kafka's tools alone, against any cluster.
#include "sim/tools/tool.h"

#include <unistd.h>

#include <filesystem>

#include "gui/program/subcommands.h"
#include "sim/runtime/run_alone.h"
#include "sim/shell/text_file.h"

namespace brokerlab {

int run_tool(const std::string& name, const std::vector<std::string>& arguments) {
  NodeSpec spec;
  spec.name = name;
  spec.factory = [&](const Boot& boot, const ClusterSpec&) {
    ToolEnvironment environment;
    environment.read_file = read_text_file;
    std::error_code no_folder;
    environment.working_folder = std::filesystem::current_path(no_folder).string();
    environment.standard_input_is_terminal = isatty(STDIN_FILENO) != 0;
    return make_tool(boot, name, arguments, environment);
  };
  return run_alone(spec);
}

}  // namespace brokerlab
