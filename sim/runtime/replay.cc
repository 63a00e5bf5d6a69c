#include "sim/runtime/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/base/assert.h"
#include "sim/network/framer.h"

namespace brokerlab {

using recording::Entry;

namespace {

constexpr size_t most_events_shown = 20;
/// Entries of different nodes are in the order of their threads, not of their times; none is so much too early.
constexpr Duration most_disorder = seconds(2);

/// What a recording says may be anything, and must not overflow.
int64_t sum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

/// A frame as its receiver's framer would hand it over.
Bytes body_of(Slices slices, Protocol protocol) {
  for (Slice& slice : slices) {
    if (const auto* part = std::get_if<FileSlice>(&slice)) slice = ReplayedDisk::bytes_of(*part);
  }
  Bytes frame = joined(slices);
  if (!has_framer(protocol)) return frame;
  const FrameCut cut = cut_frame(protocol, frame.span(), SIZE_MAX);
  if (cut.verdict != FrameCut::Verdict::frame) return frame;
  return frame.subview(cut.body_offset, cut.body_size);
}

std::string words_of(const Input& input) {
  struct Words {
    std::string operator()(const input::Start&) const { return "start"; }
    std::string operator()(const input::ConnectionOpened& opened) const {
      return fmt::format("connection {} opened", opened.connection.value);
    }
    std::string operator()(const input::ConnectionClosed& closed) const {
      return fmt::format("connection {} closed", closed.connection.value);
    }
    std::string operator()(const input::Frames& frames) const {
      return fmt::format("{} frames of connection {}", frames.frames.size(), frames.connection.value);
    }
    std::string operator()(const input::TimerFired& fired) const {
      return fmt::format("timer {} {}", fired.timer.kind, fired.timer.id);
    }
    std::string operator()(const input::DiskDone& done) const {
      return fmt::format("flush {} done", done.token.value);
    }
    std::string operator()(const input::StandardInput&) const { return "standard input"; }
    std::string operator()(const input::Command& command) const { return "command " + command.verb; }
  };
  return std::visit(Words{}, input);
}

}  // namespace

struct Replay::Member {
  Member(NodeId id, NodeSpec spec, Journal* journal) : runner(id, std::move(spec), journal) {}

  NodeRunner runner;
  SimulatedDisk disk;
  ReplayedDisk replayed_disk;
  bool is_transient = false;
  bool is_removed = false;
  NodeState state = NodeState::starting;
  int exit_status = 0;
  std::shared_ptr<const NodeSnapshot> last_words;
  Now now;
  recording::NodeTimes times;
  recording::SentFrames sent;
  JournalHash hash;
  uint64_t events_alike = 0;               ///< at the last digest
  std::deque<Event> recent;                ///< since then, or the last of them
  std::map<uint64_t, EventRef> delivered;  ///< by number, of frames from other nodes: what sent them
  std::map<ConnectionId, Protocol> protocols;
  std::map<DiskToken, FileId> flushes;
  std::optional<Effects> unsettled;
  bool is_past = false;  ///< the rest of it is later than is to be played

