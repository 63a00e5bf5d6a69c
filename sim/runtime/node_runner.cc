#include "sim/runtime/node_runner.h"

#include <iterator>

#include "sim/base/assert.h"
#include "sim/base/random.h"
#include "sim/runtime/record.h"

namespace brokerlab {

NodeRunner NodeRunner::clone(Journal* journal) const {
  BROKERLAB_ASSERT(events_.empty());
  NodeRunner copy(id_, spec_, journal);
  if (node_ != nullptr) copy.node_ = node_->clone();
  copy.timers = timers;
  copy.incarnation_ = incarnation_;
  copy.next_sequence_ = next_sequence_;
  copy.next_incoming_ = next_incoming_;
  copy.started_ = started_;
  return copy;
}

void NodeRunner::create(Instant at, const ClusterSpec& cluster, EventRef cause) {
  BROKERLAB_ASSERT(!is_alive());
  ++incarnation_;
  Boot boot;
  boot.id = id_;
  boot.name = spec_.name;
  boot.incarnation = incarnation_;
  boot.seed = Random(cluster.seed).fork(uint64_t{id_.value} << 32 | incarnation_).next();
  node_ = spec_.factory(boot, cluster);
  BROKERLAB_ASSERT_THAT(node_ != nullptr, spec_.name);
  if (recorder_ != nullptr) recorder_->created(at, cause);
  started_ = emit(at, event::NodeStarted{incarnation_}, cause);
}

void NodeRunner::destroy() {
  if (recorder_ != nullptr) recorder_->destroyed();
  node_.reset();
  timers = TimerSet();
}

Effects NodeRunner::step(const Now& now, const Input& input, EventRef cause, Disk* disk) {
  BROKERLAB_ASSERT(is_alive());
  if (recorder_ != nullptr) disk = recorder_->watch(disk);
  Effects effects(id_, now.monotonic, next_sequence_, cause, disk);
  node_->step(now, input, effects);
  if (recorder_ != nullptr) recorder_->stepped(now, input, cause);
  next_sequence_ = effects.next_sequence();
  for (const Effects::SetTimer& set : effects.timers) timers.set(set.timer, set.deadline, cause);
  return effects;
}

void NodeRunner::keep(Effects& effects) {
  if (recorder_ != nullptr) recorder_->kept(effects.events);
  events_.insert(events_.end(), std::make_move_iterator(effects.events.begin()),
                 std::make_move_iterator(effects.events.end()));
  effects.events.clear();
}

EventRef NodeRunner::emit(Instant at, EventPayload payload, EventRef cause) {
  Event event;
  event.ref = {id_, next_sequence_++};
  event.cause = cause;
  event.at = at;
  event.payload = std::move(payload);
  const EventRef ref = event.ref;
  if (recorder_ != nullptr) recorder_->emitted(event);
  events_.push_back(std::move(event));
  return ref;
}

void NodeRunner::publish() {
  if (recorder_ != nullptr) recorder_->publish();
  if (events_.empty()) return;
  journal_->append(events_);
  events_.clear();
}

}  // namespace brokerlab
