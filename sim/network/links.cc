#include "sim/network/links.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace brokerlab {

namespace {

struct Unit {
  std::string_view name;
  int64_t nanoseconds;
};
constexpr Unit units[] = {{"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}};

Status refused(std::string_view text, std::string_view why) {
  return Status::error(StatusCode::invalid, fmt::format("{}: {}", text, why));
}

}  // namespace

std::string to_string(Duration duration) {
  std::string text = "0s";
  for (const Unit& unit : units) {
    if (duration.nanoseconds != 0 && duration.nanoseconds % unit.nanoseconds == 0) {
      text = fmt::format("{}{}", duration.nanoseconds / unit.nanoseconds, unit.name);
    }
  }
  return text;
}

Result<Duration> parse_duration(std::string_view text) {
  int64_t number = 0;
  const char* const last = text.data() + text.size();
  auto [end, error] = std::from_chars(text.data(), last, number);
  // A fraction, digit by digit: no floating point decides an instant.
  std::string_view fraction;
  if (error == std::errc{} && end != last && *end == '.') {
    const char* const first = end + 1;
    end = std::find_if_not(first, last, [](char c) { return c >= '0' && c <= '9'; });
    fraction = {first, static_cast<size_t>(end - first)};
    if (fraction.empty()) error = std::errc::invalid_argument;
  }
  const std::string_view unit_name(end, static_cast<size_t>(last - end));
  const auto* unit = std::find_if(std::begin(units), std::end(units),
                                  [&](const Unit& known) { return known.name == unit_name; });
  if (error != std::errc{} || unit == std::end(units) || number < 0 ||
      number >= INT64_MAX / unit->nanoseconds) {
    return refused(text, "a duration is a number with its unit: 300us, 50ms, 2.5s");
  }
  int64_t nanoseconds = number * unit->nanoseconds;
  for (int64_t worth = unit->nanoseconds / 10; const char digit : fraction) {
    nanoseconds += (digit - '0') * worth;
    worth /= 10;
  }
  return Duration{nanoseconds};
}

namespace {

bool concerns(const LinkFault& fault, NodeId sender, NodeId receiver) {
  const auto is = [](NodeId named, NodeId other) { return named == no_node || named == other; };
  if (fault.from == sender && is(fault.to, receiver)) return true;
  return !fault.one_way && fault.from == receiver && is(fault.to, sender);
}

bool flaps(const LinkFault& fault) { return fault.period > Duration{}; }

}  // namespace

bool Links::is_cut(NodeId from, NodeId to, Instant now) const {
  if (from == to) return false;
  return std::any_of(faults_.begin(), faults_.end(), [&](const LinkFault& fault) {
    if (fault.kind != LinkFault::Kind::cut || !concerns(fault, from, to)) return false;
    return !flaps(fault) ||
           (now - fault.since).nanoseconds % fault.period.nanoseconds < fault.period.nanoseconds / 2;
  });
}

Instant Links::next_change(Instant now) const {
  Instant next = never;
  for (const LinkFault& fault : faults_) {
    if (!flaps(fault)) continue;
    const int64_t half = fault.period.nanoseconds / 2;
    const Duration into{(now - fault.since).nanoseconds % fault.period.nanoseconds};
    next = std::min(next, now + (Duration{into.nanoseconds < half ? half : fault.period.nanoseconds} - into));
  }
  return next;
}

Duration Links::draw_latency(NodeId from, NodeId to) {
  if (from == to) return {};
  LatencyModel model = normal_;
  for (const LinkFault& fault : faults_) {
    if (fault.kind == LinkFault::Kind::slow && concerns(fault, from, to)) model = fault.latency;
  }
  if (model.jitter <= Duration{}) return model.base;
  const uint64_t label = uint64_t{from.value} << 32 | to.value;
  Random& stream = jitter_.try_emplace({from, to}, random_.fork(label)).first->second;
  return model.base + Duration{stream.between(0, model.jitter.nanoseconds)};
}

Duration Links::transmission(NodeId from, NodeId to, uint64_t bytes, Instant now) {
  if (from == to) return {};
  uint64_t rate = 0;
  for (const LinkFault& fault : faults_) {
    if (fault.kind == LinkFault::Kind::throttle && concerns(fault, from, to)) rate = fault.bytes_per_second;
  }
  if (rate == 0) return {};
  constexpr uint64_t second = 1'000'000'000;
  const Duration takes{static_cast<int64_t>(bytes / rate * second + bytes % rate * second / rate)};
  Instant& is_busy_until = is_busy_until_[{from, to}];
  is_busy_until = std::max(is_busy_until, now) + takes;
  return is_busy_until - now;
}

}  // namespace brokerlab
