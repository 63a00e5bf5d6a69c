#include "sim/brokers/forwarding.h"

#include <algorithm>
#include <array>

#include "sim/base/assert.h"
#include "sim/wire/kafka/19_create_topics.h"
#include "sim/wire/kafka/58_envelope.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab {

using kafka::ErrorCode;

namespace {

constexpr int16_t envelope_version = 0;
constexpr int16_t create_topics_version = 7;
constexpr int32_t create_topics_timeout_ms = 30'000;
constexpr size_t length_prefix = 4;

/// DefaultPrincipalData v0: who a client is on a listener without authentication, User:ANONYMOUS.
Bytes anonymous_principal() {
  std::vector<uint8_t> bytes = {0, 0};  // version
  for (const std::string_view text : {"User", "ANONYMOUS"}) {
    bytes.push_back(static_cast<uint8_t>(text.size() + 1));
    bytes.insert(bytes.end(), text.begin(), text.end());
  }
  bytes.push_back(0);  // token authenticated
  bytes.push_back(0);  // tagged fields
  return Bytes::adopt(std::move(bytes));
}

/// The four bytes of an IPv4 address; loopback for a host with a name.
Bytes address_bytes(const std::string& host) {
  std::vector<uint8_t> bytes;
  uint32_t number = 0;
  size_t digits = 0;
  for (const char c : host + ".") {
    if (c == '.' && digits > 0) {
      bytes.push_back(static_cast<uint8_t>(number));
      number = 0;
      digits = 0;
    } else if (c >= '0' && c <= '9' && digits < 3) {
      number = number * 10 + static_cast<uint32_t>(c - '0');
      ++digits;
    } else {
      return Bytes::adopt({127, 0, 0, 1});
    }
    if (number > 255) return Bytes::adopt({127, 0, 0, 1});
  }
  return Bytes::adopt(bytes.size() == 4 ? std::move(bytes) : std::vector<uint8_t>{127, 0, 0, 1});
}

}  // namespace

void Forwarding::forward(const Request& request, Instant now) {
  Forwarded& forwarded = forwarded_[next_number_++];
  forwarded.client = request.context;
  forwarded.frame = request.frame;
  forwarded.deadline = now + timeout;
}

void Forwarding::create_topic(const std::string& name, int32_t partitions, int16_t replication_factor,
                              const RequestContext& request, Instant now) {
  if (!creating_.insert(name).second) return;
  kafka::CreateTopicsRequest create;
  create.timeout_ms = create_topics_timeout_ms;
  auto& topic = create.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = replication_factor;
  const Slices frame = kafka::request_frame(create, create_topics_version, request.header.correlation_id,
                                            request.header.client_id.value_or(""));
  Forwarded& forwarded = forwarded_[next_number_++];
  forwarded.client = request;
  forwarded.is_answered = false;
  forwarded.topic = name;
  forwarded.frame = joined(frame).subview(length_prefix);
  forwarded.deadline = now + timeout;
}

void Forwarding::poll(NodeStep& step, ControllerChannel& channel, bool is_new) {
  for (auto it = forwarded_.begin(); it != forwarded_.end();) {
    Forwarded& forwarded = it->second;
    if (is_new) {
      forwarded.token.reset();
      forwarded.retry_at = step.now.monotonic;
    }
    if (forwarded.deadline <= step.now.monotonic) {
      give_up(step, forwarded);
      it = forwarded_.erase(it);
      continue;
    }
    if (!forwarded.token && channel.is_known() && forwarded.retry_at <= step.now.monotonic) {
      kafka::EnvelopeRequest envelope;
      envelope.request_data = forwarded.frame;
      envelope.request_principal = anonymous_principal();
      envelope.client_host_address = address_bytes(forwarded.client.peer.host);
      forwarded.token = channel.send(step, std::move(envelope), envelope_version);
    }
    ++it;
  }
}

Instant Forwarding::next_deadline() const {
  Instant next = never;
  for (const auto& [number, forwarded] : forwarded_) {
    next = std::min(next, forwarded.deadline);
    if (!forwarded.token) next = std::min(next, forwarded.retry_at);
  }
  return next;
}

bool Forwarding::handle(NodeStep& step, const Completion& completion) {
  const auto it = std::find_if(forwarded_.begin(), forwarded_.end(),
                               [&](const auto& entry) { return entry.second.token == completion.token; });
  if (it == forwarded_.end()) return false;
  Forwarded& forwarded = it->second;
  Result<kafka::EnvelopeResponse> response =
      completion.answered() ? kafka::decode<kafka::EnvelopeResponse>(completion.body, completion.version)
                            : Status::error(StatusCode::unavailable, "not answered");
  const bool again = !response || kafka::error_from(response->error_code) == ErrorCode::not_controller;
  if (again) {
    forwarded.token.reset();
    forwarded.retry_at = step.now.monotonic + controller_retry_backoff;
    return true;
  }
  const bool is_good = response->error_code == 0 && response->response_data.has_value();
  if (forwarded.is_answered && is_good) {
    // Header and body as the client must see them: the correlation id inside is its own.
    const Bytes& data = *response->response_data;
    kafka::Writer prefix(length_prefix);
    prefix.int32(static_cast<int32_t>(data.size()));
    Slices frame = prefix.take();
    frame.push_back(data);
    MessageInfo info;
    info.is_response = true;
    info.kind = kind_of_api(forwarded.client.header.api_key);
    info.api_key = forwarded.client.header.api_key;
    info.api_version = forwarded.client.header.api_version;
    info.correlation_id = forwarded.client.header.correlation_id;
    step.channel.respond(forwarded.client, std::move(frame), std::move(info), step.effects,
                         step.effects.cause());
  } else {
    give_up(step, forwarded);
  }
  creating_.erase(forwarded.topic);
  forwarded_.erase(it);
  return true;
}

void Forwarding::give_up(NodeStep& step, const Forwarded& forwarded) {
  if (forwarded.is_answered) step.channel.close(forwarded.client, step.effects);
  creating_.erase(forwarded.topic);
}

}  // namespace brokerlab
