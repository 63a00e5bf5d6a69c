// The clients that answers are fuzzed for, by number: the target plays them, and the seeds are what a broker of
// the lab answered to them.
#pragma once

#include <memory>

#include "sim/base/node.h"

namespace brokerlab::fuzz {

inline constexpr uint8_t client_count = 9;
inline constexpr uint16_t bootstrap_port = 9092;

/// One that connects to 127.0.0.1:`bootstrap_port`; `which` modulo `client_count`.
std::unique_ptr<Node> make_client(uint8_t which, const Boot& boot);

}  // namespace brokerlab::fuzz
