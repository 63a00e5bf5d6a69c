#include "sim/runtime/live_clock.h"

#include <chrono>

namespace brokerlab {

LiveClock::LiveClock(Speed speed)
    : clock_(real_now(), speed),
      wall_start_ms_(std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count()) {}

RealInstant LiveClock::real_now() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(
              std::chrono::steady_clock::now().time_since_epoch())
              .count()};
}

Now LiveClock::now() const {
  const std::lock_guard lock(mutex_);
  const Instant monotonic = clock_.now(real_now());
  return {monotonic, wall_start_ms_ + monotonic.milliseconds()};
}

RealInstant LiveClock::real_time_of(Instant at) const {
  const std::lock_guard lock(mutex_);
  return clock_.real_time_of(at, real_now());
}

Speed LiveClock::speed() const {
  const std::lock_guard lock(mutex_);
  return clock_.speed();
}

bool LiveClock::is_paused() const {
  const std::lock_guard lock(mutex_);
  return clock_.is_paused();
}

void LiveClock::set_speed(Speed speed) {
  const std::lock_guard lock(mutex_);
  clock_.set_speed(speed, real_now());
}

void LiveClock::pause() {
  const std::lock_guard lock(mutex_);
  is_stepping_ = false;
  clock_.pause(real_now());
}

void LiveClock::resume() {
  const std::lock_guard lock(mutex_);
  is_stepping_ = false;
  clock_.resume(real_now());
}

void LiveClock::step() {
  const std::lock_guard lock(mutex_);
  if (!clock_.is_paused()) return;
  is_stepping_ = true;
  clock_.resume(real_now());
}

bool LiveClock::claim_delivery() {
  const std::lock_guard lock(mutex_);
  if (clock_.is_paused()) return false;
  if (is_stepping_) {
    is_stepping_ = false;
    clock_.pause(real_now());
  }
  return true;
}

bool LiveClock::is_running() const {
  const std::lock_guard lock(mutex_);
  return !clock_.is_paused();
}

}  // namespace brokerlab
