// What the tools have in common: lines on standard output and error, log lines in the layout of Kafka's
// tools-log4j2.yaml, the `bootstrap` option, mistakes that end a tool before it begins.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/address.h"
#include "sim/base/exit_status.h"
#include "sim/base/node.h"
#include "sim/tools/options.h"
#include "sim/tools/tool.h"

namespace brokerlab {

/// The release that the tools follow; `--version` prints it.
inline constexpr std::string_view kafka_version = "4.3.1";
/// The exit status of a tool that a command ends: `interrupt`, or SIGTERM.
int status_after(const input::Command& command);

void print_line(Effects& effects, std::string_view line);
void print_error(Effects& effects, std::string_view line);
/// "[2026-11-21 10:00:00,123] " in UTC.
std::string log_time(int64_t wall_ms);
/// "[time] LEVEL text (logger)" on standard error.
void print_log(const Now& now, Effects& effects, std::string_view line);
/// Prints what the client noted in this step (event::Noted) as log lines. Once in a step.
void print_notes(const Now& now, Effects& effects);

/// A line that a tool says before it ends.
struct ToolEnd {
  struct Line {
    enum class To : uint8_t { output, error, log } to = To::error;
    std::string text;
  };
  std::vector<Line> lines;
  int status = exit_status::failure;

  ToolEnd& output(std::string text);
  ToolEnd& error(std::string text);
  /// With the time and on standard error; "LEVEL text (logger)".
  ToolEnd& log(std::string text);
};
void print_ending(const Now& now, Effects& effects, const ToolEnd& end);
/// A node that says it and ends.
std::unique_ptr<Node> make_ending(ToolEnd end);
/// The node of a command line that was understood; or one that says what is wrong with it.
template <class Tool, class Command>
std::unique_ptr<Node> make_tool_of(const Boot& boot, std::variant<Command, ToolEnd> parsed) {
  if (auto* end = std::get_if<ToolEnd>(&parsed)) return make_ending(std::move(*end));
  return std::make_unique<Tool>(boot, std::get<Command>(std::move(parsed)));
}

/// A line on standard error. Exit 1.
ToolEnd error_end(std::string line);
/// The same, after lines on standard output.
ToolEnd with_warnings(const std::vector<std::string>& warnings, ToolEnd end);
using Causes = std::vector<std::string>;  ///< "org.apache.kafka...Exception: message"
/// A Java exception that nothing in the tool catches: its message, then itself with its causes. Exit 1.
ToolEnd exception_end(std::string_view exception, std::string_view message, const Causes& causes = {});
inline constexpr std::string_view no_such_file_exception = "java.nio.file.NoSuchFileException";

/// A message, the table of options, exit 1: how Kafka's tools answer a wrong combination of options.
ToolEnd usage_error(std::string message, std::span<const OptionSpec> specs);
ToolEnd missing_argument(std::string_view option, std::span<const OptionSpec> specs);
/// For --help, --version, and options that are not there yet; nothing when the tool goes on.
std::optional<ToolEnd> early_end(const ParsedOptions& options, std::span<const OptionSpec> specs,
                                 std::string_view tool, std::string_view purpose);

/// A file that an option names. `not_found` too where there are no files.
Result<std::string> read_file(const ToolEnvironment& environment, const std::string& path);

/// "host:port,host:port". The status is in the words of Kafka's ConfigException.
Result<std::vector<Address>> parse_bootstrap(std::string_view text);

inline constexpr std::string_view no_bootstrap_urls =
    "No resolvable bootstrap urls given in bootstrap.servers";

/// The properties of --command-config FILE, under those of --command-property. Unreadable: what the tool
/// prints.
std::variant<std::map<std::string, std::string>, ToolEnd> client_properties(
    const ParsedOptions& options, const ToolEnvironment& environment, std::string_view file_option,
    std::string_view property_option);

}  // namespace brokerlab
