#include "sim/network/request_channel.h"

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/18_api_versions.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab {

namespace {

constexpr int16_t produce_key = kafka::ProduceRequest::api_key;
constexpr int16_t api_versions_key = kafka::ApiVersionsRequest::api_key;

/// The fixed start of every request header: key, version, correlation id.
struct HeaderStart {
  int16_t api_key = -1;
  int16_t api_version = -1;
  int32_t correlation_id = 0;
};
constexpr size_t header_start_size = 8;

std::optional<HeaderStart> read_header_start(const Bytes& frame) {
  if (frame.size() < header_start_size) return std::nullopt;
  const auto big_endian = [&](size_t offset, size_t size) {
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) value = value << 8 | frame[offset + i];
    return value;
  };
  return HeaderStart{static_cast<int16_t>(big_endian(0, 2)), static_cast<int16_t>(big_endian(2, 2)),
                     static_cast<int32_t>(big_endian(4, 4))};
}

}  // namespace

void RequestChannel::connection_opened(const input::ConnectionOpened& opened) {
  Connection connection;
  connection.listener = opened.listener;
  connection.peer = opened.peer;
  connection.from_outside = opened.from_outside;
  const bool inserted = connections_.emplace(opened.connection, std::move(connection)).second;
  BROKERLAB_ASSERT(inserted);
}

void RequestChannel::receive(const input::Frames& frames, Effects& effects) {
  const auto it = connections_.find(frames.connection);
  if (it == connections_.end()) return;  // closed by us while these were on their way
  Connection& connection = it->second;
  for (size_t i = 0; i < frames.frames.size(); ++i) {
    const EventRef delivered = i < frames.events.size() ? frames.events[i] : effects.cause();
    connection.waiting.push_back({frames.frames[i], delivered});
  }
  make_ready(it->first, connection);
}

void RequestChannel::make_ready(ConnectionId id, Connection& connection) {
  if (connection.is_ready || connection.waiting.empty()) return;
  if (muted_.contains({connection.muted_until, id})) return;
  if (!connection.unanswered.empty()) {
    const auto is_produce = [](const Unanswered& request) { return request.api_key == produce_key; };
    const auto header = read_header_start(connection.waiting.front().frame);
    const bool may_follow =
        header && header->api_key == produce_key &&
        std::all_of(connection.unanswered.begin(), connection.unanswered.end(), is_produce);
    if (!may_follow) return;
  }
  connection.is_ready = true;
  ready_.push_back(id);
}

const kafka::Api* RequestChannel::find_offered(int16_t api_key, std::string_view listener) const {
  const kafka::Api* api = kafka::find_api(api_key);
  if (api == nullptr || api->offered.empty()) return nullptr;
  return kafka::includes(api->listeners, kind_of_listener(listener)) ? api : nullptr;
}

std::optional<Request> RequestChannel::next(Effects& effects) {
  while (!ready_.empty()) {
    const ConnectionId id = ready_.front();
    ready_.pop_front();
    const auto it = connections_.find(id);
    if (it == connections_.end()) continue;
    Connection& connection = it->second;
    connection.is_ready = false;
    BROKERLAB_ASSERT(!connection.waiting.empty());
    Waiting waiting = std::move(connection.waiting.front());
    connection.waiting.pop_front();

    const auto close_unread = [&] {
      connections_.erase(it);
      effects.close(id);
    };
    const std::optional<HeaderStart> start = read_header_start(waiting.frame);
    const kafka::Api* api = start ? find_offered(start->api_key, connection.listener) : nullptr;
    if (api == nullptr) {
      close_unread();
      continue;
    }
    Request request;
    request.context.id = {id, connection.next_number};
    request.context.bytes = waiting.frame.size();
    request.context.listener = connection.listener;
    request.context.peer = connection.peer;
    request.context.from_outside = connection.from_outside;
    request.context.cause = waiting.cause;
    request.context.header.api_key = start->api_key;
    request.context.header.api_version = start->api_version;
    request.context.header.correlation_id = start->correlation_id;
    const bool is_known_version =
        api->offered.contains(start->api_version) && api->schema.contains(start->api_version);
    if (is_known_version) {
      const Result<kafka::RequestHeader> header = kafka::decode_request_header(waiting.frame, request.body);
      if (!header) {
        close_unread();
        continue;
      }
      request.context.header = *header;
    } else if (start->api_key != api_versions_key) {
      close_unread();
      continue;
    }
    ++connection.next_number;
    connection.unanswered.push_back({start->api_key, std::nullopt});
    if (!is_known_version) {
      refuse_api_versions(request, effects);
      continue;
    }
    request.frame = std::move(waiting.frame);
    make_ready(id, connection);
    return request;
  }
  return std::nullopt;
}

