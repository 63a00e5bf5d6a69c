#include "sim/storage/real_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "sim/base/assert.h"
#include "sim/storage/checked_bytes.h"
#include "sim/storage/path.h"

namespace brokerlab {

/// Owns a file descriptor.
class RealDisk::Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

namespace {

constexpr char lock_name[] = ".lock";
constexpr mode_t file_mode = 0644;
constexpr mode_t folder_mode = 0755;

/// What errno says about `path`.
Status failure(std::string_view path) {
  const int error = errno;
  StatusCode code = StatusCode::io_error;
  if (error == ENOENT) code = StatusCode::not_found;
  if (error == EEXIST || error == ENOTEMPTY) code = StatusCode::already_exists;
  if (error == ENOSPC || error == EDQUOT) code = StatusCode::disk_full;
  if (error == ELOOP || error == ENOTDIR || error == EISDIR || error == EINVAL) code = StatusCode::invalid;
  return Status::error(code, std::string(path) + ": " + std::generic_category().message(error));
}

/// Writes everything at `position`, with as few system calls as the system's limit of parts allows: one.
bool write_all(int fd, std::vector<iovec> parts, uint64_t position) {
  size_t next = 0;
  while (next < parts.size()) {
    const int count = static_cast<int>(std::min<size_t>(parts.size() - next, IOV_MAX));
    ssize_t written = ::pwritev(fd, &parts[next], count, static_cast<off_t>(position));
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    position += static_cast<uint64_t>(written);
    while (next < parts.size() && static_cast<size_t>(written) >= parts[next].iov_len)
      written -= static_cast<ssize_t>(parts[next++].iov_len);
    if (written > 0) {
      parts[next].iov_base = static_cast<uint8_t*>(parts[next].iov_base) + written;
      parts[next].iov_len -= static_cast<size_t>(written);
    }
  }
  return true;
}

/// Reads up to `length` bytes; fewer only at the end of the file. -1 with errno on failure.
ssize_t read_all(int fd, uint8_t* to, size_t length, uint64_t position) {
  size_t done = 0;
  while (done < length) {
    const ssize_t count = ::pread(fd, to + done, length - done, static_cast<off_t>(position + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  return static_cast<ssize_t>(done);
}

iovec part_of(const Bytes& bytes) { return {const_cast<uint8_t*>(bytes.data()), bytes.size()}; }

std::pair<uint64_t, uint64_t> inode_of(const struct stat& info) {
  return {static_cast<uint64_t>(info.st_dev), static_cast<uint64_t>(info.st_ino)};
}

bool make_durable(int fd) {
#ifdef F_FULLFSYNC
  if (::fcntl(fd, F_FULLFSYNC) == 0) return true;  // macOS: fsync alone leaves bytes in the drive's cache
#endif
  return ::fsync(fd) == 0;
}

/// Removes what is in the folder. False with errno on failure.
bool empty_folder(int fd) {
  DIR* entries = ::fdopendir(::dup(fd));
  if (entries == nullptr) return false;
  bool ok = true;
  ::rewinddir(entries);
  while (const dirent* entry = ok ? ::readdir(entries) : nullptr) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat info;
    ok = ::fstatat(fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0;
    if (!ok) break;
    if (!S_ISDIR(info.st_mode)) {
      ok = ::unlinkat(fd, entry->d_name, 0) == 0;
      continue;
    }
    const int child = ::openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    ok = child >= 0 && empty_folder(child) && ::unlinkat(fd, entry->d_name, AT_REMOVEDIR) == 0;
    if (child >= 0) ::close(child);
  }
  ::closedir(entries);
  return ok;
}

}  // namespace

RealDisk::RealDisk(Descriptor root, Descriptor lock)
    : root_(std::make_unique<Descriptor>(std::move(root))),
      lock_(std::make_unique<Descriptor>(std::move(lock))) {}

RealDisk::~RealDisk() = default;

Result<std::unique_ptr<RealDisk>> RealDisk::open(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return Status::error(StatusCode::io_error, folder + " cannot be created: " + error.message(),
                         folder + " 폴더를 만들 수 없습니다: " + error.message());
  Descriptor root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (root.fd() < 0) return failure(folder);
  Descriptor lock(::openat(root.fd(), lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, file_mode));
  if (lock.fd() < 0)
    return Status::error(StatusCode::io_error,
                         folder + " cannot be written: " + std::generic_category().message(errno),
                         folder + " 폴더에 쓸 수 없습니다: " + std::generic_category().message(errno));
  if (::flock(lock.fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return Status::error(
          StatusCode::unavailable,
          folder + " is in use by another brokerlab; end that one, or choose another folder",
          folder + " 폴더를 다른 brokerlab이 쓰고 있습니다. 그 프로그램을 끝내거나 다른 폴더를 지정하세요");
    return failure(folder);
  }
  return std::unique_ptr<RealDisk>(new RealDisk(std::move(root), std::move(lock)));
}

RealDisk::OpenFile* RealDisk::find_open(FileId file) {
  const auto found = open_.find(file);
  return found == open_.end() ? nullptr : &found->second;
}

/// The folder of these names beneath the root; a descriptor of the root itself when there are none.
Result<RealDisk::Descriptor> RealDisk::open_folder(std::span<const std::string> names, bool create) const {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int fd = ::openat(root_->fd(), ".", flags);
  if (fd < 0) return failure(".");
  for (const std::string& name : names) {
    const Descriptor parent(fd);
    if (create && ::mkdirat(parent.fd(), name.c_str(), folder_mode) != 0 && errno != EEXIST)
      return failure(name);
    fd = ::openat(parent.fd(), name.c_str(), flags);
    if (fd < 0) return failure(name);
  }
  return Descriptor(fd);
}

Status RealDisk::sync_folders(std::span<const std::string> names) const {
  for (size_t depth = names.size() + 1; depth-- > 0;) {
    Result<Descriptor> folder = open_folder(names.first(depth), false);
    if (!folder) return folder.status();
    if (!make_durable(folder->fd())) return failure(depth == 0 ? "." : names[depth - 1]);
  }
  return {};
}

Result<FileId> RealDisk::open(std::string_view path, bool create) {
  Result<std::vector<std::string>> names = split_path(path);
  if (!names) return names.status();
  const std::string name = names->back();
  names->pop_back();
  Result<Descriptor> folder = open_folder(*names, create);
  if (!folder) return folder.status();

  constexpr int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;
  bool is_new = false;
  int fd = ::openat(folder->fd(), name.c_str(), flags);
  if (fd < 0 && errno == ENOENT && create) {
    fd = ::openat(folder->fd(), name.c_str(), flags | O_CREAT | O_EXCL, file_mode);
    is_new = fd >= 0;
  }
  if (fd < 0) return failure(path);
  auto descriptor = std::make_shared<const Descriptor>(fd);
  struct stat info;
  if (::fstat(fd, &info) != 0) return failure(path);
  if (!S_ISREG(info.st_mode))
    return Status::error(StatusCode::invalid, std::string(path) + ": is not a file");
  for (const auto& [id, file] : open_)
    BROKERLAB_ASSERT_THAT(file.path != path, file.path + " is open already");
  std::shared_ptr<Durable>& durable = durable_[inode_of(info)];
  if (is_new || durable == nullptr) {
    durable = std::make_shared<Durable>();
    durable->bytes = static_cast<uint64_t>(info.st_size);
  }
  const FileId id{next_id_++};
  open_[id] = {std::string(path), std::move(descriptor), static_cast<uint64_t>(info.st_size), is_new,
               durable};
  return id;
}

void RealDisk::close(FileId file) { open_.erase(file); }

Result<uint64_t> RealDisk::size(FileId id) {
  const OpenFile* file = find_open(id);
  if (file == nullptr) return not_open();
  return file->size;
}

Status RealDisk::append(FileId id, std::span<const Slice> slices) {
  OpenFile* file = find_open(id);
  if (file == nullptr) return not_open();
  std::vector<iovec> parts;
  parts.reserve(slices.size());
  for (const Slice& slice : slices) {
    const Bytes* bytes = std::get_if<Bytes>(&slice);
    BROKERLAB_ASSERT_THAT(bytes != nullptr, "only memory is appended");
    if (!bytes->empty()) parts.push_back(part_of(*bytes));
  }
  if (!write_all(file->descriptor->fd(), std::move(parts), file->size)) {
    const Status status = failure(file->path);
    // What was written of it lies behind the size we know, and the next append overwrites it; cutting it is for
    // whoever opens the file after a crash.
    if (::ftruncate(file->descriptor->fd(), static_cast<off_t>(file->size)) != 0) return failure(file->path);
    return status;
  }
  last_appended_ = file->durable.get();
  last_append_start_ = file->size;
  file->size += size_of(slices);
  return {};
}

Result<Bytes> RealDisk::read(FileId id, uint64_t offset, uint64_t length) {
  const OpenFile* file = find_open(id);
  if (file == nullptr) return not_open();
  if (offset >= file->size) return Bytes();
  length = std::min(length, file->size - offset);
  auto memory = std::make_shared_for_overwrite<uint8_t[]>(length);
  const ssize_t count = read_all(file->descriptor->fd(), memory.get(), length, offset);
  if (count < 0) return failure(file->path);
  const uint8_t* data = memory.get();
  return Bytes(std::move(memory), data, static_cast<size_t>(count));
}

Result<Slices> RealDisk::slices(FileId id, uint64_t offset, uint64_t length) {
  const OpenFile* file = find_open(id);
  if (file == nullptr) return not_open();
  BROKERLAB_ASSERT(offset <= file->size && length <= file->size - offset);
  if (length == 0) return Slices();
  return Slices{FileSlice{id, offset, length, file->descriptor}};
}

int RealDisk::descriptor(const FileSlice& slice) {
  BROKERLAB_ASSERT(slice.owner != nullptr);
  return static_cast<const Descriptor*>(slice.owner.get())->fd();
}

Status RealDisk::truncate(FileId id, uint64_t size) {
  OpenFile* file = find_open(id);
  if (file == nullptr) return not_open();
  BROKERLAB_ASSERT(size <= file->size);
  if (size == file->size) return {};
  {
    const std::lock_guard lock(file->durable->mutex);
    file->durable->bytes = std::min(file->durable->bytes, size);
    ++file->durable->cuts;
  }
  if (file->descriptor.use_count() == 1) {  // no slice of it is under way, and only we could hand out another
    if (::ftruncate(file->descriptor->fd(), static_cast<off_t>(size)) != 0) return failure(file->path);
    file->size = size;
    return {};
  }

  Result<std::vector<std::string>> names = split_path(file->path);
  if (!names) return names.status();
  const std::string name = names->back();
  const std::string copy_name = name + ".tmp";
  names->pop_back();
  Result<Descriptor> folder = open_folder(*names, false);
  if (!folder) return folder.status();
  const int fd = ::openat(folder->fd(), copy_name.c_str(),
                          O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, file_mode);
  if (fd < 0) return failure(file->path);
  auto copy = std::make_shared<const Descriptor>(fd);
  std::vector<uint8_t> buffer(std::min<uint64_t>(size, 1 << 20));
  for (uint64_t done = 0; done < size;) {
    const size_t wanted = std::min<uint64_t>(buffer.size(), size - done);
    if (read_all(file->descriptor->fd(), buffer.data(), wanted, done) != static_cast<ssize_t>(wanted) ||
        !write_all(fd, {{buffer.data(), wanted}}, done))
      return failure(file->path);
    done += wanted;
  }
  // What was flushed stays so: the copy is durable before it takes the name.
  if (!make_durable(fd) || ::renameat(folder->fd(), copy_name.c_str(), folder->fd(), name.c_str()) != 0)
    return failure(file->path);
  file->durable = note_new_file(fd, size);
  file->descriptor = std::move(copy);
  file->size = size;
  file->is_new = true;
  return {};
}

Result<Bytes> RealDisk::read_file(std::string_view path) {
  Result<std::vector<std::string>> names = split_path(path);
  if (!names) return names.status();
  Result<Descriptor> folder = open_folder(std::span(*names).first(names->size() - 1), false);
  if (!folder) return folder.status();
  const Descriptor file(::openat(folder->fd(), names->back().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (file.fd() < 0) return failure(path);
  struct stat info;
  if (::fstat(file.fd(), &info) != 0) return failure(path);
  if (!S_ISREG(info.st_mode))
    return Status::error(StatusCode::invalid, std::string(path) + ": is not a file");
  std::vector<uint8_t> content(static_cast<size_t>(info.st_size));
  const ssize_t count = read_all(file.fd(), content.data(), content.size(), 0);
  if (count < 0) return failure(path);
  content.resize(static_cast<size_t>(count));
  return Bytes::adopt(std::move(content));
}

Status RealDisk::replace_file(std::string_view path, const Bytes& content, Durability durability) {
  Result<std::vector<std::string>> names = split_path(path);
  if (!names) return names.status();
  const std::string name = names->back();
  const std::string new_name = name + ".tmp";
  names->pop_back();
  Result<Descriptor> folder = open_folder(*names, true);
  if (!folder) return folder.status();
  const Descriptor file(::openat(folder->fd(), new_name.c_str(),
                                 O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, file_mode));
  if (file.fd() < 0) return failure(path);
  const bool is_synced = durability == Durability::synced;
  if (!write_all(file.fd(), {part_of(content)}, 0) || (is_synced && !make_durable(file.fd())) ||
      ::renameat(folder->fd(), new_name.c_str(), folder->fd(), name.c_str()) != 0) {
    const Status status = failure(path);
    ::unlinkat(folder->fd(), new_name.c_str(), 0);
    return status;
  }
  note_new_file(file.fd(), is_synced ? content.size() : 0);
  if (is_synced) return sync_folders(*names);
  return {};
}

Status RealDisk::rename(std::string_view from, std::string_view to) {
  Result<std::vector<std::string>> from_names = split_path(from);
  if (!from_names) return from_names.status();
  Result<std::vector<std::string>> to_names = split_path(to);
  if (!to_names) return to_names.status();
  Result<Descriptor> from_folder = open_folder(std::span(*from_names).first(from_names->size() - 1), false);
  if (!from_folder) return from_folder.status();
  Result<Descriptor> to_folder = open_folder(std::span(*to_names).first(to_names->size() - 1), true);
  if (!to_folder) return to_folder.status();
  struct stat info;
  if (::fstatat(from_folder->fd(), from_names->back().c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return failure(from);
  struct stat target;
  const bool target_exists =
      ::fstatat(to_folder->fd(), to_names->back().c_str(), &target, AT_SYMLINK_NOFOLLOW) == 0;
  if (target_exists && (S_ISDIR(info.st_mode) || S_ISDIR(target.st_mode)))
    return Status::error(StatusCode::already_exists, std::string(to) + ": exists already");
  if (::renameat(from_folder->fd(), from_names->back().c_str(), to_folder->fd(), to_names->back().c_str()) !=
      0)
    return failure(from);
  return {};
}

Status RealDisk::remove_file(std::string_view path) {
  Result<std::vector<std::string>> names = split_path(path);
  if (!names) return names.status();
  Result<Descriptor> folder = open_folder(std::span(*names).first(names->size() - 1), false);
  if (!folder) return folder.status();
  struct stat info;
  const bool is_known = ::fstatat(folder->fd(), names->back().c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
  if (::unlinkat(folder->fd(), names->back().c_str(), 0) != 0) return failure(path);
  if (is_known) durable_.erase(inode_of(info));
  return {};
}

Status RealDisk::remove_folder(std::string_view path) {
  Result<std::vector<std::string>> names = split_path(path);
  if (!names) return names.status();
  Result<Descriptor> parent = open_folder(std::span(*names).first(names->size() - 1), false);
  if (!parent) return parent.status();
  Result<Descriptor> folder = open_folder(*names, false);
  if (!folder) return folder.status();
  if (!empty_folder(folder->fd()) || ::unlinkat(parent->fd(), names->back().c_str(), AT_REMOVEDIR) != 0)
    return failure(path);
  return {};
}

Status RealDisk::make_folder(std::string_view path) {
  Result<std::vector<std::string>> names = split_path(path);
  if (!names) return names.status();
  return open_folder(*names, true).status();
}

bool RealDisk::exists(std::string_view path) {
  Result<std::vector<std::string>> names = split_path(path);
  if (!names) return false;
  Result<Descriptor> folder = open_folder(std::span(*names).first(names->size() - 1), false);
  struct stat info;
  return folder.ok() && ::fstatat(folder->fd(), names->back().c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

std::vector<std::string> RealDisk::list(std::string_view path) { return names_in(path); }

std::vector<std::string> RealDisk::names_in(std::string_view path) const {
  std::vector<std::string> names;
  if (!path.empty()) {
    Result<std::vector<std::string>> split = split_path(path);
    if (!split) return {};
    names = *split;
  }
  Result<Descriptor> folder = open_folder(names, false);
  if (!folder) return {};
  DIR* entries = ::fdopendir(::dup(folder->fd()));
  if (entries == nullptr) return {};
  std::vector<std::string> children;
  while (const dirent* entry = ::readdir(entries)) {
    const std::string name = entry->d_name;
    if (name == "." || name == ".." || (names.empty() && name == lock_name)) continue;
    struct stat info;
    if (::fstatat(folder->fd(), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    children.push_back(S_ISDIR(info.st_mode) ? name + '/' : name);
  }
  ::closedir(entries);
  std::sort(children.begin(), children.end());
  return children;
}

RealDisk::Sync RealDisk::prepare_sync(FileId id) {
  Sync sync;
  OpenFile* file = find_open(id);
  if (file == nullptr) {
    sync.refused_ = not_open();
    return sync;
  }
  sync.path_ = file->path;
  sync.size_ = file->size;
  sync.durable_ = file->durable;
  {
    const std::lock_guard lock(file->durable->mutex);
    sync.cuts_ = file->durable->cuts;
  }
  sync.descriptors_.push_back(file->descriptor);
  if (!file->is_new) return sync;
  Result<std::vector<std::string>> names = split_path(file->path);
  if (!names) {
    sync.refused_ = names.status();
    return sync;
  }
  for (size_t depth = names->size(); depth-- > 0;) {
    Result<Descriptor> folder = open_folder(std::span(*names).first(depth), false);
    if (!folder) {
      sync.refused_ = folder.status();
      return sync;
    }
    sync.descriptors_.push_back(std::make_shared<const Descriptor>(std::move(*folder)));
  }
  file->is_new = false;
  return sync;
}

Status RealDisk::Sync::run() const {
  if (!refused_) return refused_;
  for (const std::shared_ptr<const Descriptor>& descriptor : descriptors_) {
    if (!make_durable(descriptor->fd())) return failure(path_);
  }
  const std::lock_guard lock(durable_->mutex);
  if (durable_->cuts == cuts_) durable_->bytes = std::max(durable_->bytes, size_);
  return {};
}

// ---- faults -----------------------------------------------------------------------------------------------

std::shared_ptr<RealDisk::Durable> RealDisk::note_new_file(int fd, uint64_t durable_bytes) {
  auto durable = std::make_shared<Durable>();
  durable->bytes = durable_bytes;
  struct stat info;
  if (::fstat(fd, &info) == 0) durable_[inode_of(info)] = durable;
  return durable;
}

void RealDisk::find_files(const std::string& folder, std::vector<FoundFile>& found) const {
  for (const std::string& name : names_in(folder)) {
    const std::string path = folder.empty() ? name : folder + '/' + name;
    if (path.ends_with('/')) {
      find_files(path.substr(0, path.size() - 1), found);
      continue;
    }
    const Result<Descriptor> file = open_to_damage(path);
    struct stat info;
    if (file && ::fstat(file->fd(), &info) == 0 && S_ISREG(info.st_mode))
      found.push_back({path, inode_of(info), static_cast<uint64_t>(info.st_size)});
  }
}

std::vector<RealDisk::FoundFile> RealDisk::all_files() const {
  std::vector<FoundFile> found;
  find_files({}, found);
  std::sort(found.begin(), found.end(),
            [](const FoundFile& a, const FoundFile& b) { return a.path < b.path; });
  return found;
}

Result<RealDisk::Descriptor> RealDisk::open_to_damage(std::string_view path) const {
  Result<std::vector<std::string>> names = split_path(path);
  if (!names) return names.status();
  Result<Descriptor> folder = open_folder(std::span(*names).first(names->size() - 1), false);
  if (!folder) return folder.status();
  const int fd = ::openat(folder->fd(), names->back().c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return failure(path);
  return Descriptor(fd);
}

std::vector<DiskDamage> RealDisk::power_loss() {
  BROKERLAB_ASSERT(open_.empty());
  std::vector<DiskDamage> damages;
  for (const FoundFile& file : all_files()) {
    const auto known = durable_.find(file.inode);
    if (known == durable_.end() || known->second->bytes >= file.size) continue;
    const uint64_t kept = known->second->bytes;
    const Result<Descriptor> opened = open_to_damage(file.path);
    if (opened && ::ftruncate(opened->fd(), static_cast<off_t>(kept)) == 0)
      damages.push_back({file.path, kept, file.size});
  }
  return damages;
}

std::vector<DiskDamage> RealDisk::tear_last_append() {
  BROKERLAB_ASSERT(open_.empty());
  for (const FoundFile& file : all_files()) {
    const auto known = durable_.find(file.inode);
    if (known == durable_.end() || known->second.get() != last_appended_) continue;
    if (known->second->bytes > last_append_start_ || file.size <= last_append_start_) return {};
    const uint64_t kept = last_append_start_ + (file.size - last_append_start_) / 2;
    const Result<Descriptor> opened = open_to_damage(file.path);
    if (!opened || ::ftruncate(opened->fd(), static_cast<off_t>(kept)) != 0) return {};
    known->second->bytes = kept;
    return {{file.path, kept, file.size}};
  }
  return {};
}

std::vector<DiskDamage> RealDisk::flip_bit(std::string_view folder, Random& random) const {
  std::vector<DiskFile> files;
  for (const FoundFile& file : all_files()) files.push_back({file.path, file.size});
  const auto read = [&](const std::string& path, uint64_t offset, uint64_t length) {
    std::vector<uint8_t> part(length);
    const Result<Descriptor> file = open_to_damage(path);
    const ssize_t count = file ? ::pread(file->fd(), part.data(), length, static_cast<off_t>(offset)) : 0;
    part.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return Bytes::adopt(std::move(part));
  };
  const std::optional<BitPlace> place =
      folder == checked_records ? draw_checked_bit(files, read, random) : draw_bit(files, folder, random);
  if (!place) return {};
  const Result<Descriptor> file = open_to_damage(place->path);
  uint8_t byte = 0;
  const auto at = static_cast<off_t>(place->byte);
  if (!file || ::pread(file->fd(), &byte, 1, at) != 1) return {};
  byte ^= place->mask;
  if (::pwrite(file->fd(), &byte, 1, at) != 1) return {};
  return {{place->path, place->byte, place->byte + 1, place->mask}};
}

std::vector<DiskDamage> RealDisk::wipe() {
  BROKERLAB_ASSERT(open_.empty());
  std::vector<DiskDamage> damages;
  for (const FoundFile& file : all_files()) damages.push_back({file.path, 0, file.size});
  for (const std::string& name : names_in({})) {
    const bool is_folder = name.ends_with('/');
    const Status removed = is_folder ? remove_folder(name.substr(0, name.size() - 1)) : remove_file(name);
    if (!removed) continue;  // somebody else changes the folder
  }
  durable_.clear();
  return damages;
}

}  // namespace brokerlab
