#include "sim/storage/simulated_disk.h"

#include <algorithm>

#include "sim/base/assert.h"
#include "sim/storage/checked_bytes.h"
#include "sim/storage/path.h"

namespace brokerlab {
namespace {

constexpr size_t min_chunk = 256;
constexpr size_t max_chunk = 64 * 1024;

Status no_such_file(std::string_view path) {
  return Status::error(StatusCode::not_found, std::string(path) + ": no such file or folder");
}

}  // namespace

SimulatedDisk::File* SimulatedDisk::find_open(FileId file) {
  const auto found = open_.find(file);
  return found == open_.end() ? nullptr : &files_.at(found->second);
}

Status SimulatedDisk::make_parents(const std::vector<std::string>& names) {
  std::string folder;
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    folder += (i == 0 ? "" : "/") + names[i];
    if (names_.contains(folder)) return Status::error(StatusCode::invalid, folder + ": is not a folder");
    folders_.insert(folder);
  }
  return {};
}

SimulatedDisk::FileNumber SimulatedDisk::add_file(std::string path) {
  const FileNumber number = next_file_++;
  files_[number];
  names_[std::move(path)] = number;
  return number;
}

void SimulatedDisk::drop_if_unused(FileNumber number) {
  const File& file = files_.at(number);
  if (!file.has_name && !file.is_open) files_.erase(number);
}

void SimulatedDisk::remove_name(std::map<std::string, FileNumber, std::less<>>::iterator name) {
  const FileNumber number = name->second;
  names_.erase(name);
  files_.at(number).has_name = false;
  drop_if_unused(number);
}

Result<FileId> SimulatedDisk::open(std::string_view path, bool create) {
  Result<std::vector<std::string>> names = split_path(path);
  if (!names) return names.status();
  if (folders_.contains(path)) return Status::error(StatusCode::invalid, std::string(path) + ": is a folder");
  FileNumber number = 0;
  if (const auto found = names_.find(path); found != names_.end()) {
    number = found->second;
  } else {
    if (!create) return no_such_file(path);
    if (Status made = make_parents(*names); !made) return made;
    number = add_file(std::string(path));
  }
  File& file = files_.at(number);
  BROKERLAB_ASSERT_THAT(!file.is_open, std::string(path) + " is open already");
  file.is_open = true;
  const FileId id{next_id_++};
  open_[id] = number;
  return id;
}

void SimulatedDisk::close(FileId file) {
  const auto found = open_.find(file);
  if (found == open_.end()) return;
  const FileNumber number = found->second;
  open_.erase(found);
  files_.at(number).is_open = false;
  drop_if_unused(number);
}

void SimulatedDisk::close_all() {
  while (!open_.empty()) close(open_.begin()->first);
}

Result<uint64_t> SimulatedDisk::size(FileId file) {
  const File* found = find_open(file);
  if (found == nullptr) return not_open();
  return found->size;
}

Status SimulatedDisk::append(FileId id, std::span<const Slice> slices) {
  File* file = find_open(id);
  if (file == nullptr) return not_open();
  const size_t length = size_of(slices);
  if (length == 0) return {};

  uint8_t* to = nullptr;
  if (file->tail != nullptr) {
    Bytes& last = file->pieces.back().bytes;
    size_t end = last.size();
    if (file->tail->capacity - end >= length && file->tail->used.compare_exchange_strong(end, end + length)) {
      to = file->tail->data.get() + end;
      last = Bytes(file->tail, file->tail->data.get(), end + length);
    }
  }
  if (to == nullptr) {
    const size_t wanted = std::clamp<size_t>(file->size, min_chunk, max_chunk);
    file->tail = std::make_shared<Chunk>(std::max(length, wanted));
    file->tail->used = length;
    to = file->tail->data.get();
    file->pieces.push_back({file->size, Bytes(file->tail, to, length)});
  }
  for (const Slice& slice : slices) {
    const Bytes* bytes = std::get_if<Bytes>(&slice);
    BROKERLAB_ASSERT_THAT(bytes != nullptr, "a simulated disk is given memory only");
    to = std::copy(bytes->begin(), bytes->end(), to);
  }
  last_append_ = {open_.at(id), file->size};
  file->size += length;
  return {};
}

Bytes SimulatedDisk::copy_range(const File& file, uint64_t offset, uint64_t length) {
  if (offset >= file.size) return {};
  length = std::min(length, file.size - offset);
  auto piece = std::upper_bound(file.pieces.begin(), file.pieces.end(), offset,
                                [](uint64_t at, const Piece& p) { return at < p.start; });
  --piece;
  const size_t skip = offset - piece->start;
  if (skip + length <= piece->bytes.size()) return piece->bytes.subview(skip, length);
  std::vector<uint8_t> copy;
  copy.reserve(length);
  for (size_t from = skip; copy.size() < length; ++piece, from = 0) {
    const size_t count = std::min<size_t>(piece->bytes.size() - from, length - copy.size());
    copy.insert(copy.end(), piece->bytes.begin() + from, piece->bytes.begin() + from + count);
  }
  return Bytes::adopt(std::move(copy));
}

