#include "tests/fuzz/fuzz.h"

#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "sim/base/assert.h"
#include "sim/wire/kafka/crc32c.h"
#include "sim/wire/kafka/record_batch.h"

namespace brokerlab::fuzz {

namespace {

// The targets have one thread.
bool is_counting = false;
int64_t held_bytes = 0;  // since the counting began: what was there before may be freed
int64_t peak_bytes = 0;

void allocated(const volatile void*, size_t size) {
  if (!is_counting) return;
  held_bytes += static_cast<int64_t>(size);
  peak_bytes = std::max(peak_bytes, held_bytes);
}

void freed(const volatile void* memory) {
  if (is_counting && memory != nullptr)
    held_bytes -= static_cast<int64_t>(__sanitizer_get_allocated_size(memory));
}

}  // namespace

void failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "the input breaks a rule: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

uint8_t FuzzInput::byte() {
  if (rest_.empty()) return 0;
  const uint8_t byte = rest_[0];
  rest_ = rest_.subview(1);
  return byte;
}

Bytes FuzzInput::piece() {
  const size_t high = byte();
  const size_t length = std::min(high << 8 | byte(), rest_.size());
  const Bytes piece = rest_.subview(0, length);
  rest_ = rest_.subview(length);
  return piece;
}

void put_piece(std::vector<uint8_t>& to, std::span<const uint8_t> piece) {
  BROKERLAB_ASSERT(piece.size() <= UINT16_MAX);
  to.push_back(static_cast<uint8_t>(piece.size() >> 8));
  to.push_back(static_cast<uint8_t>(piece.size()));
  to.insert(to.end(), piece.begin(), piece.end());
}

MemoryLimit::MemoryLimit(uint64_t limit_bytes) : limit_bytes_(limit_bytes) {
  static const int installed = __sanitizer_install_malloc_and_free_hooks(allocated, freed);
  BROKERLAB_ASSERT(installed > 0 && !is_counting);
  held_bytes = peak_bytes = 0;
  is_counting = true;
}

MemoryLimit::~MemoryLimit() {
  is_counting = false;
  if (static_cast<uint64_t>(peak_bytes) <= limit_bytes_) return;
  std::fprintf(stderr, "%lld bytes were held, %llu are allowed\n", static_cast<long long>(peak_bytes),
               static_cast<unsigned long long>(limit_bytes_));
  failed("peak memory is bounded", __FILE__, __LINE__);
}

Bytes with_right_crcs(const Bytes& batches) {
  std::vector<uint8_t> bytes(batches.begin(), batches.end());
  for (size_t at = 0; at < bytes.size();) {
    const std::span<uint8_t> rest = std::span(bytes).subspan(at);
    auto header = kafka::parse_batch_header(rest);
    if (!header || header->size() > rest.size()) break;
    header->crc =
        kafka::crc32c(rest.first(header->size()).subspan(kafka::RecordBatchHeader::crc_covers_from));
    std::ranges::copy(kafka::encode_batch_header(*header), rest.begin());
    at += header->size();
  }
  return Bytes::adopt(std::move(bytes));
}

}  // namespace brokerlab::fuzz
