// A broker's way to the active controller: a connection of its own to the CONTROLLER listener of whoever
// leads the quorum (Kafka's NodeToControllerChannelManager). Kafka uses one for lifecycle, one for
// AlterPartition and one for forwarding, so that a slow request of one kind holds back no other; so do we.
//
// Invariant: requests go to one controller at a time. When another is elected, what was asked of the old one
// is forgotten and `follow` says so: its owners ask again. They also ask again after NOT_CONTROLLER and
// broken connections.
#pragma once

#include <cstdint>

#include "sim/clients/network_client.h"
#include "sim/controller/raft/raft_client.h"
#include "sim/network/node_step.h"

namespace brokerlab {

/// How long a broker waits before it asks the controller again what that could not answer.
inline constexpr Duration controller_retry_backoff = milliseconds(50);

class ControllerChannel {
 public:
  explicit ControllerChannel(NetworkClient::Config config) : network_(std::move(config)) {}

  /// Goes to the leader that the quorum has now. True when that is another than before.
  bool follow(NodeStep& step, const RaftClient& raft) {
    const int32_t leader = raft.leader_and_epoch().leader_id;
    if (leader == controller_) return false;
    if (controller_ != no_controller) network_.close(step.effects, controller_);
    const Address* address = leader == no_controller ? nullptr : raft.voter_address(leader);
    controller_ = address == nullptr ? no_controller : leader;
    if (address != nullptr) network_.set_address(leader, *address);
    return true;
  }
  bool is_known() const { return controller_ != no_controller; }

  /// The token that the completion will carry. REQUIRES: is_known().
  template <class M>
  uint64_t send(NodeStep& step, M message, int16_t version) {
    const uint64_t token = next_token_++;
    network_.send(step.now, step.effects, step.connections, controller_, std::move(message),
                  {version, version}, token);
    return token;
  }
  bool owns(const Input& input) const { return network_.owns(input); }
  std::vector<Completion> handle(NodeStep& step, const Input& input) {
    return network_.handle(step.now, step.effects, step.connections, input);
  }

 private:
  static constexpr int32_t no_controller = -1;

  NetworkClient network_;
  int32_t controller_ = no_controller;
  uint64_t next_token_ = 1;
};

}  // namespace brokerlab
