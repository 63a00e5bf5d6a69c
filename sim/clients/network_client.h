// A node's outgoing Kafka connections, as a value: requests go in, completions come out, nothing calls back.
//
// Brokers' fetchers and lifecycle, the Raft client, producers, consumers and tools all stand on it. A
// destination is a number that the owner chooses (a broker's id; bootstrap addresses get negative ones, as in
// Kafka's clients) and the address that the owner gives it.
//
// Invariants
// - Every request that was sent completes exactly once, unless its owner calls `close` on the destination.
// - The requests of a destination leave in the order of `send`, several at a time on one connection; Kafka
//   answers in that order, so an answer with another correlation id closes the connection.
// - A request that is not answered in `request_timeout` closes the connection, because what comes late could
//   not be told from what comes next; the others on it complete as `disconnected` (as NetworkClient.java).
// - A destination that said to stay away for a while gets nothing before that (KIP-219: a broker answers at once
//   and is deaf until then; requests that wait for it do not time out meanwhile).
// - After a failure a destination is tried again no sooner than the backoff; requests wait for that.
//
// Versions: without `negotiate_versions` the highest of the caller's range is sent (nodes of the lab know
// each other). With it every connection begins with ApiVersions v4, and again with v0 when the broker answers
// UNSUPPORTED_VERSION (KIP-35, KIP-511); each request then takes the highest version that both sides know.
//
// Deviations: no jitter in the backoff, no least-loaded choice (the owner names the destination).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/node.h"
#include "sim/network/message_info.h"
#include "sim/wire/kafka/18_api_versions.h"
#include "sim/wire/kafka/codec.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab {

/// The timers of a client: one of its connections, one of its own.
inline constexpr uint64_t network_timer = 0;
inline constexpr uint64_t client_timer = 1;

enum class RequestOutcome : uint8_t {
  answered,      ///< `body` is the response, which may carry an error code
  sent,          ///< a request that is never answered (Produce with acks=0) has left
  unreachable,   ///< no connection could be made: the request was not sent
  unknown_host,  ///< as unreachable: the name of the destination means nothing
  disconnected,  ///< the connection broke while the request was under way: nobody knows whether it was served
  timed_out,
  unsupported,  ///< the broker knows no version of it that we know: not sent
};
std::string_view to_string(RequestOutcome outcome);

struct Completion {
  uint64_t token = 0;  ///< the owner's name for the request
  int32_t destination = -1;
  int16_t api_key = -1;
  int16_t version = -1;
  RequestOutcome outcome = RequestOutcome::answered;
  Bytes body;        ///< of the response, without its header
  EventRef request;  ///< the event of its sending; none when it never left
  int32_t correlation_id = -1;

  bool answered() const { return outcome == RequestOutcome::answered; }
};

class NetworkClient {
 public:
  struct Config {
    std::string client_id;
    Duration request_timeout = seconds(30);
    Duration reconnect_backoff = milliseconds(50);        ///< doubled with each failure ...
    Duration reconnect_backoff_max = milliseconds(1000);  ///< ... up to this
    uint16_t timer_kind = 0;                              ///< its only timer is (timer_kind, timer_id)
    uint64_t timer_id = 0;
    bool negotiate_versions = false;
    /// Begins the line that a failed connection is noted with, as in Kafka's logs:
    /// "[Producer clientId=console-producer] ". Empty: nothing is noted.
    std::string log_context;
  };

  explicit NetworkClient(Config config) : config_(std::move(config)) {}

  /// Where to find a destination, from the next connection on.
  void set_address(int32_t destination, Address address) { peers_[destination].address = std::move(address); }
  const Address* address_of(int32_t destination) const;

