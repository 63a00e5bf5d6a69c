#include "sim/controller/kraft/controller_registrar.h"

#include <string>
#include <utility>

#include "sim/wire/kafka/70_controller_registration.h"

namespace brokerlab {

namespace {

constexpr Duration retry_backoff = milliseconds(100);

NetworkClient::Config network_config(int32_t node_id, uint16_t timer_kind) {
  NetworkClient::Config config;
  config.client_id = std::to_string(node_id);
  config.timer_kind = timer_kind;
  config.timer_id = 1;
  return config;
}

}  // namespace

ControllerRegistrar::ControllerRegistrar(int32_t node_id, Uuid incarnation_id, uint16_t timer_kind)
    : node_id_(node_id),
      incarnation_id_(incarnation_id),
      timer_kind_(timer_kind),
      network_(network_config(node_id, timer_kind)) {}

bool ControllerRegistrar::owns(const Input& input) const {
  const auto* timer = std::get_if<input::TimerFired>(&input);
  return network_.owns(input) || (timer != nullptr && timer->timer == retry_timer());
}

void ControllerRegistrar::handle_input(NodeStep& step, const Input& input) {
  if (!network_.owns(input)) return;  // the retry is due: poll does it
  if (network_.handle(step.now, step.effects, step.connections, input).empty()) return;
  // Answered or not: whether it worked, the metadata will say.
  asked_ = nobody;
  retry_at_ = step.now.monotonic + retry_backoff;
  step.effects.set_timer(retry_timer(), retry_at_);
}

void ControllerRegistrar::poll(NodeStep& step, const RaftClient& raft, const MetadataImage& committed) {
  const auto registered = committed.controllers().find(node_id_);
  if (registered != committed.controllers().end() && registered->second.incarnation_id == incarnation_id_) {
    if (asked_ == nobody) network_.close_all(step.effects);
    return;
  }
  const int32_t leader = raft.leader_and_epoch().leader_id;
  if (asked_ != nobody && asked_ != leader) {
    network_.close(step.effects, asked_);
    asked_ = nobody;
  }
  if (asked_ != nobody || leader == nobody || committed.features().empty() ||
      step.now.monotonic < retry_at_) {
    return;
  }
  const Address& own = *raft.voter_address(node_id_);
  kafka::ControllerRegistrationRequest request;
  request.controller_id = node_id_;
  request.incarnation_id = incarnation_id_;
  request.listeners.push_back({.name = raft.listener(), .host = own.host, .port = own.port});
  for (const SupportedFeature& supported : supported_features)
    request.features.push_back({.name = std::string(supported.name),
                                .min_supported_version = supported.range.min,
                                .max_supported_version = supported.range.max});
  network_.set_address(leader, *raft.voter_address(leader));
  asked_ = leader;
  network_.send(step.now, step.effects, step.connections, leader, std::move(request), {0, 0}, 0);
}

}  // namespace brokerlab
