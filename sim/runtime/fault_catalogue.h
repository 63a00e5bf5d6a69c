// All faults of the lab, for whoever lists, explains or draws them: `fault list`, help, the random search. Each is a
// command of the shell; those of processes are docker's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/random.h"

namespace brokerlab {

/// A fault as somebody could have typed it.
struct DrawnFault {
  std::string command;  ///< "fault cut kafka1 to kafka3"
  std::vector<std::string>
      heal;  ///< what brings everything back that can be, in order; empty: nothing is left to heal
  std::vector<std::string> nodes;  ///< those that it is about: who is cut off, stands still, loses data
};

struct FaultKind {
  enum class Group : uint8_t { process, network, clock, disk };
  /// What of a node's files is lost for good.
  enum class Damage : uint8_t {
    none,
    unsynced,  ///< what was appended and not flushed: Kafka acknowledges without a flush
    synced,    ///< what was flushed, too
  };
  std::string_view name;   ///< "power-loss", unique
  std::string_view usage;  ///< "fault power-loss NODE|all"
  std::string_view english;
  std::string_view korean;
  Group group;
  Damage damage = Damage::none;
  /// REQUIRES: two nodes at least.
  DrawnFault (*draw)(Random& random, std::span<const std::string> nodes);
};

/// By group, in the order of lists.
std::span<const FaultKind> fault_catalogue();
/// Null when there is none of that name.
const FaultKind* find_fault_kind(std::string_view name);

}  // namespace brokerlab
