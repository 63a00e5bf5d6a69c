// What the handlers of the quorum's requests share: reading a request, and answering it.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "sim/network/message_info.h"
#include "sim/network/node_step.h"
#include "sim/network/request_channel.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab::raft {

inline int16_t code(kafka::ErrorCode error) { return kafka::to_int16(error); }

template <class Response>
void respond(NodeStep& step, const RequestContext& context, const Response& response) {
  MessageInfo info = message_info(response, context.header.api_version, context.header.correlation_id);
  info.kind = MessageKind::quorum;
  step.channel.respond(context, response, std::move(info), step.effects);
}

/// Decodes the body, or closes the connection of one that is broken.
template <class Message>
std::optional<Message> decode_or_close(NodeStep& step, const Request& request) {
  Result<Message> message = kafka::decode<Message>(request.body, request.context.header.api_version);
  if (message) return std::move(*message);
  step.channel.close(request.context, step.effects);
  return std::nullopt;
}

}  // namespace brokerlab::raft
