// What watched nodes print, for whoever waits for a tool's output.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "sim/observe/journal.h"

namespace brokerlab {

/// Bytes that a node wrote to its standard output (1) or error (2).
struct OutputChunk {
  int stream = 1;
  std::string text;
};

class OutputCollector : public JournalSubscriber {
 public:
  void watch(NodeId node);
  void forget(NodeId node);
  /// What the node has printed since the last call, in order.
  std::vector<OutputChunk> take(NodeId node);
  void on_events(std::span<const Event> events) override;

 private:
  std::mutex mutex_;
  std::map<NodeId, std::vector<OutputChunk>> watched_;
};

}  // namespace brokerlab
