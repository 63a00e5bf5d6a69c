// A consumer of the lab: reads partitions of a topic in assign mode, without a group.
//
// Commands: `stop` and `close` end it, `interrupt` too with 130. What one answer brought of a partition is one
// event (event::RecordsConsumed).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/base/node.h"

namespace brokerlab {

struct ConsumerNodeConfig {
  std::vector<Address> bootstrap;
  std::string topic;
  std::vector<int32_t> partitions;  ///< all when empty
  bool from_beginning = false;
};

std::unique_ptr<Node> make_consumer_node(const Boot& boot, ConsumerNodeConfig config);

}  // namespace brokerlab