  /// Sends a request, now or once the destination is connected. `message` is encoded when it leaves, in a
  /// version of `versions`. `cause` is the event that it is sent for; the step's input unless given.
  /// REQUIRES: an address.
  template <class M>
  void send(const Now& now, Effects& effects, OutgoingConnectionIds& ids, int32_t destination, M message,
            kafka::Versions versions, uint64_t token, EventRef cause = {}) {
    Outgoing request;
    request.token = token;
    request.info = message_info(message, versions.last, 0);
    request.versions = versions;
    if constexpr (requires { message.acks; }) request.expects_answer = message.acks != 0;
    request.schema = &M::schema();
    request.message = std::make_shared<const M>(std::move(message));
    request.cause = cause.is_none() ? effects.cause() : cause;
    send_request(now, effects, ids, destination, std::move(request));
  }

  /// Whether an input is this client's: a connection that it opened or its timer.
  bool owns(const Input& input) const;
  /// What the input completed, in order. REQUIRES: owns(input).
  std::vector<Completion> handle(const Now& now, Effects& effects, OutgoingConnectionIds& ids,
                                 const Input& input);

  /// What an answer said in throttle_time_ms.
  void stay_away(const Now& now, Effects& effects, int32_t destination, int32_t throttle_time_ms);

  /// Closes the connection and forgets the destination's requests, which never complete.
  void close(Effects& effects, int32_t destination);
  void close_all(Effects& effects);

  /// Connected, and versions are known.
  bool is_ready(int32_t destination) const;
  /// Requests that wait or are under way.
  size_t pending(int32_t destination) const;

 private:
  struct Outgoing {
    uint64_t token = 0;
    std::shared_ptr<const void> message;  ///< a message of `schema`; never changes, so that clones share it
    const kafka::MessageSchema* schema = nullptr;
    kafka::Versions versions;
    bool expects_answer = true;
    MessageInfo info;
    EventRef cause;
    Instant deadline;
  };
  struct InFlight {
    uint64_t token = 0;
    bool is_negotiation = false;
    int16_t api_key = -1;
    int16_t version = -1;
    int32_t correlation_id = 0;
    EventRef request;
    Instant deadline;
  };
  enum class State : uint8_t { idle, connecting, negotiating, ready };
  struct Peer {
    Address address;
    State state = State::idle;
    ConnectionId connection;
    std::deque<Outgoing> waiting;
    std::deque<InFlight> in_flight;
    std::optional<kafka::ApiVersionsResponse> versions;
    int32_t failures = 0;  ///< in a row
    Instant retry_at;
    Instant throttled_until;
  };
  using Completions = std::vector<Completion>;

  void send_request(const Now& now, Effects& effects, OutgoingConnectionIds& ids, int32_t destination,
                    Outgoing request);
  void connect(Effects& effects, OutgoingConnectionIds& ids, int32_t destination, Peer& peer);
  void connection_opened(const Now& now, Effects& effects, int32_t destination, Completions& completions);
  void connection_ready(Effects& effects, int32_t destination, Peer& peer, Completions& completions);
  void frames_arrived(const Now& now, Effects& effects, const input::Frames& arrived,
                      Completions& completions);
  void versions_arrived(const Now& now, Effects& effects, int32_t destination, int16_t version,
                        const Bytes& body, Completions& completions);
  void time_passed(const Now& now, Effects& effects, OutgoingConnectionIds& ids, Completions& completions);
  /// Completes everything that the destination has; the next connection waits for the backoff.
  void connection_broken(const Now& now, Effects& effects, int32_t destination, std::string_view reason,
                         Completions& completions);
  void forget_connection(Peer& peer);
  void send_negotiation(const Now& now, Effects& effects, Peer& peer, int16_t version);
  void send_waiting(Effects& effects, int32_t destination, Peer& peer, Completions& completions);
  std::optional<int16_t> choose_version(const Peer& peer, const Outgoing& request) const;
  static Instant next_deadline(const Peer& peer);
  void arm_timer(const Now& now, Effects& effects);

  Config config_;
  std::map<int32_t, Peer> peers_;
  std::map<ConnectionId, int32_t> destinations_;
  int32_t next_correlation_id_ = 0;
  Completions finished_;  ///< at once, in `send`: told with the next input, for which the timer is due
  Instant armed_ = never;
};

}  // namespace brokerlab
