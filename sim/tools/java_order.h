// The order in which a java.util.HashMap<String, ...> lists its keys. Kafka's tools print several topics, and
// the settings of a topic, in it.
#pragma once

#include <string>
#include <vector>

#include "sim/base/ids.h"

namespace brokerlab {

/// Orders names that were put one after the other into `new HashMap<>()`, or into `new HashMap<>(n)` for the
/// n names when `is_sized`.
void order_as_java_map(std::vector<std::string>& names, bool is_sized);
void order_as_java_map(std::vector<TopicPartition>& partitions);
/// The same of partitions that were put with computeIfAbsent, which puts the newest of a bucket first.
void order_as_computed_java_map(std::vector<TopicPartition>& partitions);

}  // namespace brokerlab
