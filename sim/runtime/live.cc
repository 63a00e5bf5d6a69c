#include "sim/runtime/live.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "sim/runtime/live_environment.h"
#include "sim/runtime/live_node.h"
#include "sim/runtime/record.h"

namespace brokerlab {

using RealMilliseconds = std::chrono::milliseconds;

namespace {

/// Events that the ring keeps.
constexpr size_t ring_capacity = 20'000;
/// How long nodes have to end when the lab closes: the whole program ends within a second.
constexpr RealMilliseconds live_close_grace{700};
/// A condition is looked at no more often than this, however much happens.
constexpr RealMilliseconds between_looks{2};

/// A private folder for a lab without `--data`; removed at the end.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make() {
    std::error_code error;
    std::string pattern = (std::filesystem::temp_directory_path(error) / "brokerlab-XXXXXX").string();
    if (error || ::mkdtemp(pattern.data()) == nullptr) {
      const std::string reason = error ? error.message() : std::generic_category().message(errno);
      return Status::error(StatusCode::io_error,
                           "no temporary folder can be made (below TMPDIR, or /tmp): " + reason,
                           "임시 폴더를 만들 수 없습니다(TMPDIR 또는 /tmp 아래): " + reason);
    }
    return TemporaryFolder(std::move(pattern));
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace

class Live::State {
 public:
  explicit State(ClusterSpec spec) : environment_(std::move(spec)) {
    environment_.journal.subscribe(&ring_);
    environment_.journal.subscribe(&output_);
    environment_.outside_clients_changed = [this](int change) { outside_clients_changed(change); };
  }

  struct Member {
    std::unique_ptr<LiveMember> data;
    std::unique_ptr<LiveNode> node;  ///< the current or last incarnation; null before the first
    bool is_alive() const { return node != nullptr && !node->has_ended(); }
    const std::string& name() const { return data->runner.spec().name; }
  };

  // ---- all of these under `operations_mutex_` -------------------------------------------------------------
  // Who changes the table of members locks `mutex_` besides, for that moment only; readers need no other.

  Member* find(NodeId node) {
    const auto found = members_.find(node);
    return found == members_.end() ? nullptr : &found->second;
  }

  bool has_name(const std::string& name) const {
    return std::any_of(members_.begin(), members_.end(), [&](const auto& entry) {
      return NameTable::canonical(entry.second.name()) == NameTable::canonical(name);
    });
  }

  Result<NodeId> add_member(NodeSpec spec, bool is_transient) {
    const NodeId id{next_node_};
    std::vector<ReservedPort> ports;
    for (ListenerSpec& listener : spec.listeners) {
      Result<ReservedPort> port = ReservedPort::reserve(listener.port);
      if (!port) return port.status();
      listener.port = port->port();
      ports.push_back(std::move(*port));
    }
    const std::string name = spec.name;
    const std::vector<ListenerSpec> listeners = spec.listeners;
    auto data = std::make_unique<LiveMember>(id, std::move(spec), &environment_.journal);
    data->ports = std::move(ports);
    data->is_transient = is_transient;
    if (is_transient) {
      data->disk.memory = std::make_unique<SimulatedDisk>();
      output_.watch(id);
    } else {
      Result<std::unique_ptr<RealDisk>> disk = RealDisk::open(folder_ + "/" + name);
      if (!disk) return disk.status();
      data->disk.real = std::move(disk).value();
    }
    if (Recorder* recorder = environment_.cluster.recorder.get())
      data->runner.record_to(recorder->add_member(id, data->runner.spec(), is_transient,
                                                  is_transient ? std::string() : folder_ + "/" + name));
    for (const ListenerSpec& listener : listeners) {
      environment_.network.add_name(name, id, listener.name, listener.port);
    }
    ++next_node_;
    const std::lock_guard lock(mutex_);
    members_[id].data = std::move(data);
    return id;
  }

