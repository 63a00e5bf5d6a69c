// What the invariants found: violations, bounded, and losses that have an excuse, counted by kind.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/event.h"

namespace brokerlab {

/// One event that an invariant does not allow.
struct Violation {
  std::string invariant;  ///< its name in invariant_list()
  Instant at;
  EventRef event;
  std::string text;  ///< what is wrong, with numbers
};

class InvariantReport {
 public:
  /// Of one invariant, and in all.
  static constexpr size_t kept_of_each = 5;
  static constexpr size_t kept = 100;

  void violate(std::string_view invariant, const Event& event, std::string text);
  void excuse(const std::string& kind, int64_t records);

  const std::vector<Violation>& violations() const { return violations_; }
  uint64_t violation_count() const { return violation_count_; }
  const std::map<std::string, uint64_t>& excuses() const { return excuses_; }

 private:
  std::vector<Violation> violations_;
  std::map<std::string, size_t, std::less<>> count_of_each_;
  uint64_t violation_count_ = 0;
  std::map<std::string, uint64_t> excuses_;
};

}  // namespace brokerlab
