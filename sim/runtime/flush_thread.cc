#include "sim/runtime/flush_thread.h"

#include <utility>

namespace brokerlab {

FlushThread::FlushThread() : thread_([this] { loop(); }) {}

FlushThread::~FlushThread() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  asked_.notify_one();
  thread_.join();
}

void FlushThread::run(std::function<void()> flush) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(flush));
  }
  asked_.notify_one();
}

void FlushThread::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    asked_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::function<void()> flush = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    flush();
    lock.lock();
  }
}

}  // namespace brokerlab
