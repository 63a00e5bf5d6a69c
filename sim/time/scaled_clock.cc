#include "sim/time/scaled_clock.h"

#include <algorithm>

namespace brokerlab {

// 64 bits of nanoseconds times 10,000 would overflow after 10 days of real time; whole and rest of the
// division by 100 are scaled apart, which is exact and lasts a year at 100x.
Instant ScaledClock::now(RealInstant real) const {
  if (paused_) return lab_base_;
  const int64_t elapsed = std::max<int64_t>(0, real.nanoseconds - real_base_.nanoseconds);
  const int64_t scaled = elapsed / 100 * speed_.hundredths + elapsed % 100 * speed_.hundredths / 100;
  return {lab_base_.nanoseconds + scaled};
}

RealInstant ScaledClock::real_time_of(Instant at, RealInstant real) const {
  if (at <= now(real)) return real;
  if (paused_ || at == never) return real_never;
  const int64_t ahead = at.nanoseconds - lab_base_.nanoseconds;
  const int64_t per = speed_.hundredths;
  // Rounded up, so that the clock shows at least `at` by then.
  const int64_t whole = ahead / per;
  if (whole > (INT64_MAX - real_base_.nanoseconds) / 100 - 100) return real_never;
  return {real_base_.nanoseconds + whole * 100 + (ahead % per * 100 + per - 1) / per};
}

void ScaledClock::rebase(RealInstant real) {
  lab_base_ = now(real);
  real_base_ = std::max(real, real_base_);
}

void ScaledClock::set_speed(Speed speed, RealInstant real) {
  rebase(real);
  speed_ = speed;
}

void ScaledClock::pause(RealInstant real) {
  rebase(real);
  paused_ = true;
}

void ScaledClock::resume(RealInstant real) {
  rebase(real);
  paused_ = false;
}

}  // namespace brokerlab
