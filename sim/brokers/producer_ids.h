// Producer ids (KIP-98) out of blocks that the controller hands to this broker (AllocateProducerIds,
// KIP-730).
//
// Deviation: a producer that comes while no id is at hand waits for the next block; Kafka answers
// COORDINATOR_LOAD_IN_PROGRESS and lets it ask again.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/brokers/controller_channel.h"
#include "sim/network/node_step.h"
#include "sim/network/request_channel.h"

namespace brokerlab {

class ProducerIds {
 public:
  /// `client` is told by `take_granted` once there is an id for it.
  void request(const RequestContext& client) { waiting_.push_back(client); }

  void poll(NodeStep& step, ControllerChannel& channel, bool is_new, int32_t broker_id, int64_t broker_epoch);
  Instant next_deadline() const { return !waiting_.empty() && !in_flight_ ? retry_at_ : never; }
  /// False when the completion is none of ours.
  bool handle(NodeStep& step, const Completion& completion);

  struct Granted {
    RequestContext client;
    int64_t producer_id = -1;
  };
  std::vector<Granted> take_granted();

 private:
  int64_t next_id_ = 0;
  int64_t end_ = 0;  ///< of the block, exclusive
  std::vector<RequestContext> waiting_;
  std::optional<uint64_t> in_flight_;
  Instant retry_at_{};
};

}  // namespace brokerlab
