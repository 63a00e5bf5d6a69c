// How the sandbox carries out the faults of faults.h.
#include <utility>

#include "sim/runtime/sandbox_state.h"

namespace brokerlab {

Status Sandbox::State::set_fault(FaultTable::Placed placed, EventRef cause) {
  const Fault fault = placed.fault;
  const std::string text = fault.to_string();
  Member& member = members_.at(placed.from);
  std::vector<DiskDamage> flipped;
  if (fault.kind == Fault::Kind::bit_flip) {
    Random random = Random(spec_.seed).fork(bit_flips_++);
    flipped = member.disk->flip_bit(fault.partition, random);
    if (flipped.empty()) return nothing_to_damage(fault);
  }
  const EventRef set = emit(event::FaultSet{text}, cause);
  switch (fault.kind) {
    case Fault::Kind::reset:
      reset(placed.from, placed.to, set);
      return {};
    case Fault::Kind::half_open:
      kill_connections(placed);
      return {};
    case Fault::Kind::power_loss:
      crash(member, set);
      note_damage(member, text, member.disk->power_loss(), set);
      return {};
    case Fault::Kind::wipe_disk:
      crash(member, set);
      note_damage(member, text, member.disk->wipe(), set);
      return {};
    case Fault::Kind::bit_flip:
      note_damage(member, text, flipped, set);
      return {};
    default:
      faults_.set(std::move(placed));
      faults_changed();
      return {};
  }
}

void Sandbox::State::faults_changed() {
  links_.set_faults(faults_.of_links());
  for (auto& [id, member] : members_) {
    member.faults = faults_.of_node(id);
    member.is_faulty = member.faults != NodeFaults{};
    if (!member.is_faulty && member.state != NodeState::paused) take_deferred_now(member);
  }
  links_changed();
  wait_for_next_flap();
}

void Sandbox::State::note_damage(Member& member, const std::string& fault,
                                 const std::vector<DiskDamage>& damages, EventRef cause) {
  for (const DiskDamage& damage : damages) {
    member.runner.emit(now_, event::DiskDamaged{fault, damage.path, damage.from_bytes, damage.to_bytes},
                       cause);
  }
  member.runner.publish();
}

void Sandbox::State::crash(Member& member, EventRef cause) {
  if (!member.is_alive()) return;
  end_member(member, NodeState::killed, 0, cause);
  const NodeId id = member.runner.id();
  const std::vector<Fault> torn = faults_.heal(id, no_node, Fault::Kind::torn_write);
  for (const Fault& fault : torn) {
    note_damage(member, fault.to_string(), member.disk->tear_last_append(), cause);
    emit(event::FaultHealed{fault.to_string()}, cause);
  }
}

// ---- links ------------------------------------------------------------------------------------------------

void Sandbox::State::links_changed() {
  for (auto& [key, connection] : connections_) {
    for (const int side : {0, 1}) {
      Pipe& pipe = connection.pipes[side];
      if (!pipe.held_since() || is_held(connection, side)) continue;
      pipe.release(now_, links_.draw_latency(connection.ends[side].node, connection.ends[1 - side].node));
      schedule_arrival(key, side, pipe.next_arrival());
    }
    if (connection.waits_for_heal) {
      queue_.add(now_, Rank::arrival, {Happening::Kind::connect, 0, no_node, key});
    }
  }
}

void Sandbox::State::wait_for_next_flap() {
  const Instant next = links_.next_change(now_);
  if (next == never || (flap_awaited_at_ > now_ && flap_awaited_at_ <= next)) return;
  flap_awaited_at_ = next;
  queue_.add(next, Rank::arrival, {Happening::Kind::link_flaps, 0, no_node, 0});
}

void Sandbox::State::on_link_flaps() {
  if (now_ != flap_awaited_at_) return;  // healed, or another flaps earlier
  links_changed();
  wait_for_next_flap();
}

void Sandbox::State::reset(NodeId from, NodeId to, EventRef cause) {
  for (auto& [key, connection] : connections_) {
    const NodeId a = connection.ends[0].node;
    const NodeId b = connection.ends[1].node;
    const bool concerned =
        to == no_node ? a == from || b == from : (a == from && b == to) || (a == to && b == from);
    if (!concerned || a == b) continue;
    break_end(key, 0, "reset", cause);
    break_end(key, 1, "reset", cause);
  }
}

void Sandbox::State::kill_connections(const FaultTable::Placed& placed) {
  for (auto& [key, connection] : connections_) {
    if (!connection.ends[0].is_open || !connection.ends[1].is_open) continue;
    for (const int side : {0, 1}) {
      const NodeId sender = connection.ends[side].node;
      const NodeId receiver = connection.ends[1 - side].node;
      const auto is_to = [&](NodeId node) { return placed.to == no_node || placed.to == node; };
      const bool is_there = sender == placed.from && is_to(receiver);
      const bool is_back = !placed.fault.one_way && receiver == placed.from && is_to(sender);
      if (sender == receiver || (!is_there && !is_back)) continue;
      connection.is_dead[side] = true;
      // What was on its way does not arrive either, and tells nobody when its time comes.
      if (!connection.pipes[side].empty()) schedule_arrival(key, side, connection.pipes[side].next_arrival());
    }
  }
}

// ---- slow nodes -------------------------------------------------------------------------------------------

bool Sandbox::State::waits_for_its_turn(Member& member, const Queue::Entry& entry) {
  if (member.has_turn || !member.is_alive()) return false;
  const bool is_free = member.deferred.empty() && now_ >= member.is_busy_until;
  if (member.faults.step_time <= Duration{} && is_free) return false;
  member.deferred.push_back(entry);
  await_turn(member);
  return true;
}

void Sandbox::State::await_turn(Member& member) {
  if (member.awaits_turn) return;
  member.awaits_turn = true;
  queue_.add(std::max(now_, member.is_busy_until) + member.faults.step_time, Rank::arrival,
             {Happening::Kind::next_turn, 0, member.runner.id(), member.runner.incarnation()});
}

void Sandbox::State::on_next_turn(const Happening& what) {
  Member* member = find(what.node);
  if (member == nullptr || !member->is_alive() || member->runner.incarnation() != what.id) return;
  member->awaits_turn = false;
  if (member->state == NodeState::paused) return;
  const uint64_t before = steps_;
  // What has nothing left to do by now (its frames came with an earlier one) takes no time.
  while (!member->deferred.empty() && steps_ == before) {
    const Queue::Entry entry = member->deferred.front();
    member->deferred.pop_front();
    member->has_turn = true;
    handle(entry);
    member = find(what.node);
    if (member == nullptr) return;
    member->has_turn = false;
  }
  if (!member->deferred.empty() && member->is_alive() && member->state != NodeState::paused)
    await_turn(*member);
}

void Sandbox::State::take_deferred_now(Member& member) {
  for (const Queue::Entry& entry : std::exchange(member.deferred, {})) {
    queue_.add(now_, entry.rank(), entry.payload);
  }
}

}  // namespace brokerlab
