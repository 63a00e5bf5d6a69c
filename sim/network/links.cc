#include "sim/network/links.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

struct Unit {
  std::string_view name;
  int64_t nanoseconds;
};
constexpr Unit units[] = {{"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}};

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

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

std::string Fault::to_string() const {
  std::string text = kind == Kind::cut ? "cut " : "slow ";
  text += from;
  if (!to.empty()) text += (one_way ? " to " : " ") + to;
  if (kind == Kind::slow) {
    text += " " + brokerlab::to_string(latency.base);
    if (latency.jitter > Duration{}) text += " jitter " + brokerlab::to_string(latency.jitter);
  }
  return text;
}

Result<Fault> parse_fault(std::string_view text) {
  constexpr std::string_view usage = "a fault is `cut A [to] B` or `slow A [to] B 50ms [jitter 10ms]`";
  std::vector<std::string_view> words = words_of(text);
  if (words.size() < 2 || (words[0] != "cut" && words[0] != "slow")) return refused(text, usage);
  Fault fault;
  fault.kind = words[0] == "cut" ? Fault::Kind::cut : Fault::Kind::slow;
  fault.from = words[1];
  words.erase(words.begin(), words.begin() + 2);
  if (fault.kind == Fault::Kind::slow) {
    if (words.size() >= 2 && words[words.size() - 2] == "jitter") {
      Result<Duration> jitter = parse_duration(words.back());
      if (!jitter) return jitter.status();
      fault.latency.jitter = *jitter;
      words.erase(words.end() - 2, words.end());
    }
    if (words.empty()) return refused(text, usage);
    Result<Duration> base = parse_duration(words.back());
    if (!base) return base.status();
    fault.latency.base = *base;
    words.pop_back();
  }
  if (!words.empty() && words.front() == "to") {
    fault.one_way = true;
    words.erase(words.begin());
    if (words.empty()) return refused(text, usage);
  }
  if (words.size() > 1) return refused(text, usage);
  if (!words.empty()) fault.to = words.front();
  if (fault.to == fault.from) return refused(text, "a node has no link to itself");
  return fault;
}

bool Links::Placed::concerns(NodeId sender, NodeId receiver) const {
  const auto is = [](NodeId named, NodeId other) { return named == no_node || named == other; };
  if (from == sender && is(to, receiver)) return true;
  return !fault.one_way && from == receiver && is(to, sender);
}

void Links::set(Fault fault, NodeId from, NodeId to) {
  BROKERLAB_ASSERT(from != no_node && from != to);
  std::erase_if(faults_, [&](const Placed& placed) {
    return placed.fault.kind == fault.kind && placed.from == from && placed.to == to &&
           placed.fault.one_way == fault.one_way;
  });
  faults_.push_back({std::move(fault), from, to});
}

std::vector<Fault> Links::heal() {
  std::vector<Fault> healed = faults();
  faults_.clear();
  return healed;
}

std::vector<Fault> Links::heal(NodeId from, NodeId to) {
  std::vector<Fault> healed;
  std::erase_if(faults_, [&](const Placed& placed) {
    const bool here =
        to == no_node ? placed.from == from || placed.to == from
                      : (placed.from == from && placed.to == to) || (placed.from == to && placed.to == from);
    if (here) healed.push_back(placed.fault);
    return here;
  });
  return healed;
}

std::vector<Fault> Links::faults() const {
  std::vector<Fault> faults;
  for (const Placed& placed : faults_) faults.push_back(placed.fault);
  return faults;
}

bool Links::is_cut(NodeId from, NodeId to) const {
  if (from == to) return false;
  return std::any_of(faults_.begin(), faults_.end(), [&](const Placed& placed) {
    return placed.fault.kind == Fault::Kind::cut && placed.concerns(from, to);
  });
}

Duration Links::draw_latency(NodeId from, NodeId to) {
  if (from == to) return {};
  LatencyModel model = normal_;
  for (const Placed& placed : faults_) {  // the last one set wins
    if (placed.fault.kind == Fault::Kind::slow && placed.concerns(from, to)) model = placed.fault.latency;
  }
  if (model.jitter <= Duration{}) return model.base;
  const uint64_t label = uint64_t{from.value} << 32 | to.value;
  Random& stream = jitter_.try_emplace({from, to}, random_.fork(label)).first->second;
  return model.base + Duration{stream.between(0, model.jitter.nanoseconds)};
}

}  // namespace brokerlab
