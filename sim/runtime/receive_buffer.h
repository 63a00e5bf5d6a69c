// Bytes of a connection as they come in, cut into frames that are views of the memory they were read into.
//
// Memory is taken for bytes that are there, never for a length that a peer only declares: a buffer grows fourfold
// at most with what has arrived, or to the size of a frame that the same peer has really sent before.
//
// Small frames come many at a time; one that is torn by the end of a buffer is moved to the next. After a large
// frame the length of the next is read alone, and then that frame alone, into memory of its size: large frames are
// never copied, but for those that are larger than any before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "sim/base/bytes.h"
#include "sim/network/framer.h"

namespace brokerlab {

class ReceiveBuffer {
 public:
  /// Where the next bytes may be read to; never empty.
  std::span<uint8_t> space();
  /// So many bytes were read into `space`.
  void received(size_t count) { end_ += count; }

  struct Next {
    FrameCut::Verdict verdict;
    Bytes body;       ///< frame: the node's part
    size_t size = 0;  ///< frame: with prefix and end mark
  };
  /// Takes the next whole frame, if there is one.
  Next take(Protocol protocol, size_t max_frame_bytes);

 private:
  void move_to(size_t capacity);

  std::shared_ptr<uint8_t[]> memory_;
  size_t capacity_ = 0;
  size_t begin_ = 0;         ///< of what was not taken yet
  size_t end_ = 0;           ///< of what was read
  size_t wanted_bytes_ = 0;  ///< how long the first frame says that it will be
  size_t last_frame_bytes_ = 0;
  size_t largest_frame_bytes_ = 0;
};

}  // namespace brokerlab
