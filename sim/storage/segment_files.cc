#include "sim/storage/segment_files.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/storage/batch_scanner.h"
#include "sim/storage/checkpoint_text.h"
#include "sim/storage/segment.h"

namespace brokerlab {
namespace {

/// The base offset that a file's name begins with; empty for other files. A snapshot of the metadata log goes on with
/// '-' and is none of a segment.
std::optional<int64_t> base_offset_in(std::string_view name) {
  constexpr size_t digits = 20;
  if (name.size() <= digits || name[digits] != '.') return std::nullopt;
  return parse_number(name.substr(0, digits));
}

/// The offset behind the last batch of a file.
Result<int64_t> end_offset_of(Disk& disk, const std::string& path, int64_t base_offset) {
  const Result<FileId> file = disk.open(path, false);
  if (!file) return file.status();
  const Result<uint64_t> size = disk.size(*file);
  Status status = size.status();
  int64_t end = base_offset;
  if (status) {
    BatchScanner scanner(disk, *file, 0, *size);
    while (true) {
      const Result<std::optional<kafka::RecordBatchHeader>> batch = scanner.next();
      if (!batch) status = batch.status();
      if (!batch || !*batch) break;
      end = std::max(end, (*batch)->last_offset() + 1);
    }
  }
  disk.close(*file);
  if (!status) return status;
  return end;
}

}  // namespace

Status finish_file_changes(Disk& disk, const std::string& folder) {
  const auto path_of = [&](std::string_view name) { return folder + "/" + std::string(name); };
  int64_t first_cleaned = INT64_MAX;
  std::vector<std::string> segment_files;
  std::vector<std::string> swap_files;
  for (const std::string& name : disk.list(folder)) {
    const std::optional<int64_t> base_offset = base_offset_in(name);
    if (!base_offset) continue;
    if (name.ends_with(swap_suffix)) {
      swap_files.push_back(name);
    } else if (name.ends_with(deleted_suffix) || name.ends_with(cleaned_suffix)) {
      if (name.ends_with(cleaned_suffix)) first_cleaned = std::min(first_cleaned, *base_offset);
      if (Status removed = disk.remove_file(path_of(name)); !removed) return removed;
    } else {
      segment_files.push_back(name);
    }
  }

  int64_t begin = INT64_MAX;
  int64_t end = INT64_MIN;
  std::vector<std::string> finished;
  for (const std::string& name : swap_files) {
    const int64_t base_offset = *base_offset_in(name);
    if (base_offset >= first_cleaned) {
      if (Status removed = disk.remove_file(path_of(name)); !removed) return removed;
      continue;
    }
    finished.push_back(name);
    if (name.substr(0, name.size() - swap_suffix.size()).ends_with(".log")) {
      const Result<int64_t> end_offset = end_offset_of(disk, path_of(name), base_offset);
      if (!end_offset) return end_offset.status();
      begin = std::min(begin, base_offset);
      end = std::max(end, *end_offset);
    }
  }
  for (const std::string& name : segment_files) {
    const int64_t base_offset = *base_offset_in(name);
    if (base_offset < begin || base_offset >= end) continue;
    if (Status removed = disk.remove_file(path_of(name)); !removed) return removed;
  }
  for (const std::string& name : finished) {
    const std::string new_name = name.substr(0, name.size() - swap_suffix.size());
    if (Status renamed = disk.rename(path_of(name), path_of(new_name)); !renamed) return renamed;
  }
  return {};
}

}  // namespace brokerlab
