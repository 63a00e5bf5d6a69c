#include "sim/runtime/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace brokerlab {

namespace {

using Kind = Fault::Kind;

enum class Parameter : uint8_t { none, latency, time, signed_time, rate, ppm, partition };

struct Spec {
  Kind kind;
  std::string_view name;
  bool is_of_link;
  bool is_momentary;
  Parameter parameter;
  std::string_view usage;
};

constexpr Spec specs[] = {
    {Kind::cut, "cut", true, false, Parameter::none, "cut NODE [[to] NODE]"},
    {Kind::flap, "flap", true, false, Parameter::time, "flap NODE [[to] NODE] 2s"},
    {Kind::slow, "slow", true, false, Parameter::latency, "slow NODE [[to] NODE] 50ms [jitter 10ms]"},
    {Kind::throttle, "throttle", true, false, Parameter::rate, "throttle NODE [[to] NODE] 64KB/s"},
    {Kind::half_open, "half-open", true, true, Parameter::none, "half-open NODE [[to] NODE]"},
    {Kind::reset, "reset", true, true, Parameter::none, "reset NODE [NODE]"},
    {Kind::slow_cpu, "slow-cpu", false, false, Parameter::time, "slow-cpu NODE 5ms"},
    {Kind::power_loss, "power-loss", false, true, Parameter::none, "power-loss NODE"},
    {Kind::clock_skew, "clock-skew", false, false, Parameter::signed_time, "clock-skew NODE -2s"},
    {Kind::clock_jump, "clock-jump", false, false, Parameter::signed_time, "clock-jump NODE +60s"},
    {Kind::clock_drift, "clock-drift", false, false, Parameter::ppm, "clock-drift NODE 200ppm"},
    {Kind::slow_disk, "slow-disk", false, false, Parameter::time, "slow-disk NODE 50ms"},
    {Kind::io_error, "io-error", false, false, Parameter::none, "io-error NODE"},
    {Kind::fsync_failure, "fsync-failure", false, false, Parameter::none, "fsync-failure NODE"},
    {Kind::disk_full, "disk-full", false, false, Parameter::none, "disk-full NODE"},
    {Kind::torn_write, "torn-write", false, false, Parameter::none, "torn-write NODE"},
    {Kind::bit_flip, "bit-flip", false, true, Parameter::partition,
     "bit-flip NODE [TOPIC-PARTITION|records]"},
    {Kind::wipe_disk, "wipe-disk", false, true, Parameter::none, "wipe-disk NODE"},
};

const Spec& spec_of(Kind kind) {
  return *std::find_if(std::begin(specs), std::end(specs),
                       [&](const Spec& spec) { return spec.kind == kind; });
}

using Words = std::vector<std::string_view>;

Words words_of(std::string_view text) {
  Words words;
  while (true) {
    const size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

Status refused(std::string message, std::string korean) {
  return Status::error(StatusCode::invalid, std::move(message), std::move(korean));
}

Status wrong_usage(std::string_view text, std::string_view usage) {
  return refused(fmt::format("{}: it is said as {}", text, usage),
                 fmt::format("{}: 이렇게 씁니다: {}", text, usage));
}

Status no_link_to_itself(std::string_view text) {
  return refused(fmt::format("{}: a node has no link to itself", text),
                 fmt::format("{}: 자기 자신과의 링크는 없습니다", text));
}

/// What a period, a cost or a clock may be at most: instants stay far from overflow.
constexpr Duration longest = seconds(366LL * 24 * 3600);

Result<Duration> parse_time(std::string_view word) {
  const Result<Duration> time = parse_duration(word);
  if (!time)
    return refused(fmt::format("{}: a duration is a number with its unit: 300us, 50ms, 2.5s", word),
                   fmt::format("{}: 시간은 단위를 붙여 씁니다. 예: 300us, 50ms, 2.5s", word));
  if (*time > longest)
    return refused(fmt::format("{}: longer than a year", word), fmt::format("{}: 1년을 넘습니다", word));
  return time;
}

/// "+2s", "-500ms", "2s".
Result<Duration> parse_signed_time(std::string_view word) {
  const bool is_negative = word.starts_with('-');
  Result<Duration> time = parse_time(is_negative || word.starts_with('+') ? word.substr(1) : word);
  if (time && is_negative) time->nanoseconds = -time->nanoseconds;
  return time;
}

struct RateUnit {
  std::string_view name;
  uint64_t bytes_per_second;
};
constexpr RateUnit rate_units[] = {{"B/s", 1}, {"KB/s", 1'000}, {"MB/s", 1'000'000}};

Result<uint64_t> parse_rate(std::string_view word) {
  uint64_t number = 0;
  const char* const last = word.data() + word.size();
  const auto [end, error] = std::from_chars(word.data(), last, number);
  const std::string_view unit_name(end, static_cast<size_t>(last - end));
  const auto* unit = std::find_if(std::begin(rate_units), std::end(rate_units),
                                  [&](const RateUnit& known) { return known.name == unit_name; });
  constexpr uint64_t highest = 1'000'000'000'000;
  if (error != std::errc{} || unit == std::end(rate_units) || number == 0 ||
      number > highest / unit->bytes_per_second)
    return refused(fmt::format("{}: a rate is a number with its unit: 500B/s, 64KB/s, 1MB/s", word),
                   fmt::format("{}: 속도는 단위를 붙여 씁니다. 예: 500B/s, 64KB/s, 1MB/s", word));
  return number * unit->bytes_per_second;
}

std::string rate_text(uint64_t bytes_per_second) {
  std::string text;
  for (const RateUnit& unit : rate_units) {
    if (bytes_per_second % unit.bytes_per_second == 0)
      text = fmt::format("{}{}", bytes_per_second / unit.bytes_per_second, unit.name);
  }
  return text;
}

Result<int64_t> parse_ppm(std::string_view word) {
  constexpr int64_t highest = 500'000;
  constexpr std::string_view unit = "ppm";
  int64_t number = 0;
  const std::string_view digits = word.starts_with('+') ? word.substr(1) : word;
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, number);
  if (error != std::errc{} || std::string_view(end, static_cast<size_t>(last - end)) != unit || number == 0 ||
      number < -highest || number > highest)
    return refused(fmt::format("{}: a drift is -500000ppm to 500000ppm: microseconds a second", word),
                   fmt::format("{}: 드리프트는 -500000ppm~500000ppm입니다(초당 마이크로초)", word));
  return number;
}

std::string signed_text(Duration time) { return (time >= Duration{} ? "+" : "") + to_string(time); }

/// Takes the parameter off the end of `words`.
Status take_parameter(Parameter parameter, Words& words, Fault& fault) {
  const std::string_view last = words.back();
  Status status;
  switch (parameter) {
    case Parameter::none:
    case Parameter::partition:
      return {};
    case Parameter::latency: {
      if (words.size() >= 2 && words[words.size() - 2] == "jitter") {
        const Result<Duration> jitter = parse_time(last);
        if (!jitter) return jitter.status();
        fault.latency.jitter = *jitter;
        words.resize(words.size() - 2);
      }
      if (words.empty()) return refused("jitter: of what?", "jitter 앞에 지연 시간이 필요합니다");
      const Result<Duration> base = parse_time(words.back());
      status = base.status();
      if (base) fault.latency.base = *base;
      break;
    }
    case Parameter::time: {
      const Result<Duration> time = parse_time(last);
      status = time.status();
      if (time) fault.time = *time;
      break;
    }
    case Parameter::signed_time: {
      const Result<Duration> time = parse_signed_time(last);
      status = time.status();
      if (time) fault.time = *time;
      break;
    }
    case Parameter::rate: {
      const Result<uint64_t> rate = parse_rate(last);
      status = rate.status();
      if (rate) fault.bytes_per_second = *rate;
      break;
    }
    case Parameter::ppm: {
      const Result<int64_t> ppm = parse_ppm(last);
      status = ppm.status();
      if (ppm) fault.ppm = *ppm;
      break;
    }
  }
  words.pop_back();
  return status;
}

Fault cut_between(std::string_view from, std::string_view to, bool one_way) {
  Fault fault;
  fault.from = from;
  fault.to = to;
  fault.one_way = one_way;
  return fault;
}

Result<std::vector<Fault>> parse_partition(std::string_view text, std::span<const std::string_view> words) {
  constexpr std::string_view usage = "partition NODE... | NODE..., partition NODE... to NODE...";
  const auto middle = std::find_if(words.begin(), words.end(),
                                   [](std::string_view word) { return word == "|" || word == "to"; });
  if (middle == words.end() || middle == words.begin() || middle + 1 == words.end())
    return wrong_usage(text, usage);
  std::vector<Fault> cuts;
  for (auto from = words.begin(); from != middle; ++from) {
    for (auto to = middle + 1; to != words.end(); ++to) {
      if (*to == "|" || *to == "to") return wrong_usage(text, usage);
      if (*from == *to) return no_link_to_itself(text);
      cuts.push_back(cut_between(*from, *to, *middle == "to"));
    }
  }
  return cuts;
}

}  // namespace

std::string_view name_of(Kind kind) { return spec_of(kind).name; }
bool is_momentary(Kind kind) { return spec_of(kind).is_momentary; }
bool is_of_link(Kind kind) { return spec_of(kind).is_of_link; }
bool is_of_disk(Kind kind) { return kind == Kind::power_loss || kind >= Kind::slow_disk; }

std::optional<Kind> fault_kind(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(specs), std::end(specs), [&](const Spec& spec) { return spec.name == name; });
  return found == std::end(specs) ? std::nullopt : std::optional(found->kind);
}

std::string Fault::to_string() const {
  const Spec& spec = spec_of(kind);
  std::string text = fmt::format("{} {}", spec.name, from);
  if (!to.empty()) text += (one_way ? " to " : " ") + to;
  switch (spec.parameter) {
    case Parameter::none:
      break;
    case Parameter::latency:
      text += " " + brokerlab::to_string(latency.base);
      if (latency.jitter > Duration{}) text += " jitter " + brokerlab::to_string(latency.jitter);
      break;
    case Parameter::time:
      text += " " + brokerlab::to_string(time);
      break;
    case Parameter::signed_time:
      text += " " + signed_text(time);
      break;
    case Parameter::rate:
      text += " " + rate_text(bytes_per_second);
      break;
    case Parameter::ppm:
      text += fmt::format(" {}ppm", ppm);
      break;
    case Parameter::partition:
      if (!partition.empty()) text += " " + partition;
      break;
  }
  return text;
}

Result<Fault> parse_fault(std::string_view text) {
  Words words = words_of(text);
  const std::optional<Kind> kind = words.empty() ? std::nullopt : fault_kind(words.front());
  if (!kind)
    return refused(fmt::format("\"{}\" is no fault", text),
                   fmt::format("\"{}\": 그런 장애는 없습니다", text));
  const Spec& spec = spec_of(*kind);
  Fault fault;
  fault.kind = *kind;
  words.erase(words.begin());
  const bool needs_parameter = spec.parameter != Parameter::none && spec.parameter != Parameter::partition;
  if (words.size() < (needs_parameter ? 2 : 1)) return wrong_usage(text, spec.usage);
  if (Status taken = take_parameter(spec.parameter, words, fault); !taken) return taken;
  if (words.empty() || words.front() == "to") return wrong_usage(text, spec.usage);
  fault.from = words.front();
  words.erase(words.begin());
  if (spec.is_of_link && words.size() == 2 && words.front() == "to" && *kind != Kind::reset) {
    fault.one_way = true;
    words.erase(words.begin());
  }
  const bool takes_another = spec.is_of_link || spec.parameter == Parameter::partition;
  if (words.size() > (takes_another ? 1 : 0) || (!words.empty() && words.front() == "to"))
    return wrong_usage(text, spec.usage);
  if (!words.empty()) (spec.is_of_link ? fault.to : fault.partition) = words.front();
  if (fault.to == fault.from) return no_link_to_itself(text);
  if (*kind == Kind::flap && fault.time < milliseconds(1))
    return refused(fmt::format("{}: a period is 1ms at least", text),
                   fmt::format("{}: 주기는 1ms 이상이어야 합니다", text));
  return fault;
}

Result<std::vector<Fault>> parse_faults(std::string_view text, std::span<const std::string> nodes) {
  const Words words = words_of(text);
  const std::string_view form = words.empty() ? "" : words.front();
  if (form == "partition") return parse_partition(text, std::span(words).subspan(1));
  if (form != "isolate" && form != "bridge") {
    Result<Fault> fault = parse_fault(text);
    if (!fault) return fault.status();
    return std::vector{*fault};
  }
  if (words.size() != 2) return wrong_usage(text, fmt::format("{} NODE", form));
  if (form == "isolate") return std::vector{cut_between(words[1], {}, false)};
  std::vector<std::string> others;
  for (const std::string& node : nodes) {
    if (node != words[1]) others.push_back(node);
  }
  if (others.size() < 2)
    return refused(fmt::format("{}: there are no two others to keep apart", text),
                   fmt::format("{}: 갈라 놓을 다른 노드가 둘 이상 있어야 합니다", text));
  std::vector<Fault> cuts;
  const size_t half = others.size() / 2;
  for (size_t i = 0; i < half; ++i) {
    for (size_t j = half; j < others.size(); ++j) cuts.push_back(cut_between(others[i], others[j], false));
  }
  return cuts;
}

}  // namespace brokerlab
