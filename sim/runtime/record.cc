#include "sim/runtime/record.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>

#include "sim/wire/kafka/crc32c.h"

namespace brokerlab {

using recording::Entry;
using recording::Output;

namespace {

/// Who has more to tell waits.
constexpr size_t most_queued_bytes = 8 << 20;
/// So much is written at once, without waiting for more.
constexpr size_t block_bytes = 256 << 10;
/// Less than that waits for more so long; a program that is killed loses no more than that.
constexpr auto longest_wait = std::chrono::milliseconds(10);
constexpr size_t file_part_bytes = 1 << 20;
constexpr size_t most_parts = 512;  ///< of one system call
/// Behind these bytes, which are on their way to the disk, the system need not keep what was written in memory.
constexpr uint64_t kept_in_memory_bytes = 16 << 20;

Status failure(const std::string& path) {
  const std::string reason = std::generic_category().message(errno);
  return Status::error(errno == ENOSPC || errno == EDQUOT ? StatusCode::disk_full : StatusCode::io_error,
                       path + ": " + reason);
}

void put_entry(Output& out, Entry entry, NodeId node) {
  out.number(static_cast<uint64_t>(entry));
  recording::put_node(out, node);
}

void put_bytes(Output& out, std::string_view bytes) { out.text(bytes); }

}  // namespace

// ---- NodeRecorder -----------------------------------------------------------------------------------------

void NodeRecorder::begin(Entry entry) { put_entry(out_, entry, node_); }

void NodeRecorder::put_time(Instant at) {
  out_.signed_number(at.nanoseconds - times_.last_ns);
  times_.last_ns = at.nanoseconds;
}

void NodeRecorder::created(Instant at, EventRef cause) {
  begin(Entry::created);
  put_time(at);
  recording::put_ref(out_, cause);
}

void NodeRecorder::emitted(const Event& event) {
  hash_.on_events({&event, 1});
  if (std::holds_alternative<event::NodeStarted>(event.payload)) return;  // `created` makes it
  begin(Entry::event);
  put_time(event.at);
  recording::put_ref(out_, event.cause);
  recording::put_payload(out_, event.payload);
  if (std::holds_alternative<event::MessageDelivered>(event.payload))
    delivered_.emplace_back(event.ref.sequence, !event.cause.is_none());
  if (const auto* closed = std::get_if<event::ConnectionClosed>(&event.payload))
    sent_.closed(closed->connection);
}

void NodeRecorder::stepped(const Now& now, const Input& input, EventRef cause) {
  begin(Entry::step);
  put_time(now.monotonic);
  const int64_t lead_ms = now.wall_ms - now.monotonic.milliseconds();
  out_.signed_number(lead_ms - times_.last_wall_lead_ms);
  times_.last_wall_lead_ms = lead_ms;
  out_.number(hash_.value() & 0xFFFF);
  recording::put_ref(out_, cause);
  out_.number(disk_.failures().size());
  for (const auto& [call, status] : disk_.failures()) {
    out_.number(call);
    recording::put_status(out_, status);
  }
  put_input(input);
  recorder_.append(out_);
}

void NodeRecorder::put_input(const Input& input) {
  out_.number(input.index());
  if (const auto* opened = std::get_if<input::ConnectionOpened>(&input)) {
    out_.number(opened->connection.value);
    out_.text(opened->listener);
    out_.text(opened->peer.host);
    out_.number(opened->peer.port);
    out_.number(opened->from_outside ? 1 : 0);
  } else if (const auto* closed = std::get_if<input::ConnectionClosed>(&input)) {
    out_.number(closed->connection.value);
    out_.text(closed->reason);
  } else if (const auto* frames = std::get_if<input::Frames>(&input)) {
    put_frames(*frames);
  } else if (const auto* fired = std::get_if<input::TimerFired>(&input)) {
    out_.number(fired->timer.kind);
    out_.number(fired->timer.id);
  } else if (const auto* done = std::get_if<input::DiskDone>(&input)) {
    out_.number(done->token.value);
    recording::put_status(out_, done->status);
  } else if (const auto* standard_input = std::get_if<input::StandardInput>(&input)) {
    out_.blob(standard_input->data);
    out_.number(standard_input->end ? 1 : 0);
  } else if (const auto* command = std::get_if<input::Command>(&input)) {
    out_.text(command->verb);
    recording::put_texts(out_, command->arguments);
  }
}

void NodeRecorder::put_frames(const input::Frames& frames) {
  out_.number(frames.connection.value);
  out_.number(frames.frames.size());
  uint64_t before = 0;
  auto delivered = delivered_.begin();
  for (size_t i = 0; i < frames.frames.size(); ++i) {
    const uint64_t sequence = frames.events[i].sequence;
    while (delivered != delivered_.end() && delivered->first != sequence) ++delivered;
    const bool is_from_lab = delivered != delivered_.end() && delivered->second;
    out_.number((sequence - before) << 1 | (is_from_lab ? 0 : 1));
    before = sequence;
    if (!is_from_lab) out_.blob(frames.frames[i]);
  }
  delivered_.clear();
}

void NodeRecorder::kept(std::span<const Event> events) {
  hash_.on_events(events);
  bool has_begun = false;
  uint64_t number = 0;
  for (const Event& event : events) {
    const auto* sent = std::get_if<event::MessageSent>(&event.payload);
    if (sent == nullptr) continue;
    ++number;
    if (sent_.foretold(sent->frame)) continue;
    if (!std::exchange(has_begun, true)) begin(Entry::sent);
    out_.number(number);
    recording::put_node(out_, sent->frame.peer);
    out_.number(sent->frame.nth);
  }
  if (has_begun) out_.number(0);
}

void NodeRecorder::destroyed() { begin(Entry::destroyed); }

void NodeRecorder::publish() {
  if (!out_.empty()) recorder_.append(out_);
}

// ---- Recorder ---------------------------------------------------------------------------------------------

Result<std::shared_ptr<Recorder>> Recorder::create(const std::string& path,
                                                   std::vector<std::string> cluster) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0 && errno == EEXIST)
    return Status::error(StatusCode::already_exists,
                         path + " exists already; a recording is not written over",
                         path + " 파일이 이미 있습니다. 기록은 기존 파일을 덮어쓰지 않습니다");
  if (file < 0) return failure(path);
  return std::shared_ptr<Recorder>(new Recorder(path, file, std::move(cluster)));
}

