// Named defects that can be built into a cluster on purpose, to learn what a rule is for and to test the checkers:
// with one of them on, its checker must fire (`brokerlab sim --bug NAME`). All are off unless asked for.
//
// Each is a mistake that Kafka once made or that a KIP prevents. Where a legal setting shows the same lesson
// (acks=1, unclean election, min.insync.replicas=1) there is no switch: tests/scenarios plays it with and without.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace brokerlab {

enum class Bug : uint8_t {
  kip_101_hw_truncation,
  kip_279_unknown_epoch,
  kip_320_unfenced_fetch,
  no_eligible_replicas,
  no_pre_vote,
  unclean_without_asking,
};

struct BugSpec {
  Bug bug;
  std::string_view name;     ///< of `--bug`
  std::string_view checker;  ///< the invariant that must fire
  std::string_view english;  ///< what is wrong, in a line
  std::string_view korean;
};
std::span<const BugSpec> all_bugs();
const BugSpec& spec_of(Bug bug);
/// Null when there is none of that name.
const BugSpec* find_bug(std::string_view name);

/// A set of them.
class Bugs {
 public:
  void add(Bug bug) { bits_ |= bit(bug); }
  bool has(Bug bug) const { return (bits_ & bit(bug)) != 0; }
  friend bool operator==(const Bugs&, const Bugs&) = default;

 private:
  static uint32_t bit(Bug bug) { return uint32_t{1} << static_cast<uint8_t>(bug); }
  uint32_t bits_ = 0;
};

}  // namespace brokerlab
