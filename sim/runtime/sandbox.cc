#include "sim/runtime/sandbox.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/runtime/sandbox_state.h"

namespace brokerlab {

namespace {

/// A step of the learner gives up after so much lab time without a delivery.
constexpr Duration longest_step = seconds(60);
/// How long nodes have to end when the lab closes.
constexpr Duration sandbox_close_grace = seconds(1);

}  // namespace

Sandbox::Sandbox(ClusterSpec spec) : state_(std::make_unique<State>(std::move(spec))) {}
Sandbox::Sandbox(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sandbox::~Sandbox() = default;

std::unique_ptr<Sandbox> Sandbox::clone() const {
  return std::unique_ptr<Sandbox>(new Sandbox(state_->clone()));
}

std::string Sandbox::hash() const { return state_->hash_.hex(); }
uint64_t Sandbox::events() const { return state_->hash_.events(); }
void Sandbox::pause_at(Instant at) { state_->pause_at_ = at; }
uint64_t Sandbox::disk_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [id, member] : state_->members_) bytes += member.disk->bytes();
  return bytes;
}

Result<NodeId> Sandbox::add(NodeSpec spec, EventRef cause) {
  if (find(spec.name)) return node_exists(spec.name);
  const NodeId node = state_->add_member(std::move(spec), true);
  state_->start_member(state_->members_.at(node), cause);
  return node;
}

Status Sandbox::remove(NodeId node, EventRef cause) {
  State::Member* member = state_->find(node);
  if (member == nullptr || !member->is_transient) return no_such_node(node);
  if (member->is_alive()) state_->end_member(*member, NodeState::killed, 0, cause);
  state_->remove_member(node);
  return {};
}

Status Sandbox::start(NodeId node, EventRef cause) {
  State::Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (member->is_alive()) return already_runs(member->runner.spec().name);
  state_->start_member(*member, cause);
  return {};
}

Status Sandbox::stop(NodeId node, EventRef cause) { return command(node, {"stop", {}}, cause); }

Status Sandbox::kill(NodeId node, EventRef cause) {
  State::Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (!member->is_alive()) return does_not_run(member->runner.spec().name);
  state_->crash(*member, cause);
  return {};
}

Status Sandbox::pause(NodeId node, EventRef cause) {
  State::Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  const std::string& name = member->runner.spec().name;
  if (!member->is_alive()) return does_not_run(name);
  if (member->state == NodeState::paused) return already_paused(name);
  state_->pause_member(*member, cause);
  return {};
}

Status Sandbox::resume(NodeId node, EventRef cause) {
  State::Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (member->state != NodeState::paused) return is_not_paused(member->runner.spec().name);
  state_->resume_member(*member, cause);
  return {};
}

Status Sandbox::command(NodeId node, input::Command command, EventRef cause) {
  State::Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (!member->is_alive()) return does_not_run(member->runner.spec().name);
  state_->give(*member, std::move(command), cause);
  return {};
}

Status Sandbox::standard_input(NodeId node, input::StandardInput input) {
  State::Member* member = state_->find(node);
  if (member == nullptr) return no_such_node(node);
  if (!member->is_alive()) return does_not_run(member->runner.spec().name);
  state_->give(*member, std::move(input), {});
  return {};
}

std::vector<OutputChunk> Sandbox::take_output(NodeId node) { return state_->output_.take(node); }

Status Sandbox::set_fault(const Fault& fault, EventRef cause) {
  Result<FaultTable::Placed> placed = place(fault);
  if (!placed) return placed.status();
  return state_->set_fault(std::move(placed).value(), cause);
}

Status Sandbox::heal(std::string_view from, std::string_view to, EventRef cause,
                     std::optional<Fault::Kind> kind) {
  Result<NodePair> nodes = find_pair(from, to);
  if (!nodes) return nodes.status();
  const std::vector<Fault> healed = state_->faults_.heal(nodes->from, nodes->to, kind);
  for (const Fault& fault : healed) state_->emit(event::FaultHealed{fault.to_string()}, cause);
  state_->faults_changed();
  return healed.empty() ? nothing_to_heal() : Status{};
}

Status Sandbox::reset_connections(std::string_view from, std::string_view to, EventRef cause) {
  Result<NodePair> nodes = find_pair(from, to);
  if (!nodes) return nodes.status();
  state_->reset(nodes->from, nodes->to, cause);
  return {};
}

Status Sandbox::set_speed(Speed speed, bool) {
  state_->speed_ = speed;
  return {};
}

Status Sandbox::pause_clock(bool) {
  state_->is_paused_ = true;
  return {};
}

void Sandbox::resume_clock() { state_->is_paused_ = false; }

void Sandbox::step() {
  const uint64_t before = state_->deliveries_;
  const auto none_yet = [&] { return state_->deliveries_ == before; };
  state_->run_while(state_->now_ + longest_step, none_yet);
}

void Sandbox::advance(Duration real_time) {
  if (state_->is_paused_) return;
  state_->run(state_->now_ + real_time * state_->speed_.hundredths / 100);
}

WaitResult Sandbox::run_until(const std::function<bool()>& done, Duration limit) {
  if (done()) return WaitResult::reached;
  if (state_->is_paused_) return WaitResult::paused;
  const Instant until = state_->now_ + limit;
  bool reached = false;
  while (!reached) {
    const uint64_t before = state_->steps_;
    state_->run_while(until, [&] { return state_->steps_ == before; });
    if (state_->steps_ == before) return state_->is_paused_ ? WaitResult::paused : WaitResult::limit;
    reached = done();
  }
  return WaitResult::reached;
}

WaitResult Sandbox::run_for(Duration duration) {
  if (state_->is_paused_) return WaitResult::paused;
  state_->run(state_->now_ + duration);
  return WaitResult::limit;
}

void Sandbox::wake() {}
Now Sandbox::now() const { return state_->now(); }
LabView Sandbox::view() { return state_->view(); }
Journal& Sandbox::journal() { return state_->journal_; }
const JournalRing& Sandbox::ring() const { return state_->ring_; }
EventRef Sandbox::record_command(std::string text) {
  return state_->emit(event::CommandGiven{std::move(text)}, {});
}
const ClusterSpec& Sandbox::spec() const { return state_->spec_; }

void Sandbox::close() {
  for (auto& [id, member] : state_->members_) {
    if (member.state == NodeState::paused) state_->resume_member(member, {});
    if (member.is_alive()) state_->give(member, input::Command{"close", {}}, {});
  }
  const auto any_alive = [&] {
    return std::any_of(state_->members_.begin(), state_->members_.end(),
                       [](const auto& entry) { return entry.second.is_alive(); });
  };
  if (any_alive()) state_->run_while(state_->now_ + sandbox_close_grace, any_alive);
  for (auto& [id, member] : state_->members_) {
    if (member.is_alive()) state_->end_member(member, NodeState::killed, 0, {});
  }
}

}  // namespace brokerlab
