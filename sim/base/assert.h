// Our own bugs. An assertion that fails prints what broke, the seed and the last events, and stops the
// program.
//
// A peer's error is a response code and an I/O error is a `Status`; neither is ever an assertion.
#pragma once

#include <string>

namespace brokerlab {

/// What to print beside a failed assertion (seed, time, last events). The runtime sets it; empty before that.
/// One per thread, so that each node's thread names its own.
using AssertionContext = std::string (*)(const void* subject);
void set_assertion_context(AssertionContext context, const void* subject);

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line,
                                   const std::string& detail);

}  // namespace brokerlab

#define BROKERLAB_ASSERT(condition) \
  ((condition) ? void(0) : ::brokerlab::assertion_failed(#condition, __FILE__, __LINE__, {}))
#define BROKERLAB_ASSERT_THAT(condition, detail) \
  ((condition) ? void(0) : ::brokerlab::assertion_failed(#condition, __FILE__, __LINE__, (detail)))
