// What the tools have in common: lines on standard output and error, log lines in the layout of Kafka's
// tools-log4j2.yaml, the `bootstrap` option, mistakes that end a tool before it begins.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/address.h"
#include "sim/base/node.h"
#include "sim/tools/options.h"
#include "sim/tools/tool.h"

namespace brokerlab {

/// The release that the tools follow; `--version` prints it.
inline constexpr std::string_view kafka_version = "4.3.1";
inline constexpr int status_failed = 1;
inline constexpr int status_interrupted = 130;  ///< 128 + SIGINT
inline constexpr int status_terminated = 143;   ///< 128 + SIGTERM

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
  int status = status_failed;

  ToolEnd& output(std::string text);
  ToolEnd& error(std::string text);
  /// With the time and on standard error; "LEVEL text (logger)".
  ToolEnd& log(std::string text);
};
void print_ending(const Now& now, Effects& effects, const ToolEnd& end);
/// A node that says it and ends.
std::unique_ptr<Node> make_ending(ToolEnd end);

/// A message, the table of options, exit 1: how Kafka's tools answer a wrong combination of options.
ToolEnd usage_error(std::string message, std::span<const OptionSpec> specs);
/// For --help, --version, and options that are not there yet; false when the tool goes on.
bool ends_early(const ParsedOptions& options, std::span<const OptionSpec> specs, std::string_view tool,
                std::string_view purpose, ToolEnd& end);

/// "host:port,host:port". The status is in the words of Kafka's ConfigException.
Result<std::vector<Address>> parse_bootstrap(std::string_view text);

inline constexpr std::string_view no_bootstrap_urls =
    "No resolvable bootstrap urls given in bootstrap.servers";
/// How the administrative tools end when their client could not be made.
ToolEnd no_admin_client(std::string_view reason);

/// The properties of --command-config FILE, under those of --command-property. Unreadable: what the tool
/// prints.
std::variant<std::map<std::string, std::string>, ToolEnd> client_properties(
    const ParsedOptions& options, const ToolEnvironment& environment, std::string_view file_option,
    std::string_view property_option);

}  // namespace brokerlab
