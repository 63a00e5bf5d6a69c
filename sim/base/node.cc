#include "sim/base/node.h"

#include "sim/base/assert.h"

namespace brokerlab {

void Effects::open(ConnectionId connection, Address to, Protocol protocol) {
  BROKERLAB_ASSERT(connection.value >= first_outgoing_connection);
  opens.push_back({connection, std::move(to), protocol});
}

EventRef Effects::send(ConnectionId connection, Slices frame, MessageInfo message, EventRef cause) {
  event::MessageSent sent;
  sent.frame.connection = connection;
  sent.frame.size = size_of(frame);
  sent.message = std::move(message);
  sends.push_back({connection, std::move(frame)});
  return emit(std::move(sent), cause);
}

void Effects::close(ConnectionId connection) { closes.push_back(connection); }

EventRef Effects::emit(EventPayload payload, EventRef cause) {
  Event event;
  event.ref = {node_, next_sequence_++};
  event.cause = cause.is_none() ? cause_ : cause;
  event.at = at_;
  event.payload = std::move(payload);
  const EventRef ref = event.ref;
  events.push_back(std::move(event));
  return ref;
}

void Effects::print(int stream, std::string text) { emit(event::Printed{stream, std::move(text)}); }

}  // namespace brokerlab
