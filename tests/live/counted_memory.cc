#include "tests/live/counted_memory.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<uint64_t> allocations = 0;
std::atomic<uint64_t> allocated_bytes = 0;
}  // namespace

void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  allocated_bytes.fetch_add(size, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace brokerlab::test {

uint64_t count_allocations() { return allocations; }
uint64_t count_allocated_bytes() { return allocated_bytes; }

}  // namespace brokerlab::test
