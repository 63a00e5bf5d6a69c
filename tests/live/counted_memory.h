// What this program has taken with `operator new`, on all threads.
#pragma once

#include <cstdint>

namespace brokerlab::test {

uint64_t count_allocations();
uint64_t count_allocated_bytes();

}  // namespace brokerlab::test
