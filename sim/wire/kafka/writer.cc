#include "sim/wire/kafka/writer.h"

#include <algorithm>
#include <bit>

#include "sim/base/assert.h"

namespace brokerlab::kafka {

Writer::Writer(size_t memory_size)
    : memory_(std::make_shared_for_overwrite<uint8_t[]>(memory_size)), capacity_(memory_size) {}

uint8_t* Writer::advance(size_t count) {
  uint8_t* to = nullptr;
  if (memory_ != nullptr) {
    BROKERLAB_ASSERT(count <= capacity_ - used_);
    to = memory_.get() + used_;
  }
  used_ += count;
  return to;
}

void Writer::float64(double value) { big_endian(std::bit_cast<uint64_t>(value)); }

void Writer::uuid(const Uuid& value) {
  big_endian(value.high);
  big_endian(value.low);
}

void Writer::unsigned_varint(uint32_t value) { base128(value); }

void Writer::varint(int32_t value) {
  base128(static_cast<uint32_t>(value) << 1 ^ static_cast<uint32_t>(value >> 31));
}

void Writer::varlong(int64_t value) {
  base128(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63));
}

void Writer::base128(uint64_t value) {
  for (; value >= 0x80; value >>= 7) big_endian(static_cast<uint8_t>(value | 0x80));
  big_endian(static_cast<uint8_t>(value));
}

void Writer::raw(std::span<const uint8_t> bytes) {
  if (uint8_t* to = advance(bytes.size())) std::copy(bytes.begin(), bytes.end(), to);
}

void Writer::raw(std::string_view text) {
  if (uint8_t* to = advance(text.size())) std::copy(text.begin(), text.end(), to);
}

void Writer::cut() {
  if (used_ == cut_at_) return;
  pieces_.emplace_back(Bytes(memory_, memory_.get() + cut_at_, used_ - cut_at_));
  cut_at_ = used_;
}

void Writer::slices(const Slices& slices) {
  slices_size_ += size_of(slices);
  if (memory_ == nullptr) return;
  cut();
  pieces_.insert(pieces_.end(), slices.begin(), slices.end());
}

Slices Writer::take() {
  BROKERLAB_ASSERT(memory_ != nullptr && used_ == capacity_);
  cut();
  return std::move(pieces_);
}

}  // namespace brokerlab::kafka
