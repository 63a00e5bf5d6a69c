// The file of a recording: written from front to end by one thread, and read by nobody meanwhile.
//
// So it goes past the system's page cache, where the file system allows that (O_DIRECT): that costs a third of the
// processor time, and the pages of the logs stay. It takes whole sectors, so the last one is filled up with zeros, and
// written again when more comes; `finish` cuts them off.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "sim/base/result.h"

namespace brokerlab::recording {

class RecordFile {
 public:
  /// already_exists, disk_full or io_error.
  static Result<RecordFile> create(const std::string& path);
  RecordFile(RecordFile&& other) noexcept;
  RecordFile& operator=(RecordFile&&) = delete;
  ~RecordFile();

  Status append(std::span<const uint8_t> bytes);
  /// What was appended is with the system afterwards: it outlives this program.
  Status flush();
  Status finish();
  const std::string& path() const { return path_; }

 private:
  struct Free {
    void operator()(uint8_t* memory) const;
  };
  RecordFile(std::string path, int file);
  Status write(size_t size);

  std::string path_;
  int file_ = -1;
  std::unique_ptr<uint8_t[], Free> buffer_;
  size_t used_ = 0;
  int64_t position_ = 0;  ///< in the file, of the buffer
};

}  // namespace brokerlab::recording
