// Client requests that only the active controller can serve: forwarded in an Envelope (KIP-590), the answer
// handed back as it came. Creation of topics that a client asked for by name travels the same way.
//
// A request is tried again after NOT_CONTROLLER, a broken connection or a new controller, until `timeout`;
// then the client's connection is closed (Kafka answers REQUEST_TIMED_OUT; its own request timeout has passed
// by then). As in Kafka a request may therefore be served twice, and its client be told that its topic exists
// already.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "sim/brokers/controller_channel.h"
#include "sim/network/node_step.h"
#include "sim/network/request_channel.h"

namespace brokerlab {

class Forwarding {
 public:
  static constexpr Duration timeout = seconds(60);

  /// The controller's answer becomes the answer of `request`.
  void forward(const Request& request, Instant now);
  /// Creates a topic with the broker's defaults, once, however many clients ask meanwhile. `request`: of the
  /// first.
  void create_topic(const std::string& name, int32_t partitions, int16_t replication_factor,
                    const RequestContext& request, Instant now);

  /// After `channel` has found the controller; `is_new`: it is another one.
  void poll(NodeStep& step, ControllerChannel& channel, bool is_new);
  Instant next_deadline() const;
  /// False when the completion is none of ours.
  bool handle(NodeStep& step, const Completion& completion);

 private:
  struct Forwarded {
    RequestContext client;
    bool is_answered = true;  ///< false: nobody waits for the answer
    std::string topic;        ///< that is created for a client
    Bytes frame;
    Instant deadline;
    Instant retry_at{};
    std::optional<uint64_t> token;
  };

  void give_up(NodeStep& step, const Forwarded& forwarded);

  std::map<uint64_t, Forwarded> forwarded_;  ///< in order of arrival
  std::set<std::string> creating_;
  uint64_t next_number_ = 1;
};

}  // namespace brokerlab
