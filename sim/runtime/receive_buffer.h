// Bytes of a connection as they come in, cut into frames that are views of the memory they were read into.
//
// Memory is taken for bytes that are there, never for a length that a peer declares: a buffer grows fourfold at
// most with what has arrived. A frame that is torn by the end of a buffer is moved to the next one; all others
// are never copied.
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
  std::shared_ptr<uint8_t[]> memory_;
  size_t capacity_ = 0;
  size_t begin_ = 0;         ///< of what was not taken yet
  size_t end_ = 0;           ///< of what was read
  size_t wanted_bytes_ = 0;  ///< how long the first frame says that it will be
};

}  // namespace brokerlab
