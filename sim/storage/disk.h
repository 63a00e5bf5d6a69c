// The disk of one node: a folder of files. Two implementations: real (real_disk.h) and simulated
// (simulated_disk.h).
//
// Append and read are immediate and mean the page cache. What must survive a power loss is flushed by an effect
// (`Effects::flush`) and its end arrives as an input; `replace_file` with `synced` is the one exception,
// because Kafka writes quorum-state that way before it votes.
//
// Paths are relative to the node's folder, with '/', and must not leave it: `..`, an absolute path or a
// symbolic link out of it is an error. Invariants: a slice that was handed out stays valid and unchanged,
// also when the file is truncated or removed afterwards.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/result.h"

namespace brokerlab {

enum class Durability { cached, synced };

/// What every disk says of a file that is not open.
inline Status not_open() { return Status::error(StatusCode::not_found, "the file is not open"); }

class Disk {
 public:
  virtual ~Disk() = default;

  /// Opens for reading and appending; creates the file and its folders when `create`. REQUIRES: not open already.
  virtual Result<FileId> open(std::string_view path, bool create) = 0;
  virtual void close(FileId file) = 0;
  virtual Result<uint64_t> size(FileId file) = 0;
  /// Appends all slices, which are memory, with one system call. After an error the file is as long as before.
  virtual Status append(FileId file, std::span<const Slice> slices) = 0;
  /// Copies at most `length` bytes out: headers, indexes, records that a node must look into.
  virtual Result<Bytes> read(FileId file, uint64_t offset, uint64_t length) = 0;
  /// The same range as slices for the network, not copied. REQUIRES: within the file.
  virtual Result<Slices> slices(FileId file, uint64_t offset, uint64_t length) = 0;
  virtual Status truncate(FileId file, uint64_t size) = 0;

  virtual Result<Bytes> read_file(std::string_view path) = 0;
  /// Writes beside it and renames: a reader sees the old or the new content.
  virtual Status replace_file(std::string_view path, const Bytes& content, Durability durability) = 0;
  /// Replaces a file, never a folder. REQUIRES: nothing of it is open.
  virtual Status rename(std::string_view from, std::string_view to) = 0;
  virtual Status remove_file(std::string_view path) = 0;
  virtual Status remove_folder(std::string_view path) = 0;  ///< with all that is in it
  virtual Status make_folder(std::string_view path) = 0;    ///< with its parents; existing is no error
  virtual bool exists(std::string_view path) = 0;
  /// Names in a folder, sorted; folders end with '/'. Empty when there is no such folder.
  virtual std::vector<std::string> list(std::string_view folder) = 0;
};

}  // namespace brokerlab