Recorder::Recorder(std::string path, int file, std::vector<std::string> cluster)
    : path_(std::move(path)), file_(file), cluster_(std::move(cluster)) {
  lab_ = std::make_unique<NodeRecorder>(*this, lab_node);
  std::array<uint8_t, recording::file_header_bytes> header{};
  std::copy(recording::magic.begin(), recording::magic.end(), header.begin());
  recording::put_fixed(header.data() + recording::magic.size(), recording::version);
  if (::write(file_, header.data(), header.size()) != static_cast<ssize_t>(header.size()))
    failed_ = failure(path_);
  thread_ = std::thread([this] { write_blocks(); });
}

Recorder::~Recorder() {
  if (thread_.joinable()) (void)finish();
  ::close(file_);
}

void Recorder::begin(const ClusterSpec& spec) {
  Output out;
  put_entry(out, Entry::header, lab_node);
  out.number(recording::payload_declarations());
  out.number(spec.seed);
  out.text(spec.cluster_id);
  recording::put_texts(out, cluster_);
  append(out);
}

NodeRecorder* Recorder::add_member(NodeId node, const NodeSpec& spec, bool is_transient,
                                   const std::string& data_folder) {
  Output out;
  put_entry(out, Entry::member, node);
  out.text(spec.name);
  out.number(is_transient ? 1 : 0);
  recording::put_texts(out, spec.recipe);
  out.number(spec.listeners.size());
  for (const ListenerSpec& listener : spec.listeners) out.number(listener.port);
  append(out);
  if (!data_folder.empty()) put_initial_files(out, node, data_folder);
  const std::lock_guard lock(members_mutex_);
  std::unique_ptr<NodeRecorder>& member = members_[node];
  member = std::make_unique<NodeRecorder>(*this, node);
  return member.get();
}

void Recorder::put_initial_files(Output& out, NodeId node, const std::string& folder) {
  std::error_code error;
  const std::filesystem::path root(folder);
  std::vector<std::filesystem::path> found;
  for (auto entry = std::filesystem::recursive_directory_iterator(root, error);
       !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error))
    found.push_back(entry->path());
  std::sort(found.begin(), found.end());
  std::string part(file_part_bytes, '\0');
  for (const std::filesystem::path& path : found) {
    const std::string name = path.lexically_relative(root).generic_string();
    if (name == ".lock") continue;
    if (std::filesystem::is_directory(path, error)) {
      put_entry(out, Entry::folder, node);
      out.text(name);
      append(out);
      continue;
    }
    std::ifstream file(path, std::ios::binary);
    bool is_first = true;
    while (file.good()) {
      file.read(part.data(), static_cast<std::streamsize>(part.size()));
      const auto count = static_cast<size_t>(file.gcount());
      if (count == 0 && !is_first) break;
      is_first = false;
      put_entry(out, Entry::file_part, node);
      out.text(name);
      put_bytes(out, std::string_view(part).substr(0, count));
      append(out);
    }
  }
}

void Recorder::remove_member(NodeId node) {
  Output out;
  put_entry(out, Entry::removed, node);
  append(out);
}

void Recorder::emitted(const Event& lab_event) {
  lab_->emitted(lab_event);
  lab_->publish();
}

void Recorder::tool_read(NodeId node, const std::string& path, const Result<std::string>& content) {
  Output out;
  put_entry(out, Entry::tool_file, node);
  out.text(path);
  recording::put_status(out, content.status());
  if (content.ok()) put_bytes(out, *content);
  append(out);
}

void Recorder::bit_flipped(NodeId node, const DiskDamage& damage) {
  Output out;
  put_entry(out, Entry::flipped, node);
  out.text(damage.path);
  out.number(damage.from_bytes);
  out.number(damage.mask);
  append(out);
}