Result<Bytes> SimulatedDisk::read(FileId file, uint64_t offset, uint64_t length) {
  const File* found = find_open(file);
  if (found == nullptr) return not_open();
  return copy_range(*found, offset, length);
}

Result<Slices> SimulatedDisk::slices(FileId id, uint64_t offset, uint64_t length) {
  const File* file = find_open(id);
  if (file == nullptr) return not_open();
  BROKERLAB_ASSERT(offset <= file->size && length <= file->size - offset);
  Slices result;
  if (length == 0) return result;
  auto piece = std::upper_bound(file->pieces.begin(), file->pieces.end(), offset,
                                [](uint64_t at, const Piece& p) { return at < p.start; });
  --piece;
  for (size_t from = offset - piece->start; length > 0; ++piece, from = 0) {
    const size_t count = std::min<uint64_t>(piece->bytes.size() - from, length);
    result.emplace_back(piece->bytes.subview(from, count));
    length -= count;
  }
  return result;
}

void SimulatedDisk::cut(File& file, uint64_t size) {
  if (size >= file.size) return;
  while (!file.pieces.empty() && file.pieces.back().start >= size) file.pieces.pop_back();
  if (!file.pieces.empty()) {
    Piece& last = file.pieces.back();
    last.bytes = last.bytes.subview(0, size - last.start);
  }
  file.tail.reset();
  file.size = size;
  file.flushed = std::min(file.flushed, size);
}

Status SimulatedDisk::truncate(FileId id, uint64_t size) {
  File* file = find_open(id);
  if (file == nullptr) return not_open();
  BROKERLAB_ASSERT(size <= file->size);
  cut(*file, size);
  return {};
}

Result<Bytes> SimulatedDisk::read_file(std::string_view path) {
  if (Result<std::vector<std::string>> names = split_path(path); !names) return names.status();
  const auto found = names_.find(path);
  if (found == names_.end()) return no_such_file(path);
  const File& file = files_.at(found->second);
  return copy_range(file, 0, file.size);
}

Status SimulatedDisk::replace_file(std::string_view path, const Bytes& content, Durability durability) {
  Result<std::vector<std::string>> names = split_path(path);
  if (!names) return names.status();
  if (folders_.contains(path)) return Status::error(StatusCode::invalid, std::string(path) + ": is a folder");
  if (Status made = make_parents(*names); !made) return made;
  if (const auto old = names_.find(path); old != names_.end()) remove_name(old);
  File& file = files_.at(add_file(std::string(path)));
  if (!content.empty()) file.pieces.push_back({0, content});
  file.size = content.size();
  if (durability == Durability::synced) file.flushed = file.size;
  return {};
}

Status SimulatedDisk::rename(std::string_view from, std::string_view to) {
  if (Result<std::vector<std::string>> names = split_path(from); !names) return names.status();
  Result<std::vector<std::string>> to_names = split_path(to);
  if (!to_names) return to_names.status();
  if (to.starts_with(std::string(from) + '/'))
    return Status::error(StatusCode::invalid, std::string(to) + ": is inside " + std::string(from));
  const bool is_folder = folders_.contains(from);
  const auto file = names_.find(from);
  if (!is_folder && file == names_.end()) return no_such_file(from);
  if (folders_.contains(to) || (is_folder && names_.contains(to)))
    return Status::error(StatusCode::already_exists, std::string(to) + ": exists already");
  if (Status made = make_parents(*to_names); !made) return made;
  if (!is_folder) {
    const FileNumber number = file->second;
    names_.erase(file);
    if (const auto old = names_.find(to); old != names_.end()) remove_name(old);
    names_[std::string(to)] = number;
    return {};
  }
  const std::string prefix = std::string(from) + '/';
  auto moved = [&](const std::string& path) { return std::string(to) + path.substr(from.size()); };
  for (auto it = names_.lower_bound(prefix); it != names_.end() && it->first.starts_with(prefix);) {
    names_[moved(it->first)] = it->second;
    it = names_.erase(it);
  }
  for (auto it = folders_.lower_bound(prefix); it != folders_.end() && it->starts_with(prefix);) {
    folders_.insert(moved(*it));
    it = folders_.erase(it);
  }
  folders_.erase(folders_.find(from));
  folders_.insert(std::string(to));
  return {};
}

Status SimulatedDisk::remove_file(std::string_view path) {
  if (Result<std::vector<std::string>> names = split_path(path); !names) return names.status();
  const auto found = names_.find(path);
  if (found == names_.end()) return no_such_file(path);
  remove_name(found);
  return {};
}

