// What the subcommands share: the language, texts in it, and how a mistake is said.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/shell/lab_config.h"
#include "sim/shell/text.h"

namespace brokerlab {

/// Options of a cluster, as `up`, `sim` and the window take them.
struct ClusterOptions {
  LabConfig config;
  int port_base = 9092;
  std::string data_folder;

  /// Adds --brokers, --port-base, --data, --speed, --timers, --set and a footer with all settings.
  void add_to(CLI::App& command, Language language);
};

/// Prints `brokerlab: problem` on standard error; returns the status.
int complain(const std::string& problem, int status);
int complain(const Text& problem, Language language, int status);

/// Checks of an option's value that refuse it in the language.
CLI::Validator one_of(std::vector<std::string> words, Language language);
CLI::Validator between(double least, double most, Language language);

/// The headings of help in the language, for the command and all its subcommands.
void translate_headings(CLI::App& command, Language language);

/// One line for what CLI11 refused, and what to do next, in the language.
std::string explain(const CLI::App& program, const CLI::ParseError& error, Language language);

}  // namespace brokerlab
