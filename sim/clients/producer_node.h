// A producer of the lab: sends records at a rate, and single ones on command.
//
// Commands: `send [--partition N] [--key KEY] TEXT` sends one record; `rate N` changes the rate; `stop` sends no
// more and ends when everything is acknowledged or given up, after 5 s at the latest; `close` and `interrupt`
// end at once. Each batch that ended is an event (event::RecordsSent).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/base/node.h"

namespace brokerlab {

struct ProducerNodeConfig {
  std::vector<Address> bootstrap;
  std::string topic;
  int16_t acks = -1;               ///< 0, 1, or -1 for all
  bool is_idempotent = true;       ///< when acks is -1, as Kafka's default
  int64_t records_per_second = 0;  ///< 0: only on command
  size_t value_size = 100;         ///< of the records sent at a rate
  int64_t keys = 0;                ///< "key-0" to "key-<keys-1>" in turn; 0: no keys, all partitions in turn
};

std::unique_ptr<Node> make_producer_node(const Boot& boot, ProducerNodeConfig config);

}  // namespace brokerlab