void Recorder::on_released(std::function<void(NodeId)> released) {
  const std::lock_guard lock(mutex_);
  released_ = std::move(released);
}

void Recorder::tell_when_released(NodeId node) {
  const std::lock_guard lock(mutex_);
  const bool holds_some = is_writing_ || !queue_.parts().empty();
  if (holds_some &&
      std::find(waiting_for_release_.begin(), waiting_for_release_.end(), node) == waiting_for_release_.end())
    waiting_for_release_.push_back(node);
}

void Recorder::append(Output& entries) {
  std::unique_lock lock(mutex_);
  if (queue_.size() >= most_queued_bytes && failed_.ok())
    emptied_.wait(lock, [this] { return queue_.size() < most_queued_bytes || !failed_.ok(); });
  if (!failed_.ok()) return entries.clear();
  const size_t before = queue_.size();
  queue_.append(entries);
  const bool is_enough = before < block_bytes && queue_.size() >= block_bytes;
  if (before == 0 || is_enough) filled_.notify_one();
}

Status Recorder::finish() {
  Output out;
  {
    const std::lock_guard lock(members_mutex_);
    lab_->publish();
    for (auto& [node, member] : members_) {
      member->publish();
      hash_.add(member->hash_);
    }
    hash_.add(lab_->hash_);
    put_entry(out, Entry::end, lab_node);
    out.number(hash_.value());
    out.number(hash_.events());
    out.number(members_.size());
    for (const auto& [node, member] : members_) {
      recording::put_node(out, node);
      out.number(member->hash_.value());
    }
  }
  append(out);
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    filled_.notify_one();
  }
  thread_.join();
  return failed_;
}

void Recorder::write_blocks() {
  Output block;
  std::unique_lock lock(mutex_);
  while (true) {
    filled_.wait(lock, [this] { return ends_ || !queue_.empty(); });
    if (!ends_)
      filled_.wait_for(lock, longest_wait, [this] { return ends_ || queue_.size() >= block_bytes; });
    if (queue_.empty()) return;
    std::swap(block, queue_);
    is_writing_ = true;
    lock.unlock();
    emptied_.notify_all();
    const Status written = write_block(block);
    block.clear();
    make_room();
    lock.lock();
    is_writing_ = false;
    if (!written.ok() && failed_.ok()) {
      failed_ = written;
      queue_.clear();
      emptied_.notify_all();
    }
    const std::vector<NodeId> waiting = std::exchange(waiting_for_release_, {});
    if (waiting.empty() || !released_) continue;
    const std::function<void(NodeId)> released = released_;
    lock.unlock();
    for (const NodeId node : waiting) released(node);
    lock.lock();
  }
}

/// Nobody reads a recording while it is made. Its pages are used again, instead of taking those of the logs, or new ones,
/// which cost more than to fill them.
void Recorder::make_room() {
#ifdef __linux__
  const off_t end = ::lseek(file_, 0, SEEK_CUR);
  if (end < released_to_ + 2 * static_cast<off_t>(kept_in_memory_bytes)) return;
  released_to_ = end - static_cast<off_t>(kept_in_memory_bytes);
  (void)::sync_file_range(file_, 0, end, SYNC_FILE_RANGE_WRITE);
  (void)::posix_fadvise(file_, 0, released_to_, POSIX_FADV_DONTNEED);
#endif
}

Status Recorder::write_block(const Output& entries) {
  std::array<uint8_t, recording::block_header_bytes> header{};
  std::vector<iovec> pieces;
  pieces.push_back({header.data(), header.size()});
  const auto add = [&](const uint8_t* bytes, size_t size) {
    if (size > 0) pieces.push_back({const_cast<uint8_t*>(bytes), size});
  };
  size_t position = 0;
  for (const Output::Part& part : entries.parts()) {
    add(entries.bytes().data() + position, part.position - position);
    add(part.frame.data(), part.frame.size());
    position = part.position;
  }
  add(entries.bytes().data() + position, entries.bytes().size() - position);

  recording::put_fixed(header.data(), static_cast<uint32_t>(entries.size()));
  uint32_t crc = kafka::crc32c(std::span(header).first(4));
  for (size_t i = 1; i < pieces.size(); ++i)
    crc = kafka::crc32c({static_cast<const uint8_t*>(pieces[i].iov_base), pieces[i].iov_len}, crc);
  recording::put_fixed(header.data() + 4, crc);

  for (size_t next = 0; next < pieces.size();) {
    const size_t count = std::min(pieces.size() - next, most_parts);
    ssize_t written = ::writev(file_, &pieces[next], static_cast<int>(count));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(path_);
    while (next < pieces.size() && static_cast<size_t>(written) >= pieces[next].iov_len)
      written -= static_cast<ssize_t>(pieces[next++].iov_len);
    if (written == 0) continue;
    pieces[next].iov_base = static_cast<uint8_t*>(pieces[next].iov_base) + written;
    pieces[next].iov_len -= static_cast<size_t>(written);
  }
  return {};
}

}  // namespace brokerlab
