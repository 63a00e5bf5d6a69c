#include "sim/clients/network_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/wire/kafka/errors.h"
#include "sim/wire/kafka/frame.h"

namespace brokerlab {

namespace {

constexpr int16_t newest_negotiation = 4;
constexpr int16_t oldest_negotiation = 0;

/// As org.apache.kafka.clients.NetworkClient logs it; Java prints a numeric address after a slash.
std::string unreachable_line(const std::string& context, int32_t destination, const Address& address) {
  const bool is_numeric = address.host.find_first_not_of("0123456789.:") == std::string::npos;
  return fmt::format(
      "WARN {}Connection to node {} ({}{}) could not be established. Node may not be available. "
      "(org.apache.kafka.clients.NetworkClient)",
      context, destination, is_numeric ? "/" : "", address.to_string());
}

std::string unresolved_line(const Address& address) {
  return fmt::format(
      "WARN Couldn't resolve server {} from bootstrap.servers as DNS resolution failed for {} "
      "(org.apache.kafka.clients.ClientUtils)",
      address.to_string(), address.host);
}

}  // namespace

std::string_view to_string(RequestOutcome outcome) {
  switch (outcome) {
    case RequestOutcome::answered:
      return "answered";
    case RequestOutcome::sent:
      return "sent";
    case RequestOutcome::unreachable:
      return "unreachable";
    case RequestOutcome::unknown_host:
      return "unknown_host";
    case RequestOutcome::disconnected:
      return "disconnected";
    case RequestOutcome::timed_out:
      return "timed_out";
    case RequestOutcome::unsupported:
      return "unsupported";
  }
  return "?";
}

const Address* NetworkClient::address_of(int32_t destination) const {
  const auto found = peers_.find(destination);
  return found == peers_.end() ? nullptr : &found->second.address;
}

bool NetworkClient::is_ready(int32_t destination) const {
  const auto found = peers_.find(destination);
  return found != peers_.end() && found->second.state == State::ready;
}

size_t NetworkClient::pending(int32_t destination) const {
  const auto found = peers_.find(destination);
  return found == peers_.end() ? 0 : found->second.waiting.size() + found->second.in_flight.size();
}

bool NetworkClient::owns(const Input& input) const {
  const auto is_ours = [this](ConnectionId connection) { return destinations_.contains(connection); };
  if (const auto* opened = std::get_if<input::ConnectionOpened>(&input)) return is_ours(opened->connection);
  if (const auto* closed = std::get_if<input::ConnectionClosed>(&input)) return is_ours(closed->connection);
  if (const auto* frames = std::get_if<input::Frames>(&input)) return is_ours(frames->connection);
  if (const auto* timer = std::get_if<input::TimerFired>(&input))
    return timer->timer == TimerKey{config_.timer_kind, config_.timer_id};
  return false;
}

std::vector<Completion> NetworkClient::handle(const Now& now, Effects& effects, OutgoingConnectionIds& ids,
                                              const Input& input) {
  Completions completions = std::exchange(finished_, {});
  if (const auto* opened = std::get_if<input::ConnectionOpened>(&input)) {
    connection_opened(now, effects, destinations_.at(opened->connection), completions);
  } else if (const auto* closed = std::get_if<input::ConnectionClosed>(&input)) {
    connection_broken(now, effects, destinations_.at(closed->connection), closed->reason, completions);
  } else if (const auto* arrived = std::get_if<input::Frames>(&input)) {
    frames_arrived(now, effects, *arrived, completions);
  } else {
    armed_ = never;
    time_passed(now, effects, ids, completions);
  }
  arm_timer(now, effects);
  return completions;
}

void NetworkClient::send_request(const Now& now, Effects& effects, OutgoingConnectionIds& ids,
                                 int32_t destination, Outgoing request) {
  const auto found = peers_.find(destination);
  BROKERLAB_ASSERT_THAT(found != peers_.end(), "no address for destination " + std::to_string(destination));
  Peer& peer = found->second;
  const bool is_throttled = peer.throttled_until > now.monotonic;
  request.deadline = std::max(now.monotonic, peer.throttled_until) + config_.request_timeout;
  peer.waiting.push_back(std::move(request));
  if (peer.state == State::ready && !is_throttled) send_waiting(effects, destination, peer, finished_);
  if (peer.state == State::idle && peer.retry_at <= now.monotonic) connect(effects, ids, destination, peer);
  arm_timer(now, effects);
}

void NetworkClient::stay_away(const Now& now, Effects& effects, int32_t destination,
                              int32_t throttle_time_ms) {
  const auto found = peers_.find(destination);
  if (found == peers_.end() || throttle_time_ms <= 0) return;
  Peer& peer = found->second;
  peer.throttled_until = std::max(peer.throttled_until, now.monotonic + milliseconds(throttle_time_ms));
  for (Outgoing& request : peer.waiting)
    request.deadline = std::max(request.deadline, peer.throttled_until + config_.request_timeout);
  arm_timer(now, effects);
}

void NetworkClient::connect(Effects& effects, OutgoingConnectionIds& ids, int32_t destination, Peer& peer) {
  BROKERLAB_ASSERT(peer.state == State::idle && peer.in_flight.empty());
  peer.connection = ids.next();
  peer.state = State::connecting;
  peer.throttled_until = {};  // of the connection before
  peer.versions.reset();
  destinations_.emplace(peer.connection, destination);
  effects.open(peer.connection, peer.address, Protocol::kafka);
}

void NetworkClient::connection_opened(const Now& now, Effects& effects, int32_t destination,
                                      Completions& completions) {
  Peer& peer = peers_.at(destination);
  BROKERLAB_ASSERT(peer.state == State::connecting);
  if (config_.negotiate_versions) {
    peer.state = State::negotiating;
    send_negotiation(now, effects, peer, newest_negotiation);
  } else {
    connection_ready(effects, destination, peer, completions);
  }
}

void NetworkClient::connection_ready(Effects& effects, int32_t destination, Peer& peer,
                                     Completions& completions) {
  peer.state = State::ready;
  peer.failures = 0;
  send_waiting(effects, destination, peer, completions);
}

void NetworkClient::send_negotiation(const Now& now, Effects& effects, Peer& peer, int16_t version) {
  kafka::ApiVersionsRequest request;
  request.client_software_name = "brokerlab";
  request.client_software_version = BROKERLAB_VERSION;
  const int32_t correlation_id = next_correlation_id_++;
  InFlight negotiation;
  negotiation.is_negotiation = true;
  negotiation.api_key = kafka::ApiVersionsRequest::api_key;
  negotiation.version = version;
  negotiation.correlation_id = correlation_id;
  negotiation.deadline = now.monotonic + config_.request_timeout;
  negotiation.request =
      effects.send(peer.connection, kafka::request_frame(request, version, correlation_id, config_.client_id),
                   message_info(request, version, correlation_id));
  peer.in_flight.push_back(negotiation);
}

std::optional<int16_t> NetworkClient::choose_version(const Peer& peer, const Outgoing& request) const {
  if (!peer.versions) return request.versions.last;
  for (const kafka::ApiVersionsResponse::ApiVersion& offered : peer.versions->api_keys) {
    if (offered.api_key != request.info.api_key) continue;
    const int16_t highest = std::min(offered.max_version, request.versions.last);
    if (highest < offered.min_version || highest < request.versions.first) return std::nullopt;
    return highest;
  }
  return std::nullopt;
}

void NetworkClient::send_waiting(Effects& effects, int32_t destination, Peer& peer,
                                 Completions& completions) {
  while (!peer.waiting.empty()) {
    Outgoing request = std::move(peer.waiting.front());
    peer.waiting.pop_front();
    Completion completion;
    completion.token = request.token;
    completion.destination = destination;
    completion.api_key = request.info.api_key;
    const std::optional<int16_t> version = choose_version(peer, request);
    if (!version) {
      completion.outcome = RequestOutcome::unsupported;
      completions.push_back(std::move(completion));
      continue;
    }
    const int32_t correlation_id = next_correlation_id_++;
    request.info.api_version = *version;
    request.info.correlation_id = correlation_id;
    const kafka::RequestHeader header{request.info.api_key, *version, correlation_id, config_.client_id};
    const EventRef sent = effects.send(
        peer.connection, kafka::untyped::request_frame(request.message.get(), *request.schema, header),
        request.info, request.cause);
    if (request.expects_answer) {
      peer.in_flight.push_back({.token = request.token,
                                .is_negotiation = false,
                                .api_key = request.info.api_key,
                                .version = *version,
                                .correlation_id = correlation_id,
                                .request = sent,
                                .deadline = request.deadline});
    } else {
      completion.version = *version;
      completion.correlation_id = correlation_id;
      completion.outcome = RequestOutcome::sent;
      completion.request = sent;
      completions.push_back(std::move(completion));
    }
  }
}

void NetworkClient::frames_arrived(const Now& now, Effects& effects, const input::Frames& arrived,
                                   Completions& completions) {
  const int32_t destination = destinations_.at(arrived.connection);
  Peer& peer = peers_.at(destination);
  for (const Bytes& frame : arrived.frames) {
    if (peer.state == State::idle) return;  // an earlier frame of these closed it
    Bytes body;
    const bool is_expected = !peer.in_flight.empty();
    const InFlight request = is_expected ? peer.in_flight.front() : InFlight{};
    const Result<int32_t> correlation_id =
        is_expected ? kafka::decode_response_header(frame, request.api_key, request.version, body)
                    : Status::error(StatusCode::invalid, "an answer to nothing");
    if (!correlation_id.ok() || *correlation_id != request.correlation_id) {
      effects.close(peer.connection);
      connection_broken(now, effects, destination, "", completions);
      return;
    }
    peer.in_flight.pop_front();
    if (request.is_negotiation) {
      versions_arrived(now, effects, destination, request.version, body, completions);
    } else {
      Completion completion;
      completion.token = request.token;
      completion.destination = destination;
      completion.api_key = request.api_key;
      completion.version = request.version;
      completion.correlation_id = request.correlation_id;
      completion.body = std::move(body);
      completion.request = request.request;
      completions.push_back(std::move(completion));
    }
  }
}

void NetworkClient::versions_arrived(const Now& now, Effects& effects, int32_t destination, int16_t version,
                                     const Bytes& body, Completions& completions) {
  Peer& peer = peers_.at(destination);
  // The error code comes first in every version, and a broker that does not know ours answers in version 0.
  const auto unsupported = kafka::to_int16(kafka::ErrorCode::unsupported_version);
  if (version != oldest_negotiation && body.size() >= 2 && body[0] == 0 && body[1] == unsupported) {
    send_negotiation(now, effects, peer, oldest_negotiation);
    return;
  }
  Result<kafka::ApiVersionsResponse> answer = kafka::decode<kafka::ApiVersionsResponse>(body, version);
  if (!answer.ok() || answer->error_code != 0) {
    effects.close(peer.connection);
    connection_broken(now, effects, destination, "", completions);
    return;
  }
  peer.versions = std::move(answer).value();
  connection_ready(effects, destination, peer, completions);
}

void NetworkClient::connection_broken(const Now& now, Effects& effects, int32_t destination,
                                      std::string_view reason, Completions& completions) {
  Peer& peer = peers_.at(destination);
  const bool is_unknown = reason == input::unknown_host;
  if (peer.state == State::connecting && !config_.log_context.empty())
    effects.emit(event::Noted{is_unknown ? unresolved_line(peer.address)
                                         : unreachable_line(config_.log_context, destination, peer.address)});
  const auto complete = [&](uint64_t token, int16_t api_key, const InFlight* sent, RequestOutcome outcome) {
    Completion completion;
    completion.token = token;
    completion.destination = destination;
    completion.api_key = api_key;
    if (sent != nullptr) {
      completion.version = sent->version;
      completion.correlation_id = sent->correlation_id;
      completion.request = sent->request;
    }
    completion.outcome = outcome;
    completions.push_back(std::move(completion));
  };
  const auto expired = [&](Instant deadline) { return deadline <= now.monotonic; };
  for (const InFlight& request : peer.in_flight)
    if (!request.is_negotiation)
      complete(request.token, request.api_key, &request,
               expired(request.deadline) ? RequestOutcome::timed_out : RequestOutcome::disconnected);
  for (const Outgoing& request : peer.waiting)
    complete(request.token, request.info.api_key, nullptr,
             expired(request.deadline) ? RequestOutcome::timed_out
             : is_unknown              ? RequestOutcome::unknown_host
                                       : RequestOutcome::unreachable);
  forget_connection(peer);
  const int doublings = std::min(peer.failures, 16);
  peer.retry_at = now.monotonic + std::min(config_.reconnect_backoff * (int64_t{1} << doublings),
                                           config_.reconnect_backoff_max);
  ++peer.failures;
}

void NetworkClient::forget_connection(Peer& peer) {
  destinations_.erase(peer.connection);
  peer.state = State::idle;
  peer.versions.reset();
  peer.in_flight.clear();
  peer.waiting.clear();
}

void NetworkClient::time_passed(const Now& now, Effects& effects, OutgoingConnectionIds& ids,
                                Completions& completions) {
  for (auto& [destination, peer] : peers_) {
    const bool has_expired = next_deadline(peer) <= now.monotonic;
    if (peer.state == State::idle) {
      if (peer.waiting.empty() || peer.retry_at > now.monotonic) continue;
      connect(effects, ids, destination, peer);
    } else if (has_expired) {
      effects.close(peer.connection);
      connection_broken(now, effects, destination, "", completions);
    } else if (peer.state == State::ready && peer.throttled_until <= now.monotonic) {
      send_waiting(effects, destination, peer, completions);
    }
  }
}

void NetworkClient::close(Effects& effects, int32_t destination) {
  const auto found = peers_.find(destination);
  if (found == peers_.end()) return;
  if (found->second.state != State::idle) effects.close(found->second.connection);
  forget_connection(found->second);
}

void NetworkClient::close_all(Effects& effects) {
  for (const auto& [destination, peer] : peers_) close(effects, destination);
}

/// All requests have the same timeout, so the first of each queue is the first to expire.
Instant NetworkClient::next_deadline(const Peer& peer) {
  Instant deadline = never;
  if (!peer.in_flight.empty()) deadline = std::min(deadline, peer.in_flight.front().deadline);
  if (!peer.waiting.empty()) deadline = std::min(deadline, peer.waiting.front().deadline);
  return deadline;
}

/// The timer stays where it is when answers move the first deadline away: firing once too early is cheaper
/// than moving it with every request.
void NetworkClient::arm_timer(const Now& now, Effects& effects) {
  Instant next = finished_.empty() ? never : now.monotonic;
  for (const auto& [destination, peer] : peers_) {
    if (peer.state != State::idle) next = std::min(next, next_deadline(peer));
    if (peer.state == State::idle && !peer.waiting.empty()) next = std::min(next, peer.retry_at);
    if (peer.state == State::ready && !peer.waiting.empty()) next = std::min(next, peer.throttled_until);
  }
  if (next >= armed_) return;
  armed_ = next;
  effects.set_timer({config_.timer_kind, config_.timer_id}, next);
}

}  // namespace brokerlab
