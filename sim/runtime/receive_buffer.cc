#include "sim/runtime/receive_buffer.h"

#include <algorithm>
#include <cstring>

namespace brokerlab {

namespace {
constexpr size_t buffer_bytes = 64 << 10;
/// Less free space than this is not worth a system call.
constexpr size_t least_space = 4 << 10;
/// From this size on, one more system call for each frame is cheaper than moving what was read too far.
constexpr size_t large_frame_bytes = 16 << 10;
constexpr size_t length_prefix = 4;
}  // namespace

std::span<uint8_t> ReceiveBuffer::space() {
  const size_t held = end_ - begin_;
  if (held == 0 && memory_.use_count() == 1) begin_ = end_ = 0;  // nobody looks at it any more
  const bool reads_prefix =
      wanted_bytes_ == 0 && held < length_prefix && last_frame_bytes_ >= large_frame_bytes;
  const size_t frame_bytes = reads_prefix ? last_frame_bytes_ : wanted_bytes_;
  const size_t believed_bytes = std::min(frame_bytes, std::max(held * 4, largest_frame_bytes_));
  const bool is_believed = frame_bytes > 0 && believed_bytes == frame_bytes;
  const bool fits = frame_bytes > 0 && frame_bytes <= capacity_ - begin_;
  if (!fits && (is_believed || capacity_ - end_ < least_space))
    move_to(std::max({buffer_bytes, believed_bytes, frame_bytes == 0 ? held * 2 : 0, held + least_space}));
  size_t size = capacity_ - end_;
  if (reads_prefix) size = length_prefix - held;
  if (wanted_bytes_ >= large_frame_bytes) size = std::min(size, wanted_bytes_ - held);
  return {memory_.get() + end_, size};
}

void ReceiveBuffer::move_to(size_t capacity) {
  const size_t held = end_ - begin_;
  auto memory = std::make_shared_for_overwrite<uint8_t[]>(capacity);
  if (held > 0) std::memcpy(memory.get(), memory_.get() + begin_, held);
  memory_ = std::move(memory);
  capacity_ = capacity;
  begin_ = 0;
  end_ = held;
}

ReceiveBuffer::Next ReceiveBuffer::take(Protocol protocol, size_t max_frame_bytes) {
  const FrameCut cut = cut_frame(protocol, {memory_.get() + begin_, end_ - begin_}, max_frame_bytes);
  wanted_bytes_ = 0;
  if (cut.verdict == FrameCut::Verdict::need_more) wanted_bytes_ = cut.size;
  if (cut.verdict != FrameCut::Verdict::frame) return {cut.verdict, {}};
  Next next{cut.verdict, Bytes(memory_, memory_.get() + begin_ + cut.body_offset, cut.body_size), cut.size};
  begin_ += cut.size;
  last_frame_bytes_ = cut.size;
  largest_frame_bytes_ = std::max(largest_frame_bytes_, cut.size);
  return next;
}

}  // namespace brokerlab
