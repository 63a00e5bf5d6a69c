// What `changes` tells of brokers.
#include "sim/observe/cluster_history.h"

#include <doctest/doctest.h>

namespace brokerlab {

namespace {

TEST_CASE("who registers again because the answer was late was alive all the time") {
  ClusterHistory history;
  const auto tell = [&](std::string state, std::string reason) {
    Event event;
    event.payload = event::BrokerStateChanged{
        .broker = 2, .state = std::move(state), .broker_epoch = 7, .reason = std::move(reason)};
    history.on_events({&event, 1});
  };
  tell("registered", "registered");
  tell("unfenced", "caught up");
  tell("registered", "registered again");
  CHECK(describe(history.since(0)) == "brokers alive [2]\n");
  tell("fenced", "session timeout");
  CHECK(describe(history.since(0)) == "brokers alive [2]\nbrokers alive []\n");
  tell("unfenced", "caught up");
  tell("registered", "registered");
  CHECK(describe(history.since(2)) == "brokers alive [2]\nbrokers alive []\n");
}

}  // namespace

}  // namespace brokerlab
