// A broker's membership in the cluster: registration, heartbeats, controlled shutdown (KIP-631).
//
// It registers with a new incarnation id, stays fenced until its metadata has reached that registration, is
// then unfenced by a heartbeat, and lives as long as heartbeats reach the active controller. A stopping
// broker says WantShutDown with each heartbeat until the controller has moved its leaderships and answers
// ShouldShutDown.
//
// Deviations: fixed backoff of 50 ms after a failure (Kafka: exponential from 100 ms, with jitter); no end
// after initial.broker.registration.timeout.ms.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sim/base/address.h"
#include "sim/base/time.h"
#include "sim/brokers/controller_channel.h"
#include "sim/controller/metadata/image.h"
#include "sim/network/node_step.h"
#include "sim/wire/kafka/62_broker_registration.h"
#include "sim/wire/kafka/63_broker_heartbeat.h"

namespace brokerlab {

enum class BrokerState : uint8_t {
  starting,  ///< not unfenced yet
  running,
  stopping,  ///< controlled shutdown: it leads until the controller has moved that
  stopped,   ///< the controller needs it no more
};

class BrokerLifecycle {
 public:
  struct Config {
    int32_t broker_id = -1;
    std::string cluster_id;
    Uuid incarnation_id;
    Uuid directory_id;
    std::map<std::string, Address, std::less<>> listeners;  ///< without CONTROLLER
    int64_t previous_broker_epoch = -1;                     ///< of the clean-shutdown mark
    Duration heartbeat_interval;
  };

  BrokerLifecycle(Config config, NetworkClient::Config network)
      : config_(std::move(config)), channel_(std::move(network)) {}

  BrokerState state() const { return state_; }
  /// -1 before the registration.
  int64_t broker_epoch() const { return broker_epoch_; }
  /// Whether this incarnation's registration is in the image.
  bool is_registered_in(const MetadataImage& image) const;
  /// Begins a controlled shutdown; without one, or when it does not lead anything yet, it is `stopped` at
  /// once.
  void begin_stop(Instant now, bool controlled);

  /// Sends what is due. Call it at the end of each step.
  void poll(NodeStep& step, const RaftClient& raft, const MetadataImage& image);
  Instant next_deadline() const { return in_flight_ ? never : next_at_; }
  bool owns(const Input& input) const { return channel_.owns(input); }
  void handle(NodeStep& step, const Input& input);

 private:
  void send_registration(NodeStep& step);
  void send_heartbeat(NodeStep& step, const MetadataImage& image);
  void handle_registration(NodeStep& step, const kafka::BrokerRegistrationResponse& response);
  void handle_heartbeat(NodeStep& step, const kafka::BrokerHeartbeatResponse& response);

  Config config_;
  ControllerChannel channel_;
  BrokerState state_ = BrokerState::starting;
  int64_t broker_epoch_ = -1;
  std::optional<uint64_t> in_flight_;
  Instant next_at_{};
  int64_t told_offset_ = -1;  ///< metadata offset of the last heartbeat
};

}  // namespace brokerlab