  Status start_member(Member& member, EventRef cause) {
    forget_incarnation(member);
    Result<std::unique_ptr<LiveNode>> node = LiveNode::start(environment_, *member.data, cause);
    if (!node) return node.status();
    const std::lock_guard lock(mutex_);
    member.node = std::move(node).value();
    return {};
  }

  /// Joins its thread; kills it when it still runs.
  void forget_incarnation(Member& member) {
    std::unique_ptr<LiveNode> node;
    {
      const std::lock_guard lock(mutex_);
      node = std::move(member.node);
    }
  }

  Status prepare() {
    std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error of a call, not the end of the program
    ClusterSpec& spec = environment_.cluster;
    if (spec.recorder) {
      spec.recorder->begin(spec);
      spec.recorder->on_released([this](NodeId node) { environment_.poke(node); });
    }
    folder_ = spec.data_folder;
    if (folder_.empty()) {
      Result<TemporaryFolder> folder = TemporaryFolder::make();
      if (!folder) return folder.status();
      temporary_folder_.emplace(std::move(*folder));
      folder_ = temporary_folder_->path();
    }
    for (NodeSpec& node : spec.nodes) {
      Result<NodeId> id = add_member(node, false);
      if (!id) return id.status();
      node.listeners = find(*id)->data->runner.spec().listeners;
    }
    for (auto& [id, member] : members_) {
      if (Status started = start_member(member, {}); !started) return started;
    }
    return {};
  }

  EventRef emit(EventPayload payload, EventRef cause) {
    const std::lock_guard lock(lab_events_mutex_);
    Event event;
    event.ref = {lab_node, next_lab_sequence_++};
    event.cause = cause;
    event.at = environment_.clock.now().monotonic;
    event.payload = std::move(payload);
    const EventRef ref = event.ref;
    if (environment_.cluster.recorder) environment_.cluster.recorder->emitted(event);
    environment_.journal.append({&event, 1});
    return ref;
  }

  // ---- faults ---------------------------------------------------------------------------------------------

  Status set_fault(FaultTable::Placed placed, EventRef cause) {
    const Fault fault = placed.fault;
    const std::string text = fault.to_string();
    Member& member = members_.at(placed.from);
    std::vector<DiskDamage> flipped;
    if (fault.kind == Fault::Kind::bit_flip) {
      Random random = Random(environment_.cluster.seed).fork(bit_flips_++);
      flipped = member.data->disk.real->flip_bit(fault.partition, random);
      if (flipped.empty()) return nothing_to_damage(fault);
      if (Recorder* recorder = environment_.cluster.recorder.get())
        recorder->bit_flipped(placed.from, flipped.front());
    }
    const EventRef set = emit(event::FaultSet{text}, cause);
    switch (fault.kind) {
      case Fault::Kind::reset:
        reset_connections(placed.from, placed.to, set);
        return {};
      case Fault::Kind::half_open:
        environment_.network.kill_connections(placed.from, placed.to, fault.one_way, placed.since);
        environment_.poke_all();
        return {};
      case Fault::Kind::power_loss:
        crash(member, set);
        note_damage(member, text, member.data->disk.real->power_loss(), set);
        return {};
      case Fault::Kind::wipe_disk:
        crash(member, set);
        note_damage(member, text, member.data->disk.real->wipe(), set);
        return {};
      case Fault::Kind::bit_flip:
        note_damage(member, text, flipped, set);
        return {};
      default:
        break;
    }
    const std::lock_guard lock(faults_mutex_);
    faults_.set(std::move(placed));
    faults_changed();
    return {};
  }

  std::vector<Fault> heal(NodeId from, NodeId to, std::optional<Fault::Kind> kind, EventRef cause) {
    const std::lock_guard lock(faults_mutex_);
    std::vector<Fault> healed = faults_.heal(from, to, kind);
    for (const Fault& fault : healed) emit(event::FaultHealed{fault.to_string()}, cause);
    faults_changed();
    return healed;
  }

