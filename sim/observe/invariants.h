// Every invariant that the lab holds its brokers, quorum and clients to, as folds over the journal.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/observe/journal.h"

namespace brokerlab {

/// One event that an invariant does not allow.
struct Violation {
  std::string invariant;  ///< its name in invariant_list()
  Instant at;
  EventRef event;
  std::string text;  ///< what is wrong, with numbers
};

struct InvariantDescription {
  std::string_view name;
  std::string_view english;
  std::string_view korean;
};
/// All of them, in the order of the facts: quorum, partitions, producers, Jepsen's anomalies, liveness.
std::span<const InvariantDescription> invariant_list();

class Invariants : public JournalSubscriber {
 public:
  Invariants();
  ~Invariants() override;
  Invariants(const Invariants& other);  ///< a fork of a run goes on with a copy
  Invariants& operator=(const Invariants& other);

  void on_events(std::span<const Event> events) override;
  /// The history is over: Jepsen's anomalies. `healed_and_quiet`: no fault is set, every node runs, producers have
  /// been told to stop and had time to; then also what must have come true by now (liveness).
  void finish(bool healed_and_quiet);

  /// The first of each invariant, at most `violations_kept` in all, in the order in which they were found.
  static constexpr size_t violations_kept = 100;
  const std::vector<Violation>& violations() const;
  uint64_t violation_count() const;
  /// Records that were acknowledged, or committed, and are lost for a reason that counts: by reason.
  const std::map<std::string, uint64_t>& excuses() const;
  /// Jepsen's worst-realtime-lag: the longest time from a record's acknowledgement to the moment when a consumer had
  /// it.
  Duration worst_realtime_lag() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace brokerlab
