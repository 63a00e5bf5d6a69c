#include "sim/storage/disk_faults.h"

namespace brokerlab {

namespace {

Status failure(StatusCode code, std::string_view path, std::string_view why) {
  std::string message(path);
  if (!message.empty()) message += ": ";
  return Status::error(code, message.append(why));
}

// The operating system's words.
constexpr std::string_view io_error = "Input/output error";
constexpr std::string_view no_space = "No space left on device";

}  // namespace

Status FaultyDisk::check(std::string_view path, bool needs_space) {
  was_used_ = true;
  if (faults_.fails) return failure(StatusCode::io_error, path, io_error);
  if (needs_space && faults_.is_full) return failure(StatusCode::disk_full, path, no_space);
  return {};
}

Result<FileId> FaultyDisk::open(std::string_view path, bool create) {
  if (Status status = check(path, create && !disk_->exists(path)); !status) return status;
  return disk_->open(path, create);
}

Status FaultyDisk::append(FileId file, std::span<const Slice> slices) {
  if (Status status = check({}, true); !status) return status;
  return disk_->append(file, slices);
}

Result<Bytes> FaultyDisk::read(FileId file, uint64_t offset, uint64_t length) {
  if (Status status = check({}, false); !status) return status;
  return disk_->read(file, offset, length);
}

Result<Slices> FaultyDisk::slices(FileId file, uint64_t offset, uint64_t length) {
  if (Status status = check({}, false); !status) return status;
  return disk_->slices(file, offset, length);
}

Status FaultyDisk::truncate(FileId file, uint64_t size) {
  if (Status status = check({}, false); !status) return status;
  return disk_->truncate(file, size);
}

Result<Bytes> FaultyDisk::read_file(std::string_view path) {
  if (Status status = check(path, false); !status) return status;
  return disk_->read_file(path);
}

Status FaultyDisk::replace_file(std::string_view path, const Bytes& content, Durability durability) {
  if (Status status = check(path, true); !status) return status;
  if (durability == Durability::synced && faults_.flush_fails)
    return failure(StatusCode::io_error, path, io_error);
  return disk_->replace_file(path, content, durability);
}

Status FaultyDisk::rename(std::string_view from, std::string_view to) {
  if (Status status = check(from, false); !status) return status;
  return disk_->rename(from, to);
}

Status FaultyDisk::remove_file(std::string_view path) {
  if (Status status = check(path, false); !status) return status;
  return disk_->remove_file(path);
}

Status FaultyDisk::remove_folder(std::string_view path) {
  if (Status status = check(path, false); !status) return status;
  return disk_->remove_folder(path);
}

Status FaultyDisk::make_folder(std::string_view path) {
  if (Status status = check(path, !disk_->exists(path)); !status) return status;
  return disk_->make_folder(path);
}

std::optional<BitPlace> draw_bit(std::span<const DiskFile> files, std::string_view folder, Random& random) {
  const std::string prefix = folder.empty() ? "" : std::string(folder) + '/';
  std::vector<const DiskFile*> chosen;
  for (const DiskFile& file : files) {
    const bool is_meant = folder.empty() || (file.path.starts_with(prefix) && file.path.ends_with(".log"));
    if (is_meant && file.size > 0) chosen.push_back(&file);
  }
  if (!folder.empty() && chosen.size() > 1) chosen.pop_back();  // the active segment
  uint64_t bytes = 0;
  for (const DiskFile* file : chosen) bytes += file->size;
  if (bytes == 0) return std::nullopt;
  uint64_t at = random.below(bytes);
  const auto mask = static_cast<uint8_t>(1u << random.below(8));
  for (const DiskFile* file : chosen) {
    if (at < file->size) return BitPlace{file->path, at, mask};
    at -= file->size;
  }
  return std::nullopt;
}

Status flush_failure(const DiskFaults& faults) {
  if (faults.fails || faults.flush_fails) return failure(StatusCode::io_error, {}, io_error);
  return {};
}

}  // namespace brokerlab
