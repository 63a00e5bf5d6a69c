// The incoming Kafka requests of a node: its connections, their headers, and the order of the answers.
//
// Frames become `Request` values; an answer may come in a later step, named by its `RequestId`. Invariants:
// - The answers of a connection leave in the order of its requests.
// - A connection is muted while one of its requests is unanswered, as Kafka's SocketServer does: the next
// request is
//   not looked at before. One exception, invisible to a client: a Produce may follow unanswered Produces
//   (they are appended in order), so that replication does not cost a round trip for each request in flight.
// - A key that the listener does not offer (kafka::Api::offered), a version out of its range, a header that
// cannot be
//   read: the connection is closed without an answer. An ApiVersions of an unknown version is answered in
//   version 0 with error 35 and the range of key 18 alone, which is how newer clients find out (KIP-35,
//   KIP-511).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sim/base/bytes.h"
#include "sim/base/ids.h"
#include "sim/base/node.h"
#include "sim/wire/kafka/api_table.h"
#include "sim/wire/kafka/frame.h"

namespace brokerlab {

/// The nth request (from 0) of a connection.
struct RequestId {
  ConnectionId connection;
  uint64_t number = 0;
  friend auto operator<=>(const RequestId&, const RequestId&) = default;
};

/// What an answer needs to know of its request; kept by whoever answers later.
struct RequestContext {
  RequestId id;
  kafka::RequestHeader header;
  uint64_t bytes = 0;  ///< of header and body
  std::string listener;
  Address peer;
  bool from_outside = false;
  EventRef cause;  ///< the event of the frame: what the answer is caused by when nothing nearer is known
};

struct Request {
  RequestContext context;
  Bytes frame;  ///< header and body, as they came; forwarding takes it whole (KIP-590)
  Bytes body;
};

class RequestChannel {
 public:
  static constexpr uint16_t timer_kind = 90;

  explicit RequestChannel(std::string controller_listener)
      : controller_listener_(std::move(controller_listener)) {}

  void connection_opened(const input::ConnectionOpened& opened);
  void connection_closed(ConnectionId connection) { connections_.erase(connection); }
  void receive(const input::Frames& frames, Effects& effects);
  /// Its timer: those whose time is over are heard again.
  void unmute(Instant now, Effects& effects);

  /// The next request that may be processed; call until there is none, also after answers.
  std::optional<Request> next(Effects& effects);
  /// Whether `next` may have one.
  bool has_next() const { return !ready_.empty(); }

  /// Answers with a whole frame (length prefix included). Answers of a connection that is gone are dropped.
  void respond(const RequestContext& request, Slices frame, MessageInfo message, Effects& effects,
               EventRef cause = {});
  template <class Response>
  void respond(const RequestContext& request, const Response& body, MessageInfo message, Effects& effects,
               EventRef cause = {}) {
    respond(request, kafka::response_frame(body, request.header.api_version, request.header.correlation_id),
            std::move(message), effects, cause);
  }
  /// The request has no answer (Produce with acks=0).
  void no_response(const RequestContext& request, Effects& effects);
  /// Looks at nothing more of the request's connection before `until`; answers still leave (KIP-219).
  void mute(const RequestContext& request, Instant until, Effects& effects);
  /// Closes the connection of a request that cannot be answered (its body is broken, acks=0 failed).
  void close(const RequestContext& request, Effects& effects);

  kafka::Listeners kind_of_listener(std::string_view listener) const {
    return listener == controller_listener_ ? kafka::Listeners::controller : kafka::Listeners::broker;
  }

 private:
  struct Answer {
    Slices frame;  ///< empty: there is none
    MessageInfo message;
    EventRef cause;
  };
  struct Unanswered {
    int16_t api_key = -1;
    std::optional<Answer> answer;  ///< waits for the answers before it
  };
  struct Waiting {
    Bytes frame;
    EventRef cause;
  };
  struct Connection {
    std::string listener;
    Address peer;
    bool from_outside = false;
    bool is_ready = false;  ///< stands in `ready_`
    Instant muted_until;    ///< over, unless it stands in `muted_`
    uint64_t next_number = 0;
    std::deque<Waiting> waiting;
    std::deque<Unanswered> unanswered;  ///< the front has number next_number - unanswered.size()
  };

  void finish(RequestId id, Answer answer, Effects& effects);
  void make_ready(ConnectionId id, Connection& connection);
  const kafka::Api* find_offered(int16_t api_key, std::string_view listener) const;
  void refuse_api_versions(const Request& request, Effects& effects);

  std::string controller_listener_;
  std::map<ConnectionId, Connection> connections_;
  std::deque<ConnectionId> ready_;  ///< connections with a request that may be processed, in order of arrival
  std::set<std::pair<Instant, ConnectionId>> muted_;
};

}  // namespace brokerlab