  void note(std::span<const Event> events) {
    hash.on_events(events);
    for (const Event& event : events) recent.push_back(event);
    while (recent.size() > most_events_shown) recent.pop_front();
  }
  void take_last_words() {
    if (runner.is_alive())
      last_words = std::make_shared<const NodeSnapshot>(NodeSnapshot{runner.describe(now), now});
  }
};

Result<std::unique_ptr<Replay>> Replay::open(std::span<const uint8_t> file, ReplayMakers makers) {
  Result<recording::BlockReader> blocks = recording::BlockReader::open(file);
  if (!blocks) return blocks.status();
  std::unique_ptr<Replay> replay(new Replay(*blocks, std::move(makers)));
  if (replay->blocks_.next() != recording::BlockReader::Next::block)
    return Status::error(StatusCode::invalid, "the recording is empty: nothing whole was written",
                         "기록이 비어 있습니다. 온전히 쓰인 내용이 없습니다");
  replay->block_ = recording::Input(replay->blocks_.payload());
  if (Status header = replay->play_header(replay->block_); !header) return header;
  return replay;
}

Replay::Replay(recording::BlockReader blocks, ReplayMakers makers)
    : blocks_(blocks), makers_(std::move(makers)) {
  journal_.subscribe(&hash_);
}
Replay::~Replay() = default;

Status Replay::damaged(std::string_view what) const {
  return Status::error(
      StatusCode::invalid,
      fmt::format("the recording is damaged in the block at byte {}: {}", blocks_.position(), what),
      fmt::format("기록의 {}바이트 위치에서 시작하는 블록이 손상되었습니다: {}", blocks_.position(), what));
}

Result<Replay::Outcome> Replay::play(Instant until) {
  until_ = until;
  using Next = recording::BlockReader::Next;
  Outcome outcome = Outcome::cut_off;
  bool goes_on = !difference_ && !has_ended_;
  while (goes_on) {
    while (goes_on && !block_.at_end()) {
      Result<Played> played = play_entry(block_);
      if (!played) return played.status();
      goes_on = *played == Played::more;
    }
    const auto is_waiting = [&](const auto& member) {
      return !member.second->is_past && member.second->runner.is_alive();
    };
    if (until != never && now_.monotonic - most_disorder > until &&
        std::none_of(members_.begin(), members_.end(), is_waiting))
      break;
    if (!goes_on) break;
    const Next next = blocks_.next();
    if (next == Next::damaged) return damaged("checksum");
    goes_on = next == Next::block;
    block_ = recording::Input(blocks_.payload());
  }
  for (auto& [id, member] : members_) settle(*member);
  if (difference_) return Outcome::different;
  if (has_ended_) outcome = Outcome::same;
  if (until != never && now_.monotonic >= until) {
    now_.monotonic = until;
    outcome = Outcome::reached;
  }
  return outcome;
}

Status Replay::play_header(recording::Input& in) {
  if (in.number() != static_cast<uint64_t>(Entry::header)) return damaged("no header");
  (void)recording::take_node(in);
  const uint64_t declarations = in.number();
  const uint64_t seed = in.number();
  const std::string cluster_id = in.text();
  const std::vector<std::string> cluster = recording::take_texts(in);
  if (!in.ok()) return damaged("header");
  if (declarations != recording::payload_declarations())
    return Status::error(
        StatusCode::invalid,
        "another brokerlab made this recording: its events have other fields than this one's",
        "다른 버전의 brokerlab이 만든 기록입니다. 이벤트의 필드가 이 버전과 다릅니다");
  Result<ClusterSpec> spec = makers_.cluster(cluster);
  if (!spec) return spec.status();
  spec_ = std::move(*spec);
  spec_.seed = seed;
  spec_.cluster_id = cluster_id;
  spec_.read_file = [this](NodeId reader, const std::string& path) -> Result<std::string> {
    const auto found = tool_files_.find({reader, path});
    if (found != tool_files_.end()) return found->second;
    return Status::error(StatusCode::not_found, path + ": not in the recording");
  };
  return {};
}

Result<Replay::Played> Replay::play_entry(recording::Input& in) {
  const auto entry = static_cast<Entry>(in.number());
  const NodeId id = recording::take_node(in);
  if (entry == Entry::end) return play_end(in);
  if (entry == Entry::member) {
    const Status status = play_member(in, id);
    if (!status) return status;
    return Played::more;
  }
  if (entry == Entry::tool_file) {
    const std::string path = in.text();
    const Status status = recording::take_status(in);
    Result<std::string> content = status.ok() ? Result<std::string>(in.text()) : Result<std::string>(status);
    tool_files_.insert_or_assign({id, path}, std::move(content));
    if (!in.ok()) return damaged("file");
    return Played::more;
  }
  if (entry == Entry::event && id == lab_node) {
    lab_time_ns_ = sum(lab_time_ns_, in.signed_number());
    const Status status = play_event(in, id, {lab_time_ns_});
    if (!status) return status;
    return Played::more;
  }
  const auto found = members_.find(id);
  if (found == members_.end()) return damaged(fmt::format("no node {}", id.value));
  Member& member = *found->second;
  if (entry == Entry::sent) {
    carry_out_sent(member, in);
    if (!in.ok()) return damaged("sent");
    return Played::more;
  }
  if (entry == Entry::flipped) {
    const Status status = play_bit_flip(in, member);
    if (!status) return status;
    return Played::more;
  }
  if (!member.is_past) settle(member);
  switch (entry) {
    case Entry::folder:
    case Entry::file_part: {
      const Status status = play_file(in, member, entry == Entry::folder);
      if (!status) return status;
      return Played::more;
    }
    case Entry::removed:
      if (!member.is_past) member.is_removed = true;
      return Played::more;
    case Entry::destroyed:
      if (member.is_past) return Played::more;
      if (!member.runner.is_alive()) return damaged("the end of a node that does not run");
      member.runner.destroy();
      member.disk.close_all();
      member.protocols.clear();
      member.flushes.clear();
      member.delivered.clear();
      return Played::more;
    case Entry::created:
    case Entry::event:
    case Entry::step:
      break;
    default:
      return damaged("an entry of no known kind");
  }
  member.times.last_ns = sum(member.times.last_ns, in.signed_number());
  const Instant at{member.times.last_ns};
  now_.monotonic = std::max(now_.monotonic, at);
  if (at > until_) member.is_past = true;
  if (entry == Entry::step) return play_step(in, member, at);
  if (entry == Entry::event) {
    const Status status = play_event(in, id, at);
    if (!status) return status;
    return Played::more;
  }
  const EventRef cause = recording::take_ref(in);
  if (!in.ok()) return damaged("start");
  if (member.is_past) return Played::more;
  if (member.runner.is_alive()) return damaged("the start of a node that runs");
  member.state = NodeState::running;
  member.runner.create(at, spec_, cause);
  Event started;
  started.ref = member.runner.started();
  started.cause = cause;
  started.at = at;
  started.payload = event::NodeStarted{member.runner.incarnation()};
  member.note({&started, 1});
  member.runner.publish();
  return Played::more;
}

Status Replay::play_member(recording::Input& in, NodeId id) {
  NodeSpec spec;
  const std::string name = in.text();
  const bool is_transient = in.number() != 0;
  const std::vector<std::string> recipe = recording::take_texts(in);
  std::vector<uint16_t> ports;
  for (size_t count = in.count(); count > 0 && in.ok(); --count)
    ports.push_back(static_cast<uint16_t>(in.number()));
  if (!in.ok() || members_.contains(id) || id == lab_node) return damaged("node");
  if (is_transient) {
    spec.name = name;
    spec.recipe = recipe;
    Result<NodeFactory> factory = makers_.factory(recipe);
    if (!factory) return factory.status();
    spec.factory = std::move(*factory);
    if (!ports.empty()) return damaged("an added node with listeners");
  } else {
    if (id.value > spec_.nodes.size()) return damaged(fmt::format("no node {} in its cluster", id.value));
    NodeSpec& known = spec_.nodes[id.value - 1];
    if (known.name != name || known.listeners.size() != ports.size())
      return damaged(fmt::format("node {} is not {}", id.value, name));
    for (size_t i = 0; i < ports.size(); ++i) known.listeners[i].port = ports[i];
    spec = known;
  }
  auto member = std::make_unique<Member>(id, std::move(spec), &journal_);
  member->is_transient = is_transient;
  if (!is_transient) member->replayed_disk.stands_for_a_real_disk();
  members_.emplace(id, std::move(member));
  return {};
}

Status Replay::play_file(recording::Input& in, Member& member, bool is_folder) {
  const std::string path = in.text();
  if (is_folder) {
    if (!in.ok()) return damaged("folder");
    return member.disk.make_folder(path);
  }
  const std::span<const uint8_t> part = in.span();
  if (!in.ok()) return damaged("file");
  Result<FileId> file = member.disk.open(path, true);
  if (!file) return file.status();
  const Slice slice = Bytes::copy_of(part);
  Status written = member.disk.append(*file, {&slice, 1});
  if (written.ok()) written = member.disk.sync(*file);
  member.disk.close(*file);
  return written;
}

Status Replay::play_event(recording::Input& in, NodeId id, Instant at) {
  const EventRef cause = recording::take_ref(in);
  EventPayload payload = recording::take_payload(in);
  if (!in.ok()) return damaged("event");
  if (id == lab_node) {
    if (at > until_) return {};
    Event event;
    event.ref = {lab_node, lab_sequence_++};
    event.cause = cause;
    event.at = at;
    event.payload = std::move(payload);
    if (const auto* set = std::get_if<event::FaultSet>(&event.payload)) {
      if (Result<Fault> fault = parse_fault(set->fault)) faults_.push_back(*fault);
    } else if (const auto* healed = std::get_if<event::FaultHealed>(&event.payload)) {
      std::erase_if(faults_, [&](const Fault& fault) { return fault.to_string() == healed->fault; });
    }
    journal_.append({&event, 1});
    return {};
  }
  Member& member = *members_.at(id);
  if (member.is_past) return {};
  if (std::holds_alternative<event::MessageDelivered>(payload)) {
    if (!cause.is_none()) member.delivered[member.runner.next_sequence()] = cause;
  } else if (std::holds_alternative<event::MessageDropped>(payload)) {
    on_their_way_.erase(cause);
  } else if (const auto* closed = std::get_if<event::ConnectionClosed>(&payload)) {
    member.sent.closed(closed->connection);
    member.protocols.erase(closed->connection);
  } else if (std::holds_alternative<event::NodePaused>(payload)) {
    member.state = NodeState::paused;
  } else if (std::holds_alternative<event::NodeResumed>(payload)) {
    member.state = NodeState::running;
  } else if (const auto* stopped = std::get_if<event::NodeStopped>(&payload)) {
    member.state = stopped->how == "killed" ? NodeState::killed : NodeState::stopped;
    member.exit_status = stopped->status;
    member.take_last_words();
  } else if (const auto* damage = std::get_if<event::DiskDamaged>(&payload)) {
    if (Status taken = take_from_disk(member, *damage); !taken) return taken;
  }
  Event event;
  event.at = at;
  event.cause = cause;
  event.payload = payload;
  event.ref = member.runner.emit(at, std::move(payload), cause);
  member.note({&event, 1});
  member.runner.publish();
  return {};
}

Status Replay::take_from_disk(Member& member, const event::DiskDamaged& damage) {
  const Result<Fault> fault = parse_fault(damage.fault);
  if (!fault) return damaged("a fault of no known kind");
  if (fault->kind == Fault::Kind::bit_flip) return {};  // it has an entry of its own
  if (member.runner.is_alive()) return damaged("a disk that loses data under a node that runs");
  if (fault->kind == Fault::Kind::wipe_disk)
    (void)member.disk.wipe();
  else
    member.disk.repeat({damage.path, damage.from_bytes, damage.to_bytes});
  return {};
}

Status Replay::play_bit_flip(recording::Input& in, Member& member) {
  DiskDamage damage;
  damage.path = in.text();
  damage.from_bytes = in.number();
  damage.mask = static_cast<uint8_t>(in.number());
  if (!in.ok() || damage.mask == 0) return damaged("a flipped bit");
  if (!member.is_past) member.disk.repeat(damage);
  return {};
}

Result<Replay::Played> Replay::play_step(recording::Input& in, Member& member, Instant at) {
  member.times.last_wall_lead_ms = sum(member.times.last_wall_lead_ms, in.signed_number());
  const uint64_t digest = in.number();
  const EventRef cause = recording::take_ref(in);
  std::vector<DiskFailure> failures;
  for (size_t count = in.count(); count > 0 && in.ok(); --count) {
    const uint64_t call = in.number();
    failures.emplace_back(call, recording::take_status(in));
    if (failures.back().second.ok()) in.fail();
  }
  Result<std::optional<Input>> input = take_input(in, member);
  if (!input) return input.status();
  if (!in.ok()) return damaged("step");
  if (member.is_past) return Played::more;
  if (!member.runner.is_alive()) return damaged("a step of a node that does not run");
  const Now now{at, sum(at.milliseconds(), member.times.last_wall_lead_ms)};
  if ((member.hash.value() & 0xFFFF) != digest || !input->has_value())
    return differs(member, at, input->has_value() ? words_of(**input) : "frames that were never sent");
  member.events_alike = member.runner.next_sequence() - 1;
  member.recent.clear();
  member.now = now;
  now_.wall_ms = now.wall_ms;
  Disk* disk = member.replayed_disk.play(&member.disk, std::move(failures));
  member.unsettled = member.runner.step(now, **input, cause, disk);
  carry_out(member, **input);
  return Played::more;
}

Result<std::optional<Input>> Replay::take_input(recording::Input& in, Member& member) {
  switch (in.number()) {
    case 0:
      return std::optional<Input>(input::Start{});
    case 1: {
      input::ConnectionOpened opened;
      opened.connection.value = in.number();
      opened.listener = in.text();
      opened.peer.host = in.text();
      opened.peer.port = static_cast<uint16_t>(in.number());
      opened.from_outside = in.number() != 0;
      return std::optional<Input>(std::move(opened));
    }
    case 2: {
      input::ConnectionClosed closed;
      closed.connection.value = in.number();
      closed.reason = in.text();
      return std::optional<Input>(std::move(closed));
    }
    case 3:
      return take_frames(in, member);
    case 4: {
      input::TimerFired fired;
      fired.timer.kind = static_cast<uint16_t>(in.number());
      fired.timer.id = in.number();
      return std::optional<Input>(fired);
    }
    case 5: {
      input::DiskDone done;
      done.token.value = in.number();
      done.status = recording::take_status(in);
      return std::optional<Input>(std::move(done));
    }
    case 6: {
      input::StandardInput input;
      input.data = Bytes::copy_of(in.span());
      input.end = in.number() != 0;
      return std::optional<Input>(std::move(input));
    }
    case 7: {
      input::Command command;
      command.verb = in.text();
      command.arguments = recording::take_texts(in);
      return std::optional<Input>(std::move(command));
    }
    default:
      return damaged("an input of no known kind");
  }
}

Result<std::optional<Input>> Replay::take_frames(recording::Input& in, Member& member) {
  input::Frames frames;
  frames.connection.value = in.number();
  uint64_t sequence = 0;
  bool are_there = true;
  for (size_t count = in.count(); count > 0 && in.ok(); --count) {
    const uint64_t number = in.number();
    sequence += number >> 1;
    frames.events.push_back({member.runner.id(), sequence});
    if ((number & 1) != 0) {
      const std::span<const uint8_t> bytes = in.span();
      frames.frames.emplace_back(nullptr, bytes.data(), bytes.size());  // the file outlives the nodes
      continue;
    }
    const auto delivered = member.delivered.find(sequence);
    const auto sent =
        delivered == member.delivered.end() ? on_their_way_.end() : on_their_way_.find(delivered->second);
    if (sent == on_their_way_.end()) {
      are_there = false;
      continue;
    }
    frames.frames.push_back(std::move(sent->second));
    on_their_way_.erase(sent);
    member.delivered.erase(delivered);
  }
  if (!are_there && !member.is_past) return std::optional<Input>();
  return std::optional<Input>(std::move(frames));
}

void Replay::carry_out(Member& member, const Input& input) {
  const Effects& effects = *member.unsettled;
  if (const auto* opened = std::get_if<input::ConnectionOpened>(&input);
      opened != nullptr && !opened->listener.empty()) {
    for (const ListenerSpec& listener : member.runner.spec().listeners)
      if (listener.name == opened->listener) member.protocols[opened->connection] = listener.protocol;
  }
  if (const auto* done = std::get_if<input::DiskDone>(&input)) {
    const auto flush = member.flushes.find(done->token);
    // A file that was closed meanwhile is no error here: the node was told what came of it.
    if (flush != member.flushes.end() && done->status.ok()) (void)member.disk.sync(flush->second);
    if (flush != member.flushes.end()) member.flushes.erase(flush);
  }
  if (const auto* command = std::get_if<input::Command>(&input)) {
    if (command->verb == "stop" || command->verb == "close") member.state = NodeState::stopping;
  }
  for (const Effects::Open& open : effects.opens) member.protocols[open.connection] = open.protocol;
  auto send = effects.sends.begin();
  for (const Event& event : effects.events) {
    if (!std::holds_alternative<event::MessageSent>(event.payload)) continue;
    const auto protocol = member.protocols.find(send->connection);
    on_their_way_[event.ref] =
        body_of(send->slices, protocol == member.protocols.end() ? Protocol::kafka : protocol->second);
    ++send;
  }
  for (const Effects::Flush& flush : effects.flushes) member.flushes[flush.token] = flush.file;
}

void Replay::carry_out_sent(Member& member, recording::Input& in) {
  std::vector<std::pair<uint64_t, FrameRef>> elsewhere;
  for (uint64_t number = in.number(); number != 0; number = in.number()) {
    FrameRef frame;
    frame.peer = recording::take_node(in);
    frame.nth = in.number();
    elsewhere.emplace_back(number, frame);
  }
  if (member.is_past || !member.unsettled) return;
  uint64_t number = 0;
  auto next = elsewhere.begin();
  for (Event& event : member.unsettled->events) {
    auto* sent = std::get_if<event::MessageSent>(&event.payload);
    if (sent == nullptr) continue;
    member.sent.fill_in(sent->frame);
    ++number;
    if (next != elsewhere.end() && next->first == number) {
      sent->frame.peer = next->second.peer;
      sent->frame.nth = next->second.nth;
      ++next;
    }
    (void)member.sent.foretold(sent->frame);
    if (sent->frame.peer == no_node) on_their_way_.erase(event.ref);
  }
  member.note(member.unsettled->events);
  member.runner.keep(*member.unsettled);
  member.runner.publish();
  member.unsettled.reset();
}

void Replay::settle(Member& member) {
  if (!member.unsettled) return;
  recording::Input nothing({});
  carry_out_sent(member, nothing);
}

Replay::Played Replay::play_end(recording::Input& in) {
  for (auto& [id, member] : members_) {
    if (!member->is_past) settle(*member);
  }
  has_ended_ = true;
  const uint64_t hash = in.number();
  (void)in.number();  // events: the hash covers their numbers
  if (!in.ok()) return Played::ended;
  recorded_hash_ = hash;
  for (size_t count = in.count(); count > 0 && in.ok(); --count) {
    const auto found = members_.find(recording::take_node(in));
    const uint64_t digest = in.number();
    if (found == members_.end() || found->second->is_past || found->second->hash.value() == digest) continue;
    return differs(*found->second, found->second->now.monotonic, "after its last step");
  }
  return Played::ended;
}

Replay::Played Replay::differs(Member& member, Instant at, std::string input) {
  ReplayDifference difference;
  difference.node = member.runner.spec().name;
  difference.at = at;
  difference.after_event = member.events_alike;
  difference.input = std::move(input);
  for (const Event& event : member.recent)
    difference.made.push_back(fmt::format("{} {} {}", event.ref.sequence, kind_of(event.payload),
                                          brokerlab::describe(event.payload)));
  difference_ = std::move(difference);
  return Played::different;
}

LabView Replay::view() const {
  LabView view;
  view.driver = Driver::live;
  view.seed = spec_.seed;
  view.clock.now = now_;
  view.faults = faults_;
  for (const auto& [id, member] : members_) {
    if (member->is_removed) continue;
    std::shared_ptr<const NodeSnapshot> snapshot = member->last_words;
    if (member->runner.is_alive())
      snapshot = std::make_shared<const NodeSnapshot>(
          NodeSnapshot{member->runner.describe(member->now), member->now});
    const NodeSpec& spec = member->runner.spec();
    view.nodes.push_back({id, spec.name, spec.listeners, member->is_transient, member->state,
                          member->runner.incarnation(), member->exit_status, false, std::move(snapshot)});
  }
  return view;
}

}  // namespace brokerlab
