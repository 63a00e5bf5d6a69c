// What can be wrong with a disk, real or simulated, and what was lost of it. How it is written stands in
// sim/runtime/faults.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/random.h"
#include "sim/storage/disk.h"

namespace brokerlab {

struct DiskFaults {
  bool fails = false;        ///< what reads or changes a file: Input/output error
  bool flush_fails = false;  ///< what is to become durable: Input/output error
  bool is_full = false;      ///< what needs space: No space left on device
  friend bool operator==(const DiskFaults&, const DiskFaults&) = default;
};

/// A part of a file that a fault destroyed: [from_bytes, to_bytes) of it as it was. It is gone, or its bits in `mask` are
/// inverted.
struct DiskDamage {
  std::string path;
  uint64_t from_bytes = 0;
  uint64_t to_bytes = 0;
  uint8_t mask = 0;
  friend bool operator==(const DiskDamage&, const DiskDamage&) = default;
};

/// What bit rot may hit.
struct DiskFile {
  std::string path;
  uint64_t size = 0;
};
struct BitPlace {
  std::string path;
  uint64_t byte = 0;
  uint8_t mask = 1;
};
/// A bit of the log in `folder`, of its closed segments when it has any; of any file when `folder` is empty. Nothing
/// when there is no such byte. `files` by path.
std::optional<BitPlace> draw_bit(std::span<const DiskFile> files, std::string_view folder, Random& random);

/// A disk with these faults: all that it does not fail is done by `disk`. It also tells whether a step has used it.
class FaultyDisk final : public Disk {
 public:
  FaultyDisk(Disk* disk, DiskFaults faults) : disk_(disk), faults_(faults) {}

  Result<FileId> open(std::string_view path, bool create) override;
  void close(FileId file) override { disk_->close(file); }
  Result<uint64_t> size(FileId file) override { return disk_->size(file); }
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
  bool exists(std::string_view path) override { return disk_->exists(path); }
  std::vector<std::string> list(std::string_view folder) override { return disk_->list(folder); }

  bool was_used() const { return was_used_; }

 private:
  /// The error of an operation, if it fails.
  Status check(std::string_view path, bool needs_space);

  Disk* disk_;
  DiskFaults faults_;
  bool was_used_ = false;
};

/// Why a flush fails; ok when it does not.
Status flush_failure(const DiskFaults& faults);

}  // namespace brokerlab
