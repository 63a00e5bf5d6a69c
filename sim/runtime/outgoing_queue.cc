#include "sim/runtime/outgoing_queue.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#ifdef __linux__
#include <sys/sendfile.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>

#include "sim/base/assert.h"
#include "sim/storage/real_disk.h"

namespace brokerlab {

namespace {

/// Parts of one call; more than this take another. Far below every system's limit.
constexpr size_t max_parts = 256;

OutgoingQueue::Outcome failure() {
  const bool later = errno == EAGAIN || errno == EWOULDBLOCK;
  return later ? OutgoingQueue::Outcome::would_block : OutgoingQueue::Outcome::failed;
}

/// Sends part of a file. How many bytes the socket took, or -1 and errno.
ssize_t send_part(int socket, int file, uint64_t offset, uint64_t length) {
#ifdef __linux__
  off_t position = static_cast<off_t>(offset);
  return ::sendfile(socket, file, &position, length);
#else
  off_t taken = static_cast<off_t>(length);
  const int status = ::sendfile(file, socket, static_cast<off_t>(offset), &taken, nullptr, 0);
  return status == 0 || taken > 0 ? static_cast<ssize_t>(taken) : -1;
#endif
}

#ifdef __linux__
constexpr int no_signal = MSG_NOSIGNAL;
constexpr int more_follows = MSG_MORE;
#else
constexpr int no_signal = 0;  // SO_NOSIGPIPE is set on the socket
constexpr int more_follows = 0;
#endif

}  // namespace

void OutgoingQueue::add(Slices frame) {
  const size_t before = slices_.size();
  for (Slice& slice : frame) {
    const uint64_t size = size_of(slice);
    if (size == 0) continue;
    bytes_ += size;
    slices_.push_back({std::move(slice)});
  }
  if (slices_.size() == before) return;
  slices_.back().ends_frame = true;
  ++frames_;
}

OutgoingQueue::Outcome OutgoingQueue::send(int socket) {
  while (!slices_.empty()) {
    const bool is_memory = std::holds_alternative<Bytes>(slices_.front().slice);
    const Outcome outcome = is_memory ? send_memory(socket) : send_file(socket);
    if (outcome != Outcome::all_sent) return outcome;
  }
  return Outcome::all_sent;
}

OutgoingQueue::Outcome OutgoingQueue::send_memory(int socket) {
  std::array<iovec, max_parts> parts;
  size_t count = 0;
  uint64_t total = 0;
  uint64_t skip = offset_;
  auto part = slices_.begin();
  for (; part != slices_.end() && count < max_parts; ++part) {
    const Bytes* bytes = std::get_if<Bytes>(&part->slice);
    if (bytes == nullptr) break;
    parts[count++] = {const_cast<uint8_t*>(bytes->data()) + skip, bytes->size() - skip};
    total += bytes->size() - skip;
    skip = 0;
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(count);
  const int flags = no_signal | (part != slices_.end() ? more_follows : 0);
  const ssize_t taken = ::sendmsg(socket, &message, flags);
  if (taken < 0) return errno == EINTR ? Outcome::all_sent : failure();
  sent(static_cast<uint64_t>(taken));
  return static_cast<uint64_t>(taken) < total ? Outcome::would_block : Outcome::all_sent;
}

OutgoingQueue::Outcome OutgoingQueue::send_file(int socket) {
  const auto& file = std::get<FileSlice>(slices_.front().slice);
  const uint64_t left = file.length - offset_;
  const ssize_t taken = send_part(socket, RealDisk::descriptor(file), file.offset + offset_, left);
  if (taken < 0) return errno == EINTR ? Outcome::all_sent : failure();
  if (taken == 0) return Outcome::failed;  // the file is shorter than the slice says: somebody cut it
  sent(static_cast<uint64_t>(taken));
  return Outcome::all_sent;
}

void OutgoingQueue::sent(uint64_t count) {
  BROKERLAB_ASSERT(count <= bytes_);
  bytes_ -= count;
  offset_ += count;
  while (!slices_.empty() && offset_ >= size_of(slices_.front().slice)) {
    offset_ -= size_of(slices_.front().slice);
    if (slices_.front().ends_frame) --frames_;
    slices_.pop_front();
  }
}

}  // namespace brokerlab
