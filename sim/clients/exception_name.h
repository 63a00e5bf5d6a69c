// The Java exceptions that Kafka's tools name when they print an error code.
#pragma once

#include <string>

#include "sim/wire/kafka/errors.h"

namespace brokerlab {

/// "org.apache.kafka.common.errors.TopicExistsException". REQUIRES: an error.
std::string exception_name(kafka::ErrorCode error);

}  // namespace brokerlab
