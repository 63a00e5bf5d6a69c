// Kafka's command-line tools. Each is a client node, written once: the drivers run it inside the lab, and
// `brokerlab kafka-topics` runs the same node alone over TCP. Arguments in, text on standard output and error
// out, an exit status at the end; `interrupt` is Ctrl-C.
//
// Names, options, texts, streams and exit statuses are those of Apache Kafka 4.3.1 (KIP-1147's option names,
// the deprecated ones with their warnings). Deviations: an error prints the exception's line without the Java
// stack trace; options of later parts of brokerlab say so and exit 1.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/node.h"
#include "sim/base/result.h"

namespace brokerlab {

/// The names, as `brokerlab NAME` and the lab's shell take them; sorted.
std::span<const std::string_view> all_tools();
bool is_tool(std::string_view name);
/// One line on what the tool is for. REQUIRES: is_tool(name).
struct ToolHelp {
  std::string_view english;
  std::string_view korean;
};
ToolHelp tool_help(std::string_view name);

/// What a tool may know of the place that it runs in.
struct ToolEnvironment {
  /// Reads a file that an option names (--command-config). Called only while the tool is made.
  std::function<Result<std::string>(const std::string& path)> read_file;
  std::string working_folder{};  ///< where relative paths begin
  /// Then kafka-console-producer prompts with ">".
  bool standard_input_is_terminal = false;
};

/// REQUIRES: is_tool(name). Mistakes in the arguments are printed by the node, which then ends with 1.
std::unique_ptr<Node> make_tool(const Boot& boot, std::string_view name,
                                const std::vector<std::string>& arguments,
                                const ToolEnvironment& environment = {});

}  // namespace brokerlab
