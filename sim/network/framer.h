// Cuts the bytes of a connection into frames. Pure functions, one for each protocol: the bytes so far give
// need more, one frame, or close.
//
// Nothing is ever allocated for a declared length: a frame is complete when its bytes are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/base/node.h"

namespace brokerlab {

struct FrameCut {
  enum class Verdict : uint8_t { need_more, frame, close };
  Verdict verdict = Verdict::need_more;
  /// frame: bytes that it takes from the connection, prefix and end mark included. need_more: how long the
  /// frame says it will be, 0 when that is not known yet; a claim of the peer.
  size_t size = 0;
  size_t body_offset = 0;  ///< frame: where the node's part begins
  size_t body_size = 0;
};

/// Whether frames of this protocol can be cut.
bool has_framer(Protocol protocol);

/// The first frame of `bytes`. `max_size` bounds its body; a longer one closes the connection.
///
/// kafka: int32 length, then so many bytes. A negative or too long length closes, as in Kafka
///   (socket.request.max.bytes, InvalidReceiveException).
/// line: text up to a line feed, which is not part of the body.
/// REQUIRES: has_framer(protocol)
FrameCut cut_frame(Protocol protocol, std::span<const uint8_t> bytes, size_t max_size);

}  // namespace brokerlab
