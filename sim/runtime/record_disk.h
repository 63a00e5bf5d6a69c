// The disk of a node whose session is recorded, and of one that is played again.
//
// A disk call answers what the calls before it made of the disk, unless the machine failed it. So a recording keeps
// the failures, by the number of the call within its step, and the replay gives them back without making the call.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/base/assert.h"
#include "sim/storage/disk.h"

namespace brokerlab {

using DiskFailure = std::pair<uint64_t, Status>;  ///< the number of the call, from 0; never ok

/// Passes each call through `Calls::call(make)`, which may make it, look at how it ended, or answer itself.
template <class Calls>
class CountedDisk : public Disk {
 public:
  Result<FileId> open(std::string_view path, bool create) override {
    return calls().call([&](Disk& disk) { return disk.open(path, create); });
  }
  void close(FileId file) override { disk_->close(file); }
  Result<uint64_t> size(FileId file) override {
    return calls().call([&](Disk& disk) { return disk.size(file); });
  }
  Status append(FileId file, std::span<const Slice> slices) override {
    return calls().call([&](Disk& disk) { return disk.append(file, slices); });
  }
  Result<Bytes> read(FileId file, uint64_t offset, uint64_t length) override {
    return calls().call([&](Disk& disk) { return disk.read(file, offset, length); });
  }
  Result<Slices> slices(FileId file, uint64_t offset, uint64_t length) override {
    return calls().call([&](Disk& disk) { return disk.slices(file, offset, length); });
  }
  Status truncate(FileId file, uint64_t size) override {
    return calls().call([&](Disk& disk) { return disk.truncate(file, size); });
  }
  Result<Bytes> read_file(std::string_view path) override {
    return calls().call([&](Disk& disk) { return disk.read_file(path); });
  }
  Status replace_file(std::string_view path, const Bytes& content, Durability durability) override {
    return calls().call([&](Disk& disk) { return disk.replace_file(path, content, durability); });
  }
  Status rename(std::string_view from, std::string_view to) override {
    return calls().call([&](Disk& disk) { return disk.rename(from, to); });
  }
  Status remove_file(std::string_view path) override {
    return calls().call([&](Disk& disk) { return disk.remove_file(path); });
  }
  Status remove_folder(std::string_view path) override {
    return calls().call([&](Disk& disk) { return disk.remove_folder(path); });
  }
  Status make_folder(std::string_view path) override {
    return calls().call([&](Disk& disk) { return disk.make_folder(path); });
  }
  bool exists(std::string_view path) override { return disk_->exists(path); }
  std::vector<std::string> list(std::string_view folder) override { return disk_->list(folder); }

 protected:
  Disk* disk_ = nullptr;
  uint64_t calls_ = 0;  ///< in this step, of those that can fail

 private:
  Calls& calls() { return static_cast<Calls&>(*this); }
};

/// Notes which calls of a step fail.
class RecordedDisk final : public CountedDisk<RecordedDisk> {
 public:
  /// For the next step.
  Disk* watch(Disk* disk) {
    disk_ = disk;
    calls_ = 0;
    failures_.clear();
    return this;
  }
  const std::vector<DiskFailure>& failures() const { return failures_; }

  template <class Make>
  auto call(Make make) {
    auto result = make(*disk_);
    if (!result.ok()) failures_.emplace_back(calls_, status_of(result));
    ++calls_;
    return result;
  }

 private:
  static Status status_of(const Status& status) { return status; }
  template <class T>
  static Status status_of(const Result<T>& result) {
    return result.status();
  }
  std::vector<DiskFailure> failures_;
};

/// Fails the calls that have failed, and no others.
class ReplayedDisk final : public CountedDisk<ReplayedDisk> {
 public:
  /// For the next step.
  Disk* play(Disk* disk, std::vector<DiskFailure> failures) {
    disk_ = disk;
    calls_ = 0;
    failures_ = std::move(failures);
    next_failure_ = 0;
    return this;
  }

  template <class Make>
  auto call(Make make) -> decltype(make(std::declval<Disk&>())) {
    const bool fails = next_failure_ < failures_.size() && failures_[next_failure_].first == calls_;
    ++calls_;
    if (fails) return failures_[next_failure_++].second;
    return make(*disk_);
  }

 private:
  std::vector<DiskFailure> failures_;
  size_t next_failure_ = 0;
};

}  // namespace brokerlab
