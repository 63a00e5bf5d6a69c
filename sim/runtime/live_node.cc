#include "sim/runtime/live_node.h"

#include "sim/runtime/live_thread.h"

namespace brokerlab {

NodeStatusBoard::Content NodeStatusBoard::read() const {
  const std::lock_guard lock(mutex_);
  return content_;
}

Result<std::unique_ptr<LiveNode>> LiveNode::start(LiveEnvironment& environment, LiveMember& member,
                                                  EventRef cause) {
  std::unique_ptr<LiveNode> node(new LiveNode(environment, member, cause));
  if (Status listening = node->thread_->listen(); !listening) return listening;
  node->thread_->launch();
  return node;
}

LiveNode::LiveNode(LiveEnvironment& environment, LiveMember& member, EventRef cause)
    : thread_(std::make_unique<Thread>(this, environment, member, cause)) {}
LiveNode::~LiveNode() {
  thread_->kill({});
  thread_->join();
}
bool LiveNode::has_ended() const { return thread_->has_left(); }
NodeId LiveNode::id() const { return thread_->id(); }
void LiveNode::give(Input input, EventRef cause) { thread_->give(std::move(input), cause); }
void LiveNode::pause(EventRef cause) { thread_->pause(cause); }
void LiveNode::resume(EventRef cause) { thread_->resume(cause); }
void LiveNode::kill(EventRef cause) { thread_->kill(cause); }
void LiveNode::reset_connections(NodeId peer, EventRef cause) { thread_->reset_connections(peer, cause); }
void LiveNode::note(EventPayload payload, EventRef cause) { thread_->note(std::move(payload), cause); }
void LiveNode::poke() { thread_->poke(); }
void LiveNode::want_snapshot() { thread_->want_snapshot(); }
void LiveNode::wait_for_end() { thread_->wait_for_end(); }
bool LiveNode::wait_for_end(std::chrono::milliseconds limit) { return thread_->wait_for_end(limit); }

}  // namespace brokerlab
