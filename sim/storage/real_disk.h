// A folder of the real file system as a node's disk, for the live driver.
//
// Paths cannot escape: every component is opened beneath the folder and without following symbolic links. A lock on
// `.lock` (as Kafka's) keeps a second lab out until this object ends, also after a SIGKILL.
//
// How slices stay unchanged: a FileSlice that `slices` hands out shares ownership of the open file (FileSlice::owner).
// `close` and `remove_file` only let go of the disk's own share. `truncate` of a file that somebody else still owns
// copies what is kept to a new file in its place and goes on with that one; the old one lives, nameless, until its last
// slice was sent. So the driver has nothing to register: it keeps the FileSlice until it is sent, takes
// `descriptor(slice)` for sendfile, and drops it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/storage/disk.h"

namespace brokerlab {

class RealDisk final : public Disk {
 public:
  /// Creates the folder if it is missing. Fails in clear words when it cannot be written or another lab has it.
  static Result<std::unique_ptr<RealDisk>> open(const std::string& folder);
  ~RealDisk() override;

  Result<FileId> open(std::string_view path, bool create) override;
  void close(FileId file) override;
  Result<uint64_t> size(FileId file) override;
  Status append(FileId file, std::span<const Slice> slices) override;
  Result<Bytes> read(FileId file, uint64_t offset, uint64_t length) override;
  Result<Slices> slices(FileId file, uint64_t offset, uint64_t length) override;
  Status truncate(FileId file, uint64_t size) override;
  Result<Bytes> read_file(std::string_view path) override;
  Status replace_file(std::string_view path, const Bytes& content, Durability durability) override;
  Status rename(std::string_view from, std::string_view to) override;
  Status remove_file(std::string_view path) override;
  Status remove_folder(std::string_view path) override;
  Status make_folder(std::string_view path) override;
  bool exists(std::string_view path) override;
  std::vector<std::string> list(std::string_view folder) override;

  /// Driver: carries out a flush effect (fsync). `not_found` when the node closed the file meanwhile.
  Status sync(FileId file);
  /// Driver: the node has ended; its file ids end with it.
  void close_all();
  /// Driver: the file to send a slice from. Valid as long as the slice. REQUIRES: a slice of a RealDisk.
  static int descriptor(const FileSlice& slice);

 private:
  class Descriptor;
  struct OpenFile;
};

}  // namespace brokerlab
