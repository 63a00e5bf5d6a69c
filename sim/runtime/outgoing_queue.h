// What a node has sent over a connection and the system has not taken yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "sim/base/bytes.h"

namespace brokerlab {

class OutgoingQueue {
 public:
  enum class Outcome : uint8_t { all_sent, would_block, failed };

  /// One frame.
  void add(Slices frame);
  /// Gives the system as much as it takes: memory of all frames with one call, parts of files straight from
  /// the file, so that the record bytes pass no memory of ours.
  Outcome send(int socket);
  bool empty() const { return slices_.empty(); }
  uint64_t bytes() const { return bytes_; }
  /// Frames of which some byte is still here.
  size_t frames() const { return frames_; }

 private:
  struct Part {
    Slice slice;
    bool ends_frame = false;
  };
  Outcome send_memory(int socket);
  Outcome send_file(int socket);
  void sent(uint64_t count);

  std::deque<Part> slices_;
  uint64_t offset_ = 0;  ///< into the first
  uint64_t bytes_ = 0;
  size_t frames_ = 0;
};

}  // namespace brokerlab
