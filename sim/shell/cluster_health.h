// What a cluster still lacks after its faults are healed: for `expect cluster.problem == none` and
// `expect reader.lag == 0`.
#pragma once

#include <cstdint>
#include <string>

#include "sim/runtime/cluster.h"

namespace brokerlab {

/// What a Kafka node showed last; null for other nodes and before the first.
const KafkaView* kafka_view(const NodeStatus& node);

/// Not a controller and nothing else.
bool is_broker(const NodeStatus& node);

/// "none" when every node runs, every broker is registered and unfenced, and every partition has a leader and all of its
/// replicas in sync; else the first thing that is not so: "kafka2 is paused", "orders-1 has no leader".
std::string cluster_problem(const LabView& view);

/// How many records below the high watermark a consumer has not read yet, of the partitions that it knows of; -1 as long
/// as that is not known.
int64_t lag_of(const LabView& view, const ClientView& client);

}  // namespace brokerlab
