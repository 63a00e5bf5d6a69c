// What `brokerlab sim` can do.
#pragma once

#include <cstdint>
#include <string>

#include "gui/program/describe.h"
#include "sim/shell/text.h"

namespace brokerlab {

/// A run under a load that is the same in every version: for its speed and its hash.
struct LoadOptions {
  uint64_t seed = 1;
  std::string duration = "30s";
  std::string load = "default";
  DescribeOptions describe;
};
int run_load(const LoadOptions& options, Language language);

/// The search for faults that break a promise (sim/search).
struct SearchCommand {
  std::string seeds;
  int jobs = 0;  ///< 0: one for each processor
  bool as_json = false;
  std::string profile = "budget";
  std::string bug;
  std::string shrink_to;  ///< a file
  bool prints_plan = false;
};
int run_search(const SearchCommand& command, Language language);
/// --shrink FILE and --plan: one seed.
int shrink_seed(const SearchCommand& command, uint64_t seed, Language language);
int print_plan(const SearchCommand& command, uint64_t seed, Language language);
int list_bugs(Language language);

}  // namespace brokerlab
