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
  const bool fits = wanted_bytes_ <= capacity_ - begin_;
  const bool is_too_small = held == 0 && capacity_ < usual_bytes_;
  if (!fits || is_too_small || capacity_ - end_ < least_space) {
    const size_t grown = wanted_bytes_ > 0 ? std::min(wanted_bytes_, held * 4) : held * 2;
    const size_t capacity = std::max({usual_bytes_, grown, held + least_space});
    auto memory = make_memory(capacity);
    if (held > 0) std::memcpy(memory.get(), memory_.get() + begin_, held);
    memory_ = std::move(memory);
    capacity_ = capacity;
    begin_ = 0;
    end_ = held;
    claim(wanted_bytes_);
  }
  return {memory_.get() + end_, capacity_ - end_};
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
  return next;
}

void ReceiveBuffer::rest() {
  const size_t held = end_ - begin_;
  if (memory_.use_count() != 1 || held > resting_bytes || capacity_ <= resting_bytes) return;
  std::shared_ptr<uint8_t[]> memory;
  if (held > 0) {
    memory = make_memory(resting_bytes);
    std::memcpy(memory.get(), memory_.get() + begin_, held);
  }
  memory_ = std::move(memory);
  usual_bytes_ = first_bytes;
  capacity_ = held > 0 ? resting_bytes : 0;
  begin_ = 0;
  end_ = held;
  claim(wanted_bytes_);
}

}  // namespace brokerlab
