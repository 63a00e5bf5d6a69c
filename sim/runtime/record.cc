#include "sim/runtime/record.h"

#include <algorithm>
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
constexpr size_t block_bytes = 1 << 20;
/// Less than that waits for more so long; a program that is killed loses no more than that.
constexpr auto longest_wait = std::chrono::milliseconds(100);
constexpr size_t file_part_bytes = 1 << 20;

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
  Result<recording::RecordFile> file = recording::RecordFile::create(path);
  if (!file) return file.status();
  return std::shared_ptr<Recorder>(new Recorder(std::move(*file), std::move(cluster)));
}

Recorder::Recorder(recording::RecordFile file, std::vector<std::string> cluster)
    : file_(std::move(file)), cluster_(std::move(cluster)) {
  lab_ = std::make_unique<NodeRecorder>(*this, lab_node);
  std::array<uint8_t, recording::file_header_bytes> header{};
  std::copy(recording::magic.begin(), recording::magic.end(), header.begin());
  recording::put_fixed(header.data() + recording::magic.size(), recording::version);
  failed_ = file_.append(header);
  thread_ = std::thread([this] { write_blocks(); });
}

Recorder::~Recorder() {
  if (thread_.joinable()) (void)finish();
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
  if (failed_.ok()) failed_ = file_.finish();
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

Status Recorder::write_block(const Output& entries) {
  std::vector<std::span<const uint8_t>> pieces;
  const std::span<const uint8_t> bytes = entries.bytes();
  size_t position = 0;
  for (const Output::Part& part : entries.parts()) {
    pieces.push_back(bytes.subspan(position, part.position - position));
    pieces.push_back(part.frame.span());
    position = part.position;
  }
  pieces.push_back(bytes.subspan(position));

  std::array<uint8_t, recording::block_header_bytes> header{};
  recording::put_fixed(header.data(), static_cast<uint32_t>(entries.size()));
  uint32_t crc = kafka::crc32c(std::span(header).first(4));
  for (const auto& piece : pieces) crc = kafka::crc32c(piece, crc);
  recording::put_fixed(header.data() + 4, crc);

  Status status = file_.append(header);
  for (const auto& piece : pieces)
    if (status.ok()) status = file_.append(piece);
  return status.ok() ? file_.flush() : status;
}

}  // namespace brokerlab
