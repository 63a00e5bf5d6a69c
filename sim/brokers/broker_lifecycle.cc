#include "sim/brokers/broker_lifecycle.h"

#include <fmt/format.h>

#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab {

using kafka::ErrorCode;

namespace {

constexpr int16_t registration_version = 4;
constexpr int16_t heartbeat_version = 2;

}  // namespace

bool BrokerLifecycle::is_registered_in(const MetadataImage& image) const {
  const BrokerRegistration* broker = image.broker(config_.broker_id);
  return broker != nullptr && broker->incarnation_id == config_.incarnation_id;
}

void BrokerLifecycle::begin_stop(Instant now, bool controlled) {
  if (state_ == BrokerState::stopping || state_ == BrokerState::stopped) return;
  state_ = controlled && state_ == BrokerState::running ? BrokerState::stopping : BrokerState::stopped;
  next_at_ = now;
}

void BrokerLifecycle::poll(NodeStep& step, const RaftClient& raft, const MetadataImage& image) {
  if (state_ == BrokerState::stopped) return;
  if (channel_.follow(step, raft)) {
    in_flight_.reset();
    next_at_ = step.now.monotonic;
  }
  // What keeps a starting broker fenced is that its metadata is behind: each step forward is worth telling.
  if (state_ == BrokerState::starting && broker_epoch_ >= 0 && image.offset() > told_offset_)
    next_at_ = step.now.monotonic;
  if (in_flight_ || !channel_.is_known() || step.now.monotonic < next_at_) return;
  if (broker_epoch_ < 0)
    send_registration(step);
  else
    send_heartbeat(step, image);
}

void BrokerLifecycle::send_registration(NodeStep& step) {
  kafka::BrokerRegistrationRequest request;
  request.broker_id = config_.broker_id;
  request.cluster_id = config_.cluster_id;
  request.incarnation_id = config_.incarnation_id;
  for (const auto& [name, address] : config_.listeners) {
    auto& listener = request.listeners.emplace_back();
    listener.name = name;
    listener.host = address.host;
    listener.port = address.port;
  }
  for (const SupportedFeature& supported : supported_features) {
    auto& feature = request.features.emplace_back();
    feature.name = supported.name;
    feature.min_supported_version = supported.range.min;
    feature.max_supported_version = supported.range.max;
  }
  request.rack.reset();
  request.log_dirs.push_back(config_.directory_id);
  request.previous_broker_epoch = config_.previous_broker_epoch;
  in_flight_ = channel_.send(step, std::move(request), registration_version);
}

void BrokerLifecycle::send_heartbeat(NodeStep& step, const MetadataImage& image) {
  kafka::BrokerHeartbeatRequest request;
  request.broker_id = config_.broker_id;
  request.broker_epoch = broker_epoch_;
  request.current_metadata_offset = image.offset();
  request.want_fence = state_ == BrokerState::starting && !is_registered_in(image);
  request.want_shut_down = state_ == BrokerState::stopping;
  told_offset_ = image.offset();
  in_flight_ = channel_.send(step, std::move(request), heartbeat_version);
}

void BrokerLifecycle::handle(NodeStep& step, const Input& input) {
  for (const Completion& completion : channel_.handle(step, input)) {
    if (in_flight_ != completion.token) continue;  // of a controller that was given up
    in_flight_.reset();
    next_at_ = step.now.monotonic + controller_retry_backoff;
    if (!completion.answered()) continue;
    if (completion.api_key == kafka::BrokerRegistrationRequest::api_key) {
      if (const auto response =
              kafka::decode<kafka::BrokerRegistrationResponse>(completion.body, completion.version))
        handle_registration(step, *response);
    } else if (const auto response =
                   kafka::decode<kafka::BrokerHeartbeatResponse>(completion.body, completion.version)) {
      handle_heartbeat(step, *response);
    }
  }
}

void BrokerLifecycle::handle_registration(NodeStep& step, const kafka::BrokerRegistrationResponse& response) {
  const ErrorCode error = kafka::error_from(response.error_code);
  if (error == ErrorCode::none) {
    broker_epoch_ = response.broker_epoch;
    next_at_ = step.now.monotonic;
    step.effects.emit(event::Noted{
        fmt::format("[BrokerLifecycleManager id={}] Successfully registered broker {} with broker epoch {}",
                    config_.broker_id, config_.broker_id, broker_epoch_)});
  } else if (error != ErrorCode::not_controller) {
    step.effects.emit(event::Noted{
        fmt::format("[BrokerLifecycleManager id={}] Unable to register broker {} because the controller "
                    "returned error {}",
                    config_.broker_id, config_.broker_id, kafka::error_name(error))});
  }
}

void BrokerLifecycle::handle_heartbeat(NodeStep& step, const kafka::BrokerHeartbeatResponse& response) {
  const ErrorCode error = kafka::error_from(response.error_code);
  if (error != ErrorCode::none) {
    if (error != ErrorCode::not_controller)
      step.effects.emit(
          event::Noted{fmt::format("[BrokerLifecycleManager id={}] Broker {} sent a heartbeat request "
                                   "but received error {}.",
                                   config_.broker_id, config_.broker_id, kafka::error_name(error))});
    return;
  }
  next_at_ = step.now.monotonic + config_.heartbeat_interval;
  if (state_ == BrokerState::starting && !response.is_fenced) {
    state_ = BrokerState::running;
    step.effects.emit(
        event::Noted{fmt::format("[BrokerLifecycleManager id={}] The broker has been unfenced. "
                                 "Transitioning from RECOVERY to RUNNING.",
                                 config_.broker_id)});
  }
  if (state_ == BrokerState::stopping && response.should_shut_down) {
    state_ = BrokerState::stopped;
    step.effects.emit(event::Noted{
        fmt::format("[BrokerLifecycleManager id={}] The controller has asked us to exit controlled shutdown.",
                    config_.broker_id)});
  }
}

}  // namespace brokerlab
