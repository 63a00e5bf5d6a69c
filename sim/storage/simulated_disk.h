// A disk in memory, for the sandbox: files are lists of shared pieces, so a clone costs a copy of the lists.
//
// Bytes that were written never change: a file grows into the free end of its last chunk as long as nobody else
// (a clone, or the file as it was before a truncation) has grown there, and else into a new one. That keeps
// every slice that was handed out as it was.
//
// It knows what was flushed, for the power-loss fault: `power_loss` cuts each file to its flushed length. Names
// are durable at once, which a real file system does not promise.
// Faults tell what they destroyed, by path.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/random.h"
#include "sim/storage/disk_faults.h"

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
  /// Fault: what was not flushed is gone. REQUIRES: no file is open (the node has ended).
  std::vector<DiskDamage> power_loss();
  /// Fault: the last append ends in its middle, unless it was flushed; its first half is durable. REQUIRES: as above.
  std::vector<DiskDamage> tear_last_append();
  /// Fault: one bit of `folder`'s log, of its closed segments if it has any, of any file, or of `records` is inverted.
  std::vector<DiskDamage> flip_bit(std::string_view folder, Random& random);
  /// Fault: nothing is left. REQUIRES: as above.
  std::vector<DiskDamage> wipe();
  /// Replay: what a fault did to the disk that this one stands for. REQUIRES: as above, unless bits are inverted.
  void repeat(const DiskDamage& damage);
  /// What its files hold together.
  uint64_t bytes() const;
  std::unique_ptr<SimulatedDisk> clone() const { return std::make_unique<SimulatedDisk>(*this); }

 private:
  /// Memory that files, their clones and slices share.
  struct Chunk {
    explicit Chunk(size_t capacity)
        : data(std::make_unique_for_overwrite<uint8_t[]>(capacity)), capacity(capacity) {}
    const std::unique_ptr<uint8_t[]> data;
    const size_t capacity;
    std::atomic<size_t> used = 0;  ///< only grows; clones may run on other threads
  };
  struct Piece {
    uint64_t start = 0;  ///< in the file
    Bytes bytes;
  };
  /// What Unix calls an inode: lives while it has a name or is open.
  struct File {
    std::vector<Piece> pieces;
    std::shared_ptr<Chunk> tail;  ///< the last piece begins at its start; null when nothing was appended
    uint64_t size = 0;
    uint64_t flushed = 0;
    bool has_name = true;
    bool is_open = false;
  };
  using FileNumber = uint64_t;

  File* find_open(FileId file);
  Status make_parents(const std::vector<std::string>& names);
  FileNumber add_file(std::string path);
  void remove_name(std::map<std::string, FileNumber, std::less<>>::iterator name);
  void drop_if_unused(FileNumber number);
  static Bytes copy_range(const File& file, uint64_t offset, uint64_t length);
  static void cut(File& file, uint64_t size);

  std::map<FileNumber, File> files_;
  std::map<std::string, FileNumber, std::less<>> names_;
  std::set<std::string, std::less<>> folders_;
  std::map<FileId, FileNumber> open_;
  FileNumber next_file_ = 1;
  uint32_t next_id_ = 1;
  struct Append {
    FileNumber file = 0;
    uint64_t start = 0;
  };
  Append last_append_;
};

}  // namespace brokerlab
