#include "sim/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace brokerlab {

namespace {
thread_local AssertionContext current_context = nullptr;
thread_local const void* current_subject = nullptr;
}  // namespace

void set_assertion_context(AssertionContext context, const void* subject) {
  current_context = context;
  current_subject = subject;
}

void assertion_failed(const char* condition, const char* file, int line, const std::string& detail) {
  std::fprintf(stderr, "brokerlab stopped itself: %s does not hold (%s:%d)\n", condition, file, line);
  if (!detail.empty()) std::fprintf(stderr, "  %s\n", detail.c_str());
  if (current_context != nullptr) {
    const AssertionContext context = current_context;
    current_context = nullptr;  // a second failure while printing must not recurse
    std::fprintf(stderr, "%s\n", context(current_subject).c_str());
  }
  std::fflush(stderr);
  std::abort();
}

}  // namespace brokerlab
