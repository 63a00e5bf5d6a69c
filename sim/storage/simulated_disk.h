// A disk in memory, for the sandbox: files are lists of shared pieces, so a clone costs a copy of the lists.
//
// Bytes that were written never change: a file grows into the free end of its last chunk as long as nobody else (a
// clone, or the file before a truncation) has grown there first, and else into a new one. That keeps every slice
// that was handed out as it was.
//
// It knows what was flushed, for the power-loss fault: `power_loss` cuts each file to its flushed length. Names are
// durable at once, which a real file system does not promise.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/storage/disk.h"

namespace brokerlab {

class SimulatedDisk final : public Disk {
 public:
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

  /// Driver: carries out a flush effect. `not_found` when the node closed the file meanwhile.
  Status sync(FileId file);
  /// Driver: the node has ended; its file ids end with it.
  void close_all();
  /// Fault: what was not flushed is gone. The node must have ended.
  void power_loss();
  std::unique_ptr<SimulatedDisk> clone() const;

 private:
  struct Chunk;
  struct File;
};

}  // namespace brokerlab
