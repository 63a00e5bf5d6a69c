// Every invariant that the lab holds its quorum, partitions, producers and consumers to: named folds over the
// journal, checked after each event, which look only at what the event touched.
//
// Names are those of the field: the Raft paper, KRaft's simulation test, the specifications of KIP-966 and of
// Kafka's replication, Jepsen's Kafka workload. `invariant_list` explains each in a line.
//
// Honest excuses. A committed record may be lost only if the journal shows that every replica that was in sync with
// it lost its copy to an injected fault (DiskDamaged) and did not get it back; that this happened to the last known
// leader, which Kafka elects when nobody is left in ISR and ELR (KIP-966); or that it was allowed (an unclean election,
// by a setting or an administrator; acks below all, for what was acknowledged and not committed). Excuses are counted by
// kind, and are for what was acknowledged before the loss.
//
// Events of several nodes must come in the order in which they happened, as the sandbox's do.
//
// A leader that loads a snapshot (LeaderNeverLoadSnapshot) breaks LeaderAppendOnly.
//
// Not here yet: MinIsrRecoveryQuorum; and, because the lab has not got them, the invariants of groups (KIP-848), of
// transactions (atomic visibility, precommitted-read, G1a, G1c, G0, the last stable offset), of ZooKeeper's mode and of
// the cache.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/observe/invariants/report.h"
#include "sim/observe/journal.h"

namespace brokerlab {

struct InvariantDescription {
  std::string_view name;
  std::string_view english, korean;
};
/// All of them: quorum, partitions, producers, Jepsen's anomalies, liveness.
std::span<const InvariantDescription> invariant_list();

class Invariants : public JournalSubscriber {
 public:
  Invariants();
  ~Invariants() override;
  Invariants(const Invariants& other);  ///< a fork of a run goes on with a copy
  Invariants& operator=(const Invariants& other);

  void on_events(std::span<const Event> events) override;
  /// The history is over: Jepsen's anomalies. `healed_and_quiet`: no fault is set, every node of the cluster runs, all
  /// this for long enough, and producers have been told to stop; then also what must have come true by now (liveness).
  void finish(bool healed_and_quiet);

  /// In the order in which they were found; bounded (InvariantReport).
  const std::vector<Violation>& violations() const;
  uint64_t violation_count() const;
  /// Records, by the reason why their loss is none of ours.
  const std::map<std::string, uint64_t>& excuses() const;
  /// Jepsen's worst-realtime-lag: the longest time from a record's acknowledgement until a consumer first had it.
  Duration worst_realtime_lag() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace brokerlab
