#include "sim/runtime/record_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

#include "sim/base/assert.h"

namespace brokerlab::recording {

namespace {

constexpr size_t sector_bytes = 4096;
constexpr size_t buffer_bytes = 1 << 20;

#ifdef O_DIRECT
constexpr int past_page_cache = O_DIRECT;
#else
constexpr int past_page_cache = 0;
#endif

size_t whole_sectors(size_t bytes) { return (bytes + sector_bytes - 1) / sector_bytes * sector_bytes; }

Status failure(const std::string& path) {
  const std::string reason = std::generic_category().message(errno);
  return Status::error(errno == ENOSPC || errno == EDQUOT ? StatusCode::disk_full : StatusCode::io_error,
                       path + ": " + reason);
}

}  // namespace

void RecordFile::Free::operator()(uint8_t* memory) const { std::free(memory); }

Result<RecordFile> RecordFile::create(const std::string& path) {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  const int file = ::open(path.c_str(), flags, 0644);
  if (file < 0 && errno == EEXIST)
    return Status::error(StatusCode::already_exists,
                         path + " exists already; a recording is not written over",
                         path + " 파일이 이미 있습니다. 기록은 기존 파일을 덮어쓰지 않습니다");
  if (file < 0) return failure(path);
#ifdef F_NOCACHE
  (void)::fcntl(file, F_NOCACHE, 1);
#endif
  (void)::fcntl(file, F_SETFL, past_page_cache);  // some file systems refuse
  return RecordFile(path, file);
}

RecordFile::RecordFile(std::string path, int file)
    : path_(std::move(path)),
      file_(file),
      buffer_(static_cast<uint8_t*>(std::aligned_alloc(sector_bytes, buffer_bytes))) {
  if (buffer_ == nullptr) throw std::bad_alloc();
}

RecordFile::RecordFile(RecordFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      buffer_(std::move(other.buffer_)),
      used_(other.used_),
      position_(other.position_) {}

RecordFile::~RecordFile() {
  if (file_ >= 0) ::close(file_);
}

Status RecordFile::append(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const size_t count = std::min(bytes.size(), buffer_bytes - used_);
    std::memcpy(buffer_.get() + used_, bytes.data(), count);
    used_ += count;
    bytes = bytes.subspan(count);
    if (used_ < buffer_bytes) break;
    if (Status status = write(used_); !status.ok()) return status;
    position_ += static_cast<int64_t>(used_);
    used_ = 0;
  }
  return {};
}

Status RecordFile::flush() {
  if (used_ == 0) return {};
  const size_t size = whole_sectors(used_);
  std::fill(buffer_.get() + used_, buffer_.get() + size, 0);
  if (Status status = write(size); !status.ok()) return status;
  const size_t done = used_ / sector_bytes * sector_bytes;
  std::memmove(buffer_.get(), buffer_.get() + done, used_ - done);
  position_ += static_cast<int64_t>(done);
  used_ -= done;
  return {};
}

Status RecordFile::finish() {
  if (Status status = flush(); !status.ok()) return status;
  return ::ftruncate(file_, position_ + static_cast<int64_t>(used_)) == 0 ? Status{} : failure(path_);
}

Status RecordFile::write(size_t size) {
  BROKERLAB_ASSERT(size <= buffer_bytes && size % sector_bytes == 0);
  for (size_t done = 0; done < size;) {
    const ssize_t written =
        ::pwrite(file_, buffer_.get() + done, size - done, position_ + static_cast<int64_t>(done));
    if (written > 0) {
      done += static_cast<size_t>(written);
    } else if (written < 0 && errno == EINVAL && (::fcntl(file_, F_GETFL) & past_page_cache) != 0) {
      (void)::fcntl(file_, F_SETFL, 0);  // it has sectors that are larger, or writes parts of them
    } else if (written == 0 || errno != EINTR) {
      return failure(path_);
    }
  }
  return {};
}

}  // namespace brokerlab::recording
