// Both disks, so that the same story is told on each: TEST_CASE_TEMPLATE("...", Machine, OnSimulatedDisk, OnRealDisk).
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "sim/storage/real_disk.h"
#include "sim/storage/simulated_disk.h"

namespace brokerlab {

/// A folder of its own, gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "brokerlab-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A machine whose node has a disk. `restart` is what a crash of the process and a new start do to it.
struct OnSimulatedDisk {
  SimulatedDisk disk;
  void restart() { disk.close_all(); }
  Status sync(FileId file) { return disk.sync(file); }
  /// What a driver would send for a slice.
  static Bytes content(const Slice& slice) { return std::get<Bytes>(slice); }
};

struct OnRealDisk {
  TemporaryFolder folder;
  std::unique_ptr<RealDisk> owned = RealDisk::open(folder.path()).value();
  RealDisk& disk = *owned;
  void restart() { disk.close_all(); }
  Status sync(FileId file) { return disk.prepare_sync(file).run(); }
  static Bytes content(const Slice& slice) {
    const auto& file = std::get<FileSlice>(slice);
    std::vector<uint8_t> bytes(file.length);
    const ssize_t count = ::pread(RealDisk::descriptor(file), bytes.data(), bytes.size(), file.offset);
    bytes.resize(count < 0 ? 0 : static_cast<size_t>(count));
    return Bytes::adopt(std::move(bytes));
  }
};

template <class Machine>
std::string content(const Machine&, const Slices& slices) {
  std::string all;
  for (const Slice& slice : slices) all += Machine::content(slice).text();
  return all;
}

}  // namespace brokerlab
