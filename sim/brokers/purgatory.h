// Requests that wait for something to happen, or for their time to run out: Kafka's purgatories, as data.
//
// An operation is parked under the keys of what it waits for (partitions, or a fetch session) and a deadline. When
// something moves there, its operations are tried again in the order of their arrival. One timer suffices for all: `next_deadline` is
// when to look again.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "sim/base/assert.h"
#include "sim/base/time.h"
#include "sim/controller/metadata/image.h"

namespace brokerlab {

template <class Operation, class Key = PartitionKey>
class Purgatory {
 public:
  void park(Operation operation, Instant deadline, std::span<const Key> keys) {
    const uint64_t id = next_id_++;
    for (const Key& key : keys) watchers_[key].insert(id);
    deadlines_.emplace(deadline, id);
    parked_.emplace(id, Parked{std::move(operation), deadline, {keys.begin(), keys.end()}});
  }

  /// The operations that wait for `key`, oldest first.
  std::vector<uint64_t> waiting_for(const Key& key) const {
    const auto it = watchers_.find(key);
    if (it == watchers_.end()) return {};
    return {it->second.begin(), it->second.end()};
  }
  /// Those whose time is up, by deadline.
  std::vector<uint64_t> due(Instant now) const {
    std::vector<uint64_t> ids;
    for (const auto& [deadline, id] : deadlines_) {
      if (deadline > now) break;
      ids.push_back(id);
    }
    return ids;
  }
  Instant next_deadline() const { return deadlines_.empty() ? never : deadlines_.begin()->first; }

  Operation& at(uint64_t id) { return parked_.at(id).operation; }
  Operation take(uint64_t id) {
    auto node = parked_.extract(id);
    BROKERLAB_ASSERT(!node.empty());
    Parked& parked = node.mapped();
    deadlines_.erase({parked.deadline, id});
    for (const Key& key : parked.keys) {
      const auto it = watchers_.find(key);
      if (it == watchers_.end()) continue;  // the same key twice in one request
      it->second.erase(id);
      if (it->second.empty()) watchers_.erase(it);
    }
    return std::move(parked.operation);
  }
  size_t size() const { return parked_.size(); }

 private:
  struct Parked {
    Operation operation;
    Instant deadline;
    std::vector<Key> keys;
  };

  uint64_t next_id_ = 1;
  std::map<uint64_t, Parked> parked_;
  std::map<Key, std::set<uint64_t>> watchers_;
  std::set<std::pair<Instant, uint64_t>> deadlines_;
};

}  // namespace brokerlab