Status SimulatedDisk::remove_folder(std::string_view path) {
  if (Result<std::vector<std::string>> names = split_path(path); !names) return names.status();
  const auto folder = folders_.find(path);
  if (folder == folders_.end()) return no_such_file(path);
  const std::string prefix = std::string(path) + '/';
  for (auto it = names_.lower_bound(prefix); it != names_.end() && it->first.starts_with(prefix);)
    remove_name(it++);
  for (auto it = folders_.lower_bound(prefix); it != folders_.end() && it->starts_with(prefix);)
    it = folders_.erase(it);
  folders_.erase(folder);
  return {};
}

Status SimulatedDisk::make_folder(std::string_view path) {
  Result<std::vector<std::string>> names = split_path(path);
  if (!names) return names.status();
  if (names_.contains(path))
    return Status::error(StatusCode::already_exists, std::string(path) + ": is a file");
  if (Status made = make_parents(*names); !made) return made;
  folders_.insert(std::string(path));
  return {};
}

bool SimulatedDisk::exists(std::string_view path) { return names_.contains(path) || folders_.contains(path); }

std::vector<std::string> SimulatedDisk::list(std::string_view folder) {
  const std::string prefix = folder.empty() ? std::string() : std::string(folder) + '/';
  std::vector<std::string> children;
  auto add_child = [&](const std::string& path, std::string_view mark) {
    if (path.find('/', prefix.size()) == std::string::npos)
      children.push_back(path.substr(prefix.size()) + std::string(mark));
  };
  for (auto it = names_.lower_bound(prefix); it != names_.end() && it->first.starts_with(prefix); ++it)
    add_child(it->first, "");
  for (auto it = folders_.lower_bound(prefix); it != folders_.end() && it->starts_with(prefix); ++it)
    add_child(*it, "/");
  std::sort(children.begin(), children.end());
  return children;
}

Status SimulatedDisk::sync(FileId id) {
  File* file = find_open(id);
  if (file == nullptr) return not_open();
  file->flushed = file->size;
  return {};
}

uint64_t SimulatedDisk::bytes() const {
  uint64_t bytes = 0;
  for (const auto& [number, file] : files_) bytes += file.size;
  return bytes;
}

// ---- faults -----------------------------------------------------------------------------------------------

std::vector<DiskDamage> SimulatedDisk::power_loss() {
  BROKERLAB_ASSERT(open_.empty());
  std::vector<DiskDamage> damages;
  for (const auto& [path, number] : names_) {
    File& file = files_.at(number);
    if (file.flushed == file.size) continue;
    damages.push_back({path, file.flushed, file.size});
    cut(file, file.flushed);
  }
  return damages;
}

std::vector<DiskDamage> SimulatedDisk::tear_last_append() {
  BROKERLAB_ASSERT(open_.empty());
  for (const auto& [path, number] : names_) {
    File& file = files_.at(number);
    if (number != last_append_.file || file.flushed > last_append_.start || file.size <= last_append_.start)
      continue;
    const uint64_t end = last_append_.start + (file.size - last_append_.start) / 2;
    const DiskDamage damage{path, end, file.size};
    cut(file, end);
    file.flushed = end;
    return {damage};
  }
  return {};
}

std::vector<DiskDamage> SimulatedDisk::flip_bit(std::string_view folder, Random& random) {
  std::vector<DiskFile> files;
  for (const auto& [path, number] : names_) files.push_back({path, files_.at(number).size});
  const auto read = [&](const std::string& path, uint64_t offset, uint64_t length) {
    return copy_range(files_.at(names_.find(path)->second), offset, length);
  };
  const std::optional<BitPlace> place =
      folder == checked_records ? draw_checked_bit(files, read, random) : draw_bit(files, folder, random);
  if (!place) return {};
  const DiskDamage damage{place->path, place->byte, place->byte + 1, place->mask};
  repeat(damage);
  return {damage};
}

void SimulatedDisk::repeat(const DiskDamage& damage) {
  const auto name = names_.find(damage.path);
  if (name == names_.end()) return;
  File& file = files_.at(name->second);
  if (damage.mask == 0) return cut(file, damage.from_bytes);
  if (damage.from_bytes >= file.size) return;
  auto piece = std::upper_bound(file.pieces.begin(), file.pieces.end(), damage.from_bytes,
                                [](uint64_t at, const Piece& p) { return at < p.start; });
  --piece;
  // Others hold the bytes as they were.
  std::vector<uint8_t> copy(piece->bytes.begin(), piece->bytes.end());
  copy[damage.from_bytes - piece->start] ^= damage.mask;
  piece->bytes = Bytes::adopt(std::move(copy));
  if (piece + 1 == file.pieces.end()) file.tail.reset();
}

std::vector<DiskDamage> SimulatedDisk::wipe() {
  BROKERLAB_ASSERT(open_.empty());
  std::vector<DiskDamage> damages;
  for (const auto& [path, number] : names_) damages.push_back({path, 0, files_.at(number).size});
  names_.clear();
  files_.clear();
  folders_.clear();
  return damages;
}

}  // namespace brokerlab
