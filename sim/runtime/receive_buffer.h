// Bytes of a connection as they come in, cut into frames that are views of the memory they were read into.
//
// Memory is taken for bytes that are there, never for a length that a peer only declares: a buffer is small at first
// and grows fourfold at most with what has arrived, or to the size of a frame that the same peer has really sent before.
// It is given back while nothing comes.
//
// Small frames come many at a time; one that is torn by the end of a buffer is moved to the next. After a large
// frame the length of the next is read alone, and then that frame alone, into memory of its size: large frames are
// never copied, but for those that are larger than any before.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "sim/base/bytes.h"
#include "sim/network/framer.h"

namespace brokerlab {

/// The memory of receive buffers, as long as anybody looks into it: that of one connection, or of all that have
/// the same parent.
class ReceivedMemory {
 public:
  explicit ReceivedMemory(std::shared_ptr<ReceivedMemory> parent = nullptr) : parent_(std::move(parent)) {}
  uint64_t bytes() const { return bytes_; }
  void add(uint64_t bytes) {
    for (ReceivedMemory* account = this; account != nullptr; account = account->parent_.get())
      account->bytes_ += bytes;
  }
  void subtract(uint64_t bytes) {
    for (ReceivedMemory* account = this; account != nullptr; account = account->parent_.get())
      account->bytes_ -= bytes;
  }

 private:
  std::atomic<uint64_t> bytes_ = 0;  // the last view of a frame may go on another thread
  std::shared_ptr<ReceivedMemory> parent_;
};

class ReceiveBuffer {
 public:
  explicit ReceiveBuffer(std::shared_ptr<ReceivedMemory> parent = nullptr);
  ReceiveBuffer(const ReceiveBuffer&) = delete;
  ReceiveBuffer& operator=(const ReceiveBuffer&) = delete;
  ~ReceiveBuffer() { claim(0); }

  /// Where the next bytes may be read to; never empty.
  std::span<uint8_t> space();
  /// So many bytes were read into `space`.
  void received(size_t count);

  struct Next {
    FrameCut::Verdict verdict;
    Bytes body;       ///< frame: the node's part
    size_t size = 0;  ///< frame: with prefix and end mark
  };
  /// Takes the next whole frame, if there is one.
  Next take(Protocol protocol, size_t max_frame_bytes);

  /// Nothing has come for a while: gives back memory that the bytes of an unfinished frame do not need.
  void rest();
  bool is_inside_frame() const { return end_ > begin_; }
  /// What the frame that has begun still lacks, as it says; 0 when that is not known.
  size_t missing_bytes() const { return wanted_bytes_ > end_ - begin_ ? wanted_bytes_ - (end_ - begin_) : 0; }
  /// Memory of frames that were taken and are still looked at, beside the buffer that is read into.
  uint64_t lent_bytes() const { return account_->bytes() - capacity_ - claimed_; }

 private:
  std::shared_ptr<uint8_t[]> make_memory(size_t capacity) const;
  void move_to(size_t capacity);
  /// An unfinished frame counts as what it says that it will be, so that many of them do not outgrow a limit
  /// together.
  void claim(size_t wanted_bytes);

  std::shared_ptr<ReceivedMemory> account_;
  std::shared_ptr<uint8_t[]> memory_;
  size_t capacity_ = 0;
  size_t usual_bytes_;       ///< how large the next buffer is, if nothing asks for more
  size_t begin_ = 0;         ///< of what was not taken yet
  size_t end_ = 0;           ///< of what was read
  size_t wanted_bytes_ = 0;  ///< how long the first frame says that it will be
  size_t last_frame_bytes_ = 0;
  size_t largest_frame_bytes_ = 0;
  size_t claimed_ = 0;  ///< counted beyond `capacity_`
};

}  // namespace brokerlab
