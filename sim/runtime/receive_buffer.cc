#include "sim/runtime/receive_buffer.h"

#include <algorithm>
#include <cstring>

namespace brokerlab {

namespace {
constexpr size_t buffer_bytes = 64 << 10;
/// Less free space than this is not worth a system call.
constexpr size_t least_space = 4 << 10;
}  // namespace

std::span<uint8_t> ReceiveBuffer::space() {
  const size_t held = end_ - begin_;
  if (held == 0 && memory_.use_count() == 1) begin_ = end_ = 0;  // nobody looks at it any more
  const bool fits = wanted_bytes_ <= capacity_ - begin_;
  if (!fits || capacity_ - end_ < least_space) {
    const size_t grown = wanted_bytes_ > 0 ? std::min(wanted_bytes_, held * 4) : held * 2;
    const size_t capacity = std::max({buffer_bytes, grown, held + least_space});
    auto memory = std::make_shared_for_overwrite<uint8_t[]>(capacity);
    if (held > 0) std::memcpy(memory.get(), memory_.get() + begin_, held);
    memory_ = std::move(memory);
    capacity_ = capacity;
    begin_ = 0;
    end_ = held;
  }
  return {memory_.get() + end_, capacity_ - end_};
}

ReceiveBuffer::Next ReceiveBuffer::take(Protocol protocol, size_t max_frame_bytes) {
  const FrameCut cut = cut_frame(protocol, {memory_.get() + begin_, end_ - begin_}, max_frame_bytes);
  wanted_bytes_ = 0;
  if (cut.verdict == FrameCut::Verdict::need_more) wanted_bytes_ = cut.size;
  if (cut.verdict != FrameCut::Verdict::frame) return {cut.verdict, {}};
  Next next{cut.verdict, Bytes(memory_, memory_.get() + begin_ + cut.body_offset, cut.body_size), cut.size};
  begin_ += cut.size;
  return next;
}

}  // namespace brokerlab