  void faults_changed() {  // under faults_mutex_
    for (auto& [id, member] : members_) member.data->faults.write(faults_.of_node(id));
    environment_.network.set_faults(faults_.of_links(), environment_.clock.now().monotonic);
    environment_.poke_all();
  }

  /// Kills the node, if it runs, and tears its last append, if it is to.
  void crash(Member& member, EventRef cause) {
    if (!member.is_alive()) return;
    member.node->kill(cause);
    const NodeId id = member.data->runner.id();
    if (!faults_.find(Fault::Kind::torn_write, id)) return;
    for (const Fault& torn : heal(id, no_node, Fault::Kind::torn_write, cause))
      note_damage(member, torn.to_string(), member.data->disk.real->tear_last_append(), cause);
  }

  void note_damage(Member& member, const std::string& fault, const std::vector<DiskDamage>& damages,
                   EventRef cause) {
    for (const DiskDamage& damage : damages) {
      event::DiskDamaged damaged{fault, damage.path, damage.from_bytes, damage.to_bytes};
      if (member.is_alive()) {
        member.node->note(std::move(damaged), cause);
      } else {
        member.data->runner.emit(environment_.clock.now().monotonic, std::move(damaged), cause);
        member.data->runner.publish();
      }
    }
  }

  void reset_connections(NodeId from, NodeId to, EventRef cause) {
    for (auto& [id, member] : members_) {
      if (!member.is_alive()) continue;
      const bool is_one = to == no_node || id == from || id == to;
      if (is_one) member.node->reset_connections(id == from ? to : from, cause);
    }
  }

  // ---- clock, and the clients that hold it ----------------------------------------------------------------

  /// Their own timeouts do not scale, so lab time runs as fast as theirs while they are here.
  void outside_clients_changed(int change) {
    {
      const std::lock_guard lock(clock_mutex_);
      outside_connections_ += change;
      if (change > 0 && outside_connections_ == 1 && !is_forced_) {
        wanted_speed_ = environment_.clock.speed();
        environment_.clock.set_speed({});
        environment_.clock.resume();
      } else if (outside_connections_ == 0) {
        if (!is_forced_) environment_.clock.set_speed(wanted_speed_);
        is_forced_ = false;
      }
    }
    clock_changed();
  }

  Status check_clock_is_free(bool force) {  // under clock_mutex_
    if (outside_connections_ == 0 || force) return {};
    return Status::error(
        StatusCode::unavailable,
        fmt::format("{} connection{} from outside the lab: the clock is held at 1x, because "
                    "their time-outs do not scale (--force does it all the same)",
                    outside_connections_, outside_connections_ == 1 ? "" : "s"),
        fmt::format("랩 밖에서 들어온 연결이 {}개 있습니다. 외부 클라이언트의 타임아웃은 랩 시계를 "
                    "따라가지 않으므로 배속을 1x로 고정합니다(그래도 바꾸려면 --force)",
                    outside_connections_));
  }

  void clock_changed() {
    environment_.poke_all();
    environment_.changed.notify();
  }

  LiveEnvironment environment_;
  JournalRing ring_{ring_capacity};
  OutputCollector output_;
  std::string folder_;
  std::optional<TemporaryFolder> temporary_folder_;

  std::mutex lab_events_mutex_;
  uint64_t next_lab_sequence_ = 1;

  std::mutex faults_mutex_;  ///< after `operations_mutex_`
  FaultTable faults_;
  uint64_t bit_flips_ = 0;

  std::mutex clock_mutex_;
  int outside_connections_ = 0;
  bool is_forced_ = false;
  Speed wanted_speed_;  ///< to return to when the last client from outside has left