void RequestChannel::refuse_api_versions(const Request& request, Effects& effects) {
  const kafka::Api* api = find_offered(api_versions_key, request.context.listener);
  kafka::ApiVersionsResponse response;
  response.error_code = static_cast<int16_t>(kafka::ErrorCode::unsupported_version);
  kafka::ApiVersionsResponse::ApiVersion& range = response.api_keys.emplace_back();
  range.api_key = api_versions_key;
  range.min_version = api->offered.first;
  range.max_version = api->offered.last;
  MessageInfo message;
  message.is_response = true;
  message.api_key = api_versions_key;
  message.api_version = 0;
  message.correlation_id = request.context.header.correlation_id;
  message.error_code = response.error_code;
  respond(request.context, kafka::response_frame(response, 0, request.context.header.correlation_id),
          std::move(message), effects);
}

void RequestChannel::respond(const RequestContext& request, Slices frame, MessageInfo message,
                             Effects& effects, EventRef cause) {
  BROKERLAB_ASSERT(!frame.empty());
  finish(request.id, {std::move(frame), std::move(message), cause.is_none() ? request.cause : cause},
         effects);
}

void RequestChannel::no_response(const RequestContext& request, Effects& effects) {
  finish(request.id, {}, effects);
}

void RequestChannel::mute(const RequestContext& request, Instant until, Effects& effects) {
  const auto it = connections_.find(request.id.connection);
  if (it == connections_.end() || until <= it->second.muted_until) return;
  muted_.erase({it->second.muted_until, it->first});
  it->second.muted_until = until;
  muted_.insert({until, it->first});
  effects.set_timer({timer_kind, 0}, muted_.begin()->first);
}

void RequestChannel::unmute(Instant now, Effects& effects) {
  while (!muted_.empty() && muted_.begin()->first <= now) {
    const ConnectionId id = muted_.begin()->second;
    muted_.erase(muted_.begin());
    if (const auto it = connections_.find(id); it != connections_.end()) make_ready(id, it->second);
  }
  if (!muted_.empty()) effects.set_timer({timer_kind, 0}, muted_.begin()->first);
}

void RequestChannel::close(const RequestContext& request, Effects& effects) {
  if (connections_.erase(request.id.connection) > 0) effects.close(request.id.connection);
}

void RequestChannel::finish(RequestId id, Answer answer, Effects& effects) {
  const auto it = connections_.find(id.connection);
  if (it == connections_.end()) return;
  Connection& connection = it->second;
  const uint64_t first = connection.next_number - connection.unanswered.size();
  BROKERLAB_ASSERT(id.number >= first && id.number < connection.next_number);
  std::optional<Answer>& place = connection.unanswered[id.number - first].answer;
  BROKERLAB_ASSERT(!place.has_value());
  place = std::move(answer);
  while (!connection.unanswered.empty() && connection.unanswered.front().answer) {
    Answer& front = *connection.unanswered.front().answer;
    if (!front.frame.empty())
      effects.send(id.connection, std::move(front.frame), std::move(front.message), front.cause);
    connection.unanswered.pop_front();
  }
  make_ready(id.connection, connection);
}

}  // namespace brokerlab
