// A controller tells the active one, be it itself, who it is: ControllerRegistration (KIP-919), after each
// start, until the metadata says it. Kafka's ControllerRegistrationManager.
#pragma once

#include <cstdint>

#include "sim/base/node.h"
#include "sim/clients/network_client.h"
#include "sim/controller/metadata/image.h"
#include "sim/controller/raft/raft_client.h"
#include "sim/network/node_step.h"

namespace brokerlab {

class ControllerRegistrar {
 public:
  /// Its timers are (`timer_kind`, 0) and (`timer_kind`, 1).
  ControllerRegistrar(int32_t node_id, Uuid incarnation_id, uint16_t timer_kind);

  bool owns(const Input& input) const;
  /// REQUIRES: owns(input). `poll` is to be called afterwards.
  void handle_input(NodeStep& step, const Input& input);
  /// Sends when it is time: this incarnation is not in the committed image, the cluster is bootstrapped, and a
  /// leader is known.
  void poll(NodeStep& step, const RaftClient& raft, const MetadataImage& committed);

 private:
  TimerKey retry_timer() const { return {timer_kind_, 0}; }

  int32_t node_id_;
  Uuid incarnation_id_;
  uint16_t timer_kind_;
  NetworkClient network_;
  int32_t asked_ = nobody;  ///< the controller that a request is under way to
  Instant retry_at_{};
};

}  // namespace brokerlab
