// How the cluster's shape changed: leaders, in-sync sets and epochs of partitions, who is alive, who is the
// active controller. A fold over the journal.
//
// Nodes learn of a change one after the other; it counts once, when the first one says it. A partition's
// changes are told apart by its partition epoch, the controller's by its quorum epoch; of brokers' states only
// the active controller speaks.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/views/node_view.h"
#include "sim/observe/journal.h"

namespace brokerlab {

struct PartitionState {
  TopicPartition partition;
  int32_t leader = -1;
  int32_t leader_epoch = 0;
  int32_t partition_epoch = 0;
  std::vector<int32_t> replicas;
  std::vector<int32_t> isr;
  std::vector<int32_t> elr;
  std::vector<int32_t> last_known_elr;
};
struct BrokersAlive {
  std::set<int32_t> brokers;  ///< registered and unfenced
};
struct ControllerElected {
  int32_t leader = -1;
  int32_t epoch = 0;
};

struct ClusterChange {
  Instant at;
  EventRef event;
  std::variant<PartitionState, BrokersAlive, ControllerElected> what;
};

class ClusterHistory : public JournalSubscriber {
 public:
  ClusterHistory() = default;
  /// Goes on from what a node knew: only what changes after that counts.
  explicit ClusterHistory(const KafkaView& known);
  void on_events(std::span<const Event> events) override;
  /// How many changes there were.
  size_t size() const;
  /// Those from the nth on.
  std::vector<ClusterChange> since(size_t nth) const;

 private:
  void apply(const Event& event);

  mutable std::mutex mutex_;
  std::vector<ClusterChange> changes_;
  std::map<TopicPartition, int32_t> partition_epochs_;
  std::set<int32_t> alive_;
  int32_t controller_epoch_ = -1;
};

/// The changes as text, one a line, in the layout of golden/cli/failures:
///
///   brokers alive [2, 3]
///   orders-0 Leader: 2 epoch 1 Isr: 2,3
///   orders-1 Leader: none epoch 1 Isr:  Elr: 2 LastKnownElr: 2
///   quorum leader 2 epoch 2
///
/// Eligible leader replicas stand there only where there are some. Partitions that changed between two changes of brokers or quorum are in the order of their names: which of
/// them came first is chance.
std::string describe(const std::vector<ClusterChange>& changes);

}  // namespace brokerlab
