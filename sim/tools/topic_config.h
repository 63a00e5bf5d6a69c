// The topic configs of Kafka 4.3.1 with their types: kafka-topics checks a value before it asks the cluster.
// Which configs a cluster takes is the cluster's to say.
#pragma once

#include <string_view>

#include "sim/base/result.h"

namespace brokerlab {

/// `invalid` in the words of Kafka's ConfigException. Names that are not known pass.
Status check_topic_config(std::string_view name, std::string_view value);

}  // namespace brokerlab
