// The clock of the live driver: lab time runs at `speed` times real time, or stands still.
//
// A value with explicit real time in every call: the driver reads the machine's monotonic clock, and tests
// need none. Invariants: lab time never goes back; changing speed or pausing does not move it.
#pragma once

#include "sim/base/time.h"
#include "sim/time/speed.h"

namespace brokerlab {

/// A point on the machine's monotonic clock, in nanoseconds from an arbitrary zero. Not lab time.
struct RealInstant {
  int64_t nanoseconds = 0;
  friend auto operator<=>(const RealInstant&, const RealInstant&) = default;
};

class ScaledClock {
 public:
  /// Lab time is zero at `real_start`.
  explicit ScaledClock(RealInstant real_start, Speed speed = {}) : real_base_(real_start), speed_(speed) {}

  Instant now(RealInstant real) const;
  /// When the lab clock will show `at`, if nothing changes: `real` itself for the past; the far future while
  /// paused. Never early.
  RealInstant real_time_of(Instant at, RealInstant real) const;

  void set_speed(Speed speed, RealInstant real);
  void pause(RealInstant real);
  void resume(RealInstant real);
  Speed speed() const { return speed_; }
  bool is_paused() const { return paused_; }

 private:
  void rebase(RealInstant real);

  RealInstant real_base_;
  Instant lab_base_;
  Speed speed_;
  bool paused_ = false;
};

inline constexpr RealInstant real_never{INT64_MAX};

}  // namespace brokerlab
