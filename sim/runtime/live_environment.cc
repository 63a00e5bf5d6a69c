#include "sim/runtime/live_environment.h"

#include <chrono>

#include "sim/runtime/flush_thread.h"
#include "sim/runtime/live_node.h"

namespace brokerlab {

void ChangeSignal::notify() {
  ++version_;
  if (waiting_ == 0) return;
  {
    const std::lock_guard lock(mutex_);
  }  // whoever is about to wait has seen the new version, or waits by now
  changed_.notify_all();
}

void ChangeSignal::wait(uint64_t seen, RealInstant until) {
  std::unique_lock lock(mutex_);
  ++waiting_;
  const auto is_over = [&] { return version_ != seen; };
  if (until == real_never) {
    changed_.wait(lock, is_over);
  } else {
    const std::chrono::steady_clock::time_point end{std::chrono::nanoseconds(until.nanoseconds)};
    changed_.wait_until(lock, end, is_over);
  }
  --waiting_;
}

LiveEnvironment::LiveEnvironment(ClusterSpec cluster_spec)
    : cluster(std::move(cluster_spec)),
      clock(cluster.speed),
      network(cluster.latency, cluster.seed),
      flushes(std::make_unique<FlushThread>()) {
  journal.subscribe(&changed);
}

LiveEnvironment::~LiveEnvironment() = default;

void LiveEnvironment::poke_all() {
  const std::lock_guard lock(running_mutex);
  for (LiveNode* node : running) node->poke();
}

void LiveEnvironment::poke(NodeId id) {
  const std::lock_guard lock(running_mutex);
  for (LiveNode* node : running) {
    if (node->id() == id) node->poke();
  }
}

}  // namespace brokerlab
