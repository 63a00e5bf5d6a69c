// The processes that `brokerlab bench` measures: the lab, Apache Kafka, and clients of both.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/result.h"

namespace brokerlab {

/// A program that prints `ready bootstrap=...` and serves until SIGTERM.
class ServerProcess {
 public:
  explicit ServerProcess(const std::vector<std::string>& command);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  bool is_ready() const { return !bootstrap().empty(); }
  std::string bootstrap() const { return word("bootstrap="); }
  /// What follows `label` in the line that it was ready with; empty when nothing does.
  std::string word(const std::string& label) const;
  /// Resident memory as the kernel counts it.
  double resident_mib() const;
  /// Processor time of all its threads so far.
  double processor_seconds() const;

 private:
  pid_t child_ = -1;
  std::string ready_;
};

/// `brokerlab up` in a process of its own, as a person starts it, on ports and in a folder that nobody else has.
class LabProcess : public ServerProcess {
 public:
  explicit LabProcess(const std::vector<std::string>& more_arguments = {});
};

std::filesystem::path this_program();

/// Touches free memory, half of it or 6 GiB. A virtual machine may have given it back to its host (free page reporting);
/// then the page cache of a log that is written has to fetch each page first, which takes longer than the writing.
void take_memory_from_host();

/// Runs a program; what it printed. `unavailable` when it failed.
Result<std::string> output_of(const std::vector<std::string>& command);
/// Runs a program of tests/bench, which prints one JSON line. `not_found` when it is not built.
Result<nlohmann::json> measure_with(const std::string& client, std::vector<std::string> arguments);

}  // namespace brokerlab
