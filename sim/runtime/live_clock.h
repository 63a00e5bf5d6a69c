// The scaled clock of a live lab, shared by its threads.
#pragma once

#include <cstdint>
#include <mutex>

#include "sim/base/time.h"
#include "sim/time/scaled_clock.h"

namespace brokerlab {

class LiveClock {
 public:
  explicit LiveClock(Speed speed);

  static RealInstant real_now();
  Now now() const;
  /// When the clock will show `at`; `real_never` while paused.
  RealInstant real_time_of(Instant at) const;
  Speed speed() const;
  bool is_paused() const;

  void set_speed(Speed speed);
  void pause();
  void resume();
  /// Runs on until somebody claims a delivery, and stands still from then on.
  void step();
  /// Whether a frame may be handed over now. While the clock steps, the first who asks ends the step.
  bool claim_delivery();
  /// The same without ending a step: for what is no delivery between nodes of the lab.
  bool is_running() const;

 private:
  mutable std::mutex mutex_;
  ScaledClock clock_;
  bool is_stepping_ = false;
  int64_t wall_start_ms_;
};

}  // namespace brokerlab
