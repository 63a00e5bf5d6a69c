// A folder of the real file system as a node's disk, for the live driver.
//
// Paths cannot escape: every name is opened beneath the one before it and no symbolic link is followed. A lock on
// `.lock` (the name that Kafka uses) keeps a second lab out until this object ends; a SIGKILL ends it too.
//
// How slices stay unchanged: a FileSlice that `slices` hands out shares the ownership of the open file
// (FileSlice::owner). `close` and `remove_file` only let go of the disk's own share. `truncate` of a file that
// somebody else still owns copies what is kept into a new file in its place and goes on with that one; the old one
// lives on without a name until its last slice was sent. So a driver has nothing to register: it keeps a FileSlice
// until it is sent, sends from `descriptor(slice)`, and drops it.
//
// For the power-loss fault it remembers of each file how much was made durable since the disk was opened; what was
// there before counts as durable. Files are known by their inodes, so renaming changes nothing. Names are durable at
// once, as in the simulated disk.
//
// One thread at a time, but owners may be dropped on any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/random.h"
#include "sim/storage/disk.h"
#include "sim/storage/disk_faults.h"

namespace brokerlab {

class RealDisk final : public Disk {
 public:
  /// Creates the folder if it is missing. `unavailable` when another lab has it, `io_error` when it cannot be
  /// written.
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

  /// A flush effect that is to be carried out (fsync; of the folders above too when the file is new): a value
  /// that may run on any thread, whatever the disk does meanwhile.
  class Sync;
  /// Driver: `not_found` comes out of it when the node closed the file meanwhile.
  Sync prepare_sync(FileId file);
  /// Driver: the node has ended; its file ids end with it.
  void close_all() { open_.clear(); }
  /// Faults: as those of the simulated disk, on the real files.
  std::vector<DiskDamage> power_loss();
  std::vector<DiskDamage> tear_last_append();
  std::vector<DiskDamage> wipe();
  /// May be called on another thread than the disk's.
  std::vector<DiskDamage> flip_bit(std::string_view folder, Random& random) const;
  /// Driver: the file to send a slice from; valid as long as the slice. REQUIRES: a slice of a RealDisk.
  static int descriptor(const FileSlice& slice);

 private:
  class Descriptor;
  /// How much of a file is durable.
  struct Durable {
    std::mutex mutex;
    uint64_t bytes = 0;
    uint64_t cuts = 0;  ///< a flush that began before a truncation says nothing of what came after it
  };
  using Inode = std::pair<uint64_t, uint64_t>;  ///< device, number
  struct OpenFile {
    std::string path;
    std::shared_ptr<const Descriptor> descriptor;
    uint64_t size = 0;
    bool is_new = false;  ///< its folder was not synced since it was created
    std::shared_ptr<Durable> durable;
  };
  struct FoundFile {
    std::string path;
    Inode inode;
    uint64_t size = 0;
  };

  RealDisk(Descriptor root, Descriptor lock);
  OpenFile* find_open(FileId file);
  Result<Descriptor> open_folder(std::span<const std::string> names, bool create) const;
  std::vector<std::string> names_in(std::string_view folder) const;
  Status sync_folders(std::span<const std::string> names) const;
  std::shared_ptr<Durable> note_new_file(int fd, uint64_t durable_bytes);
  /// All files beneath a folder, by path.
  void find_files(const std::string& folder, std::vector<FoundFile>& found) const;
  std::vector<FoundFile> all_files() const;
  Result<Descriptor> open_to_damage(std::string_view path) const;

  std::unique_ptr<const Descriptor> root_;
  std::unique_ptr<const Descriptor> lock_;
  std::map<FileId, OpenFile> open_;
  uint32_t next_id_ = 1;
  std::map<Inode, std::shared_ptr<Durable>> durable_;
  const Durable* last_appended_ = nullptr;
  uint64_t last_append_start_ = 0;
};

class RealDisk::Sync {
 public:
  Status run() const;

 private:
  friend class RealDisk;
  Status refused_;  ///< why there is nothing to run
  std::string path_;
  std::vector<std::shared_ptr<const Descriptor>> descriptors_;  ///< the file, then its folders upwards
  std::shared_ptr<Durable> durable_;
  uint64_t size_ = 0;
  uint64_t cuts_ = 0;
};

}  // namespace brokerlab
