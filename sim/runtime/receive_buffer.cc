#include "sim/runtime/receive_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace brokerlab {

namespace {
constexpr size_t first_bytes = 8 << 10;
constexpr size_t most_usual_bytes = 64 << 10;
/// Less free space than this is not worth a system call.
constexpr size_t least_space = 4 << 10;
/// From this size on, one more system call for each frame is cheaper than moving what was read too far.
constexpr size_t large_frame_bytes = 16 << 10;
constexpr size_t length_prefix = 4;
/// A beginning of a frame that is no longer than this is moved out of the way while its peer is silent.
constexpr size_t resting_bytes = 1 << 10;
}  // namespace

ReceiveBuffer::ReceiveBuffer(std::shared_ptr<ReceivedMemory> parent)
    : account_(std::make_shared<ReceivedMemory>(std::move(parent))), usual_bytes_(first_bytes) {}

std::shared_ptr<uint8_t[]> ReceiveBuffer::make_memory(size_t capacity) const {
  account_->add(capacity);
  // Not value-initialized: it is read into.
  return {new uint8_t[capacity], [account = account_, capacity](const uint8_t* memory) {
            delete[] memory;
            account->subtract(capacity);
          }};
}

void ReceiveBuffer::claim(size_t wanted_bytes) {
  const size_t claimed = wanted_bytes > capacity_ ? wanted_bytes - capacity_ : 0;
  if (claimed > claimed_) account_->add(claimed - claimed_);
  if (claimed < claimed_) account_->subtract(claimed_ - claimed);
  claimed_ = claimed;
}

std::span<uint8_t> ReceiveBuffer::space() {
  const size_t held = end_ - begin_;
  if (held == 0 && memory_.use_count() == 1) begin_ = end_ = 0;  // nobody looks at it any more
  const bool reads_prefix =
      wanted_bytes_ == 0 && held < length_prefix && last_frame_bytes_ >= large_frame_bytes;
  const size_t frame_bytes = reads_prefix ? last_frame_bytes_ : wanted_bytes_;
  const size_t believed_bytes = std::min(frame_bytes, std::max(held * 4, largest_frame_bytes_));
  const bool is_believed = frame_bytes > 0 && believed_bytes == frame_bytes;
  const bool fits = frame_bytes > 0 && frame_bytes <= capacity_ - begin_;
  const bool is_too_small = held == 0 && capacity_ < usual_bytes_;
  if (is_too_small || (!fits && (is_believed || capacity_ - end_ < least_space)))
    move_to(std::max({usual_bytes_, believed_bytes, frame_bytes == 0 ? held * 2 : 0, held + least_space}));
  size_t size = capacity_ - end_;
  if (reads_prefix) size = length_prefix - held;
  if (wanted_bytes_ >= large_frame_bytes) size = std::min(size, wanted_bytes_ - held);
  return {memory_.get() + end_, size};
}

void ReceiveBuffer::move_to(size_t capacity) {
  const size_t held = end_ - begin_;
  auto memory = make_memory(capacity);
  if (held > 0) std::memcpy(memory.get(), memory_.get() + begin_, held);
  memory_ = std::move(memory);
  capacity_ = capacity;
  begin_ = 0;
  end_ = held;
  claim(wanted_bytes_);
}

void ReceiveBuffer::received(size_t count) {
  end_ += count;
  if (end_ == capacity_) usual_bytes_ = most_usual_bytes;
}

ReceiveBuffer::Next ReceiveBuffer::take(Protocol protocol, size_t max_frame_bytes) {
  const FrameCut cut = cut_frame(protocol, {memory_.get() + begin_, end_ - begin_}, max_frame_bytes);
  wanted_bytes_ = cut.verdict == FrameCut::Verdict::need_more ? cut.size : 0;
  claim(wanted_bytes_);
  if (cut.verdict != FrameCut::Verdict::frame) return {cut.verdict, {}};
  Next next{cut.verdict, Bytes(memory_, memory_.get() + begin_ + cut.body_offset, cut.body_size), cut.size};
  begin_ += cut.size;
  last_frame_bytes_ = cut.size;
  largest_frame_bytes_ = std::max(largest_frame_bytes_, cut.size);
  return next;
}

void ReceiveBuffer::rest() {
  const size_t held = end_ - begin_;
  if (memory_.use_count() != 1 || held > resting_bytes || capacity_ <= resting_bytes) return;
  usual_bytes_ = first_bytes;
  last_frame_bytes_ = largest_frame_bytes_ = 0;
  if (held > 0) return move_to(resting_bytes);
  memory_.reset();
  capacity_ = begin_ = end_ = 0;
  claim(wanted_bytes_);
}

}  // namespace brokerlab
