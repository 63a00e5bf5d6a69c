// What the threads of a live lab share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "sim/observe/journal.h"
#include "sim/runtime/cluster_spec.h"
#include "sim/runtime/live_clock.h"
#include "sim/runtime/live_network.h"

namespace brokerlab {

/// Wakes who waits for the lab to change. Costs one atomic operation while nobody does.
class ChangeSignal : public JournalSubscriber {
 public:
  void notify();
  void on_events(std::span<const Event>) override { notify(); }
  uint64_t version() const { return version_; }
  /// Until there was a change after `seen`, or real time is `until`.
  void wait(uint64_t seen, RealInstant until);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<uint64_t> version_ = 0;
  std::atomic<int> waiting_ = 0;
};

class LiveNode;
class FlushThread;

struct LiveEnvironment {
  LiveEnvironment(ClusterSpec cluster_spec);
  ~LiveEnvironment();

  /// Makes every running node look again at clock, links and connections.
  void poke_all();
  void poke(NodeId node);

  ClusterSpec cluster;
  LiveClock clock;
  LiveNetwork network;
  Journal journal;
  ChangeSignal changed;
  std::unique_ptr<FlushThread> flushes;
  /// A client from outside has come (1) or left (-1). Called on the nodes' threads.
  std::function<void(int)> outside_clients_changed = [](int) {};

  std::mutex running_mutex;
  std::vector<LiveNode*> running;  ///< to be poked
};

}  // namespace brokerlab
