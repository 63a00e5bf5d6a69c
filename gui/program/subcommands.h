// One subcommand of `brokerlab` each: adds its options to the program and runs when it was chosen. The status is
// that of the process.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "sim/shell/text.h"

namespace brokerlab {

/// What runs when the subcommand was chosen.
using RunSubcommand = std::function<int()>;

RunSubcommand add_up(CLI::App& program, Language language);
RunSubcommand add_shell(CLI::App& program, Language language);
RunSubcommand add_run(CLI::App& program, Language language);
RunSubcommand add_lesson(CLI::App& program, Language language);
RunSubcommand add_sim(CLI::App& program, Language language);
RunSubcommand add_replay(CLI::App& program, Language language);
RunSubcommand add_decode(CLI::App& program, Language language);
RunSubcommand add_encode(CLI::App& program, Language language);
RunSubcommand add_bench(CLI::App& program, Language language);
RunSubcommand add_window(CLI::App& program, Language language);

/// Runs one of Kafka's tools alone, against any cluster.
int run_tool(const std::string& name, const std::vector<std::string>& arguments);
/// Without a subcommand: the window on lesson 1; without a display, lesson 1 in the terminal.
int open_window(Language language);

}  // namespace brokerlab
