// `--until T --describe`: the cluster at an instant of a run, for `sim` and `replay`.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/runtime/cluster.h"
#include "sim/shell/text.h"

namespace brokerlab {

struct DescribeOptions {
  std::string until;
  bool describes = false;
  bool as_json = false;

  void add_to(CLI::App& command, Language language);
  /// Nothing without --until. An error when it is no time.
  Result<std::optional<Instant>> instant(Language language) const;
  /// Prints it, if that was asked for.
  void print(const LabView& view, Language language) const;
};

}  // namespace brokerlab
