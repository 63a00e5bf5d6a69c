#include "sim/controller/kraft/replica_placer.h"

#include <utility>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

/// Brokers in a circle. Each epoch (one partition) begins one step further.
class Circle {
 public:
  void add(int32_t broker) { brokers_.push_back(broker); }
  size_t size() const { return brokers_.size(); }
  void start_anywhere(Random& random) {
    if (!brokers_.empty()) offset_ = random.below(brokers_.size());
  }
  void shuffle(Random& random) {
    for (size_t left = brokers_.size(); left > 1; --left) {
      std::swap(brokers_[left - 1], brokers_[random.below(left)]);
    }
  }
  /// The next broker of this epoch; -1 when all were taken.
  int32_t next(size_t epoch) {
    if (brokers_.empty()) return -1;
    if (epoch_ != epoch) {
      epoch_ = epoch;
      index_ = 0;
      offset_ = (offset_ + 1) % brokers_.size();
    }
    if (index_ == brokers_.size()) return -1;
    return brokers_[(offset_ + index_++) % brokers_.size()];
  }

 private:
  std::vector<int32_t> brokers_;
  size_t epoch_ = 0;
  size_t index_ = 0;
  size_t offset_ = 0;
};

}  // namespace

std::vector<std::vector<int32_t>> place_replicas(const MetadataImage& image, int32_t partitions,
                                                 int32_t replication_factor, Random& random) {
  Circle unfenced;
  Circle fenced;
  for (const auto& [id, broker] : image.brokers()) (broker.fenced ? fenced : unfenced).add(id);
  BROKERLAB_ASSERT(unfenced.size() > 0);
  BROKERLAB_ASSERT(replication_factor > 0 &&
                   static_cast<size_t>(replication_factor) <= unfenced.size() + fenced.size());
  fenced.start_anywhere(random);
  unfenced.start_anywhere(random);

  std::vector<std::vector<int32_t>> placement;
  size_t epoch = 0;
  for (int32_t partition = 0; partition < partitions; ++partition) {
    if (epoch == unfenced.size() && unfenced.size() > 1) {
      fenced.shuffle(random);
      unfenced.shuffle(random);
      epoch = 0;
    }
    std::vector<int32_t>& replicas = placement.emplace_back();
    for (int32_t replica = 0; replica < replication_factor; ++replica) {
      int32_t broker = unfenced.next(epoch);
      if (broker < 0) broker = fenced.next(epoch);
      BROKERLAB_ASSERT(broker >= 0);
      replicas.push_back(broker);
    }
    ++epoch;
  }
  return placement;
}

}  // namespace brokerlab