  std::mutex operations_mutex_;
  std::mutex mutex_;
  std::map<NodeId, Member> members_;
  uint32_t next_node_ = 1;
};

Result<std::unique_ptr<Live>> Live::make(ClusterSpec spec) {
  auto state = std::make_unique<State>(std::move(spec));
  if (Status prepared = state->prepare(); !prepared) return prepared;
  return std::unique_ptr<Live>(new Live(std::move(state)));
}

Live::Live(std::unique_ptr<State> state) : state_(std::move(state)) {}
Live::~Live() { close(); }

Result<NodeId> Live::add(NodeSpec spec, EventRef cause) {
  const std::lock_guard lock(state_->operations_mutex_);
  if (state_->has_name(spec.name)) return node_exists(spec.name);
  Result<NodeId> node = state_->add_member(std::move(spec), true);
  if (!node) return node;
  if (Status started = state_->start_member(*state_->find(*node), cause); !started) return started;
  return node;
}

Status Live::remove(NodeId node, EventRef cause) {
  const std::lock_guard lock(state_->operations_mutex_);
  State::Member* member = state_->find(node);
  if (member == nullptr || !member->data->is_transient) return no_such_node(node);
  if (member->node) member->node->kill(cause);
  state_->environment_.network.remove_names(node);
  if (Recorder* recorder = state_->environment_.cluster.recorder.get()) recorder->remove_member(node);
  state_->output_.forget(node);
  state_->forget_incarnation(*member);
  const std::lock_guard table_lock(state_->mutex_);
  state_->members_.erase(node);
  return {};
}

Status Live::start(NodeId node, EventRef cause) {
  const std::lock_guard lock(state_->operations_mutex_);
  State::Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (member->is_alive()) return already_runs(member->name());
  return state_->start_member(*member, cause);
}

Status Live::stop(NodeId node, EventRef cause) { return command(node, {"stop", {}}, cause); }

Status Live::kill(NodeId node, EventRef cause) {
  const std::lock_guard lock(state_->operations_mutex_);
  State::Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (!member->is_alive()) return does_not_run(member->name());
  state_->crash(*member, cause);
  return {};
}

Status Live::pause(NodeId node, EventRef cause) {
  const std::lock_guard lock(state_->operations_mutex_);
  State::Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (!member->is_alive()) return does_not_run(member->name());
  if (member->data->board.read().state == NodeState::paused) return already_paused(member->name());
  member->node->pause(cause);
  return {};
}

Status Live::resume(NodeId node, EventRef cause) {
  const std::lock_guard lock(state_->operations_mutex_);
  State::Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (!member->is_alive() || member->data->board.read().state != NodeState::paused) {
    return is_not_paused(member->name());
  }
  member->node->resume(cause);
  return {};
}

Status Live::command(NodeId node, input::Command command, EventRef cause) {
  const std::lock_guard lock(state_->operations_mutex_);
  State::Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (!member->is_alive()) return does_not_run(member->name());
  member->node->give(std::move(command), cause);
  return {};
}

Status Live::standard_input(NodeId node, input::StandardInput input) {
  const std::lock_guard lock(state_->operations_mutex_);
  State::Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (!member->is_alive()) return does_not_run(member->name());
  member->node->give(std::move(input), {});
  return {};
}

std::vector<OutputChunk> Live::take_output(NodeId node) { return state_->output_.take(node); }

Status Live::set_fault(const Fault& fault, EventRef cause) {
  Result<FaultTable::Placed> placed = place(fault);
  if (!placed) return placed.status();
  const std::lock_guard lock(state_->operations_mutex_);
  return state_->set_fault(std::move(placed).value(), cause);
}

Status Live::heal(std::string_view from, std::string_view to, EventRef cause,
                  std::optional<Fault::Kind> kind) {
  Result<NodePair> nodes = find_pair(from, to);
  if (!nodes) return nodes.status();
  const std::lock_guard lock(state_->operations_mutex_);
  const std::vector<Fault> healed = state_->heal(nodes->from, nodes->to, kind, cause);
  return healed.empty() ? nothing_to_heal() : Status{};
}

Status Live::reset_connections(std::string_view from, std::string_view to, EventRef cause) {
  Result<NodePair> nodes = find_pair(from, to);
  if (!nodes) return nodes.status();
  const std::lock_guard lock(state_->operations_mutex_);
  state_->reset_connections(nodes->from, nodes->to, cause);
  return {};
}

Status Live::set_speed(Speed speed, bool force) {
  {
    const std::lock_guard lock(state_->clock_mutex_);
    if (Status free = state_->check_clock_is_free(force); !free) return free;
    state_->is_forced_ = force && state_->outside_connections_ > 0;
    state_->environment_.clock.set_speed(speed);
  }
  state_->clock_changed();
  return {};
}

Status Live::pause_clock(bool force) {
  {
    const std::lock_guard lock(state_->clock_mutex_);
    if (Status free = state_->check_clock_is_free(force); !free) return free;
    state_->is_forced_ = force && state_->outside_connections_ > 0;
    state_->environment_.clock.pause();
  }
  state_->clock_changed();
  return {};
}

void Live::resume_clock() {
  state_->environment_.clock.resume();
  state_->clock_changed();
}

void Live::step() {
  state_->environment_.clock.step();
  state_->clock_changed();
}

void Live::advance(Duration) {}

WaitResult Live::run_until(const std::function<bool()>& done, Duration limit) {
  LiveEnvironment& environment = state_->environment_;
  const Instant until = now().monotonic + limit;
  while (true) {
    const uint64_t seen = environment.changed.version();
    if (done()) return WaitResult::reached;
    if (environment.clock.is_paused()) return WaitResult::paused;
    if (now().monotonic >= until) return WaitResult::limit;
    const RealInstant looked{LiveClock::real_now().nanoseconds};
    environment.changed.wait(seen, environment.clock.real_time_of(until));
    const int64_t early = looked.nanoseconds + std::chrono::nanoseconds(between_looks).count() -
                          LiveClock::real_now().nanoseconds;
    if (early > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(early));
  }
}

WaitResult Live::run_for(Duration duration) {
  return run_until([] { return false; }, duration);
}

void Live::wake() { state_->environment_.changed.notify(); }
Now Live::now() const { return state_->environment_.clock.now(); }

LabView Live::view() {
  LabView view;
  LiveEnvironment& environment = state_->environment_;
  view.driver = Driver::live;
  view.seed = environment.cluster.seed;
  {
    const std::lock_guard lock(state_->faults_mutex_);
    view.faults = state_->faults_.faults();
  }
  {
    const std::lock_guard lock(state_->clock_mutex_);
    view.clock.now = environment.clock.now();
    view.clock.speed = environment.clock.speed();
    view.clock.is_paused = environment.clock.is_paused();
    view.clock.outside_connections = state_->outside_connections_;
    view.clock.is_forced = state_->is_forced_;
  }
  const std::lock_guard lock(state_->mutex_);
  for (const auto& [id, member] : state_->members_) {
    if (member.node) member.node->want_snapshot();
    const NodeStatusBoard::Content content = member.data->board.read();
    view.nodes.push_back({id, member.name(), member.data->runner.spec().listeners, member.data->is_transient,
                          content.state, content.incarnation, content.exit_status, content.wants_input,
                          content.snapshot});
  }
  return view;
}

Journal& Live::journal() { return state_->environment_.journal; }
const JournalRing& Live::ring() const { return state_->ring_; }
EventRef Live::record_command(std::string text) {
  return state_->emit(event::CommandGiven{std::move(text)}, {});
}
const ClusterSpec& Live::spec() const { return state_->environment_.cluster; }

void Live::close() {
  const std::lock_guard lock(state_->operations_mutex_);
  const auto limit = std::chrono::steady_clock::now() + live_close_grace;
  for (auto& [id, member] : state_->members_) {
    if (!member.is_alive()) continue;
    member.node->give(input::Command{"close", {}}, {});
    member.node->resume({});
  }
  for (auto& [id, member] : state_->members_) {
    if (!member.node) continue;
    const auto left = std::chrono::duration_cast<RealMilliseconds>(limit - std::chrono::steady_clock::now());
    member.node->wait_for_end(std::max(left, RealMilliseconds(0)));
    state_->forget_incarnation(member);
  }
}

}  // namespace brokerlab
