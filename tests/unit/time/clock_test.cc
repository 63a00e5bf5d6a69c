#include <doctest/doctest.h>

#include "sim/time/event_queue.h"
#include "sim/time/scaled_clock.h"
#include "sim/time/timer_set.h"

using namespace brokerlab;

namespace {
constexpr RealInstant real_ms(int64_t n) { return {n * 1'000'000}; }
constexpr Instant lab_ms(int64_t n) { return {n * 1'000'000}; }
}  // namespace

TEST_CASE("scaled clock: lab time is real time multiplied by the speed") {
  for (const int32_t hundredths : {1, 33, 100, 250, 10'000}) {
    const ScaledClock clock(real_ms(5), Speed{hundredths});
    CHECK(clock.now(real_ms(5)) == Instant{});
    CHECK(clock.now(real_ms(4)) == Instant{});
    CHECK(clock.now(real_ms(105)) == Instant{int64_t{hundredths} * 1'000'000});
  }
}

TEST_CASE("scaled clock: a change of speed does not move lab time, a pause stops it") {
  ScaledClock clock(real_ms(0));
  clock.set_speed({10'000}, real_ms(10));
  CHECK(clock.now(real_ms(10)) == lab_ms(10));
  CHECK(clock.now(real_ms(11)) == lab_ms(110));
  clock.pause(real_ms(11));
  CHECK(clock.now(real_ms(5'000)) == lab_ms(110));
  CHECK(clock.real_time_of(lab_ms(111), real_ms(5'000)) == real_never);
  clock.set_speed({50}, real_ms(5'000));
  clock.resume(real_ms(6'000));
  CHECK(clock.now(real_ms(6'010)) == lab_ms(115));
}

TEST_CASE("scaled clock: the real time of an instant is the first at which the clock shows it") {
  for (const int32_t hundredths : {1, 3, 99, 100, 101, 700, 10'000}) {
    ScaledClock clock({12'345}, Speed{hundredths});
    clock.set_speed({hundredths}, {12'400});
    for (const int64_t ahead : {1, 2, 99, 100, 101, 7'777, 1'000'000'007}) {
      const Instant at = clock.now({12'400}) + Duration{ahead};
      const RealInstant real = clock.real_time_of(at, {12'400});
      CHECK(clock.now(real) >= at);
      CHECK(clock.now({real.nanoseconds - 1}) < at);
    }
  }
  const ScaledClock clock({0}, slowest);
  CHECK(clock.real_time_of(never, {0}) == real_never);
  CHECK(clock.real_time_of(Instant{INT64_MAX - 1}, {0}) == real_never);
  CHECK(clock.real_time_of(Instant{-5}, {17}) == RealInstant{17});
}

TEST_CASE("speed: its text") {
  CHECK(Speed{}.to_string() == "1x");
  CHECK(Speed{25}.to_string() == "0.25x");
  CHECK(Speed{150}.to_string() == "1.5x");
  CHECK(Speed{10'000}.to_string() == "100x");
  for (const char* text : {"1", "0.01x", "0.25x", "1.5x", "100x"}) {
    CHECK(Speed::parse(text).ok());
  }
  CHECK(Speed::parse("0.5")->hundredths == 50);
  CHECK(Speed::parse(".5x")->hundredths == 50);
  for (const char* text :
       {"", "x", "0", "0.001", "101", "-1", "1e3", "1.2.3", "fast", "99999999999999999999"}) {
    CHECK_FALSE(Speed::parse(text).ok());
  }
}

TEST_CASE("event queue: by deadline, then arrivals before timers, then in order of adding") {
  EventQueue<int> queue;
  queue.add(lab_ms(2), Rank::timer, 1);
  queue.add(lab_ms(2), Rank::arrival, 2);
  queue.add(lab_ms(1), Rank::timer, 3);
  queue.add(lab_ms(2), Rank::arrival, 4);
  queue.add(lab_ms(2), Rank::timer, 5);
  std::vector<int> order;
  while (!queue.empty()) order.push_back(queue.take().payload);
  CHECK(order == std::vector<int>{3, 2, 4, 1, 5});
}

TEST_CASE("event queue: a thousand entries of one instant come in the order of adding") {
  EventQueue<int> queue;
  for (int i = 0; i < 1000; ++i) queue.add(lab_ms(i % 3), Rank::arrival, i);
  int last = -1;
  for (int i = 0; i < 1000; ++i) {
    const auto entry = queue.take();
    const int place = entry.payload % 3 * 1000 + entry.payload / 3;
    CHECK(place > last);
    last = place;
  }
}

TEST_CASE(
    "timer set: due timers come by deadline and then in order of setting; moved and cancelled ones not") {
  TimerSet timers;
  const EventRef why{NodeId{1}, 7};
  timers.set({1, 1}, lab_ms(5), {});
  timers.set({1, 2}, lab_ms(3), why);
  timers.set({1, 3}, lab_ms(5), {});
  timers.set({2, 1}, lab_ms(4), {});
  timers.set({1, 1}, lab_ms(5), {});  // set again: now behind {1, 3}
  timers.set({2, 1}, never, {});
  timers.set({9, 9}, never, {});
  CHECK(timers.next_deadline() == lab_ms(3));
  CHECK_FALSE(timers.take_due(lab_ms(2)));
  const std::optional<TimerSet::Due> first = timers.take_due(lab_ms(5));
  REQUIRE(first);
  CHECK(first->timer == TimerKey{1, 2});
  CHECK(first->set_by == why);
  CHECK(timers.take_due(lab_ms(5))->timer == TimerKey{1, 3});
  CHECK(timers.take_due(lab_ms(5))->timer == TimerKey{1, 1});
  CHECK_FALSE(timers.take_due(lab_ms(100)));
  CHECK(timers.next_deadline() == never);
}
