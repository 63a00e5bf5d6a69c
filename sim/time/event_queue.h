// What will happen, in order: by deadline, then by rank, then by the order of adding. No two entries are
// equal, so the order does not depend on the heap.
//
// The rank decides between things of the same instant: a node handles what has arrived before timers that are
// due. Entries should be small; a binary heap in one array moves them around.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/base/assert.h"
#include "sim/base/time.h"

namespace brokerlab {

enum class Rank : uint8_t { arrival, timer };

template <class Payload>
class EventQueue {
 public:
  struct Entry {
    Instant deadline;
    uint64_t order;  ///< the rank in the top bits, then the sequence
    Payload payload;
    Rank rank() const { return static_cast<Rank>(order >> rank_shift); }
  };

  void add(Instant deadline, Rank rank, Payload payload) {
    heap_.push_back({deadline, uint64_t{static_cast<uint8_t>(rank)} << rank_shift | next_sequence_++,
                     std::move(payload)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  /// REQUIRES: not empty.
  const Entry& next() const { return heap_.front(); }
  Entry take() {
    BROKERLAB_ASSERT(!heap_.empty());
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Entry entry = std::move(heap_.back());
    heap_.pop_back();
    return entry;
  }

 private:
  static constexpr int rank_shift = 62;
  static bool later(const Entry& a, const Entry& b) {
    return a.deadline != b.deadline ? a.deadline > b.deadline : a.order > b.order;
  }
  std::vector<Entry> heap_;
  uint64_t next_sequence_ = 0;
};

}  // namespace brokerlab
