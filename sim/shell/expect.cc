#include "sim/shell/expect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "sim/base/settings.h"
#include "sim/shell/snapshot_path.h"

namespace brokerlab {

namespace {

constexpr std::array<std::string_view, 7> operators = {"==", "!=", "<", "<=", ">", ">=", "has"};

/// The kinds of events, out of the variant that holds them.
template <size_t... I>
std::vector<std::string> kinds_of(std::index_sequence<I...>) {
  return {std::string(std::variant_alternative_t<I, EventPayload>::kind)...};
}
std::vector<std::string> event_kinds() {
  return kinds_of(std::make_index_sequence<std::variant_size_v<EventPayload>>());
}

std::optional<int64_t> number_of(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool list_has(std::string_view list, std::string_view element) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (list.substr(0, comma) == element) return true;
    list.remove_prefix(std::min(list.size(), comma + 1));
  }
  return false;
}

std::string node_name(const LabView& view, NodeId id) {
  for (const NodeStatus& node : view.nodes)
    if (node.id == id) return node.name;
  return id == lab_node ? "lab" : "-";
}

}  // namespace

Result<Expectation> Expectation::parse(std::string_view text, Language language) {
  const Result<std::vector<Words>> stages = split_command("expect " + std::string(text), {}, language);
  if (!stages.ok()) return stages.status();
  return parse(std::span(stages->front()).subspan(1), language);
}

Result<Expectation> Expectation::parse(std::span<const std::string> words, Language language) {
  Expectation expectation;
  if (!words.empty() && words[0] == "event") {
    const std::vector<std::string> kinds = event_kinds();
    if (words.size() < 2)
      return invalid(
          {fmt::format("expect event KIND name=value ... KIND is one of {}", fmt::join(kinds, ", ")),
           fmt::format("expect event KIND name=value ... KIND는 다음 중 하나: {}", fmt::join(kinds, ", "))},
          language);
    expectation.kind_ = words[1];
    if (std::find(kinds.begin(), kinds.end(), words[1]) == kinds.end())
      return invalid(
          {fmt::format("no events of kind \"{}\".{}", words[1], did_you_mean(words[1], kinds).english),
           fmt::format("\"{}\" 종류의 이벤트는 없습니다.{}", words[1], did_you_mean(words[1], kinds).korean)},
          language);
    for (const std::string& word : words.subspan(2)) {
      const size_t at = word.find_first_of("=~");
      if (at == 0 || at == std::string::npos)
        return invalid({fmt::format("\"{}\" should be name=value or name~part", word),
                        fmt::format("\"{}\" 자리에는 이름=값 또는 이름~일부가 옵니다", word)},
                       language);
      expectation.conditions_.push_back({word.substr(0, at), word[at] == '~', word.substr(at + 1)});
    }
    return expectation;
  }
  if (words.size() != 3)
    return invalid({"expect [within=5s] PATH OP VALUE, such as orders-1.leader == kafka3",
                    "expect [within=5s] PATH OP VALUE, 예: orders-1.leader == kafka3"},
                   language);
  const auto found = std::find(operators.begin(), operators.end(), words[1]);
  if (found == operators.end())
    return invalid({fmt::format("\"{}\" does not compare. There are {}", words[1], fmt::join(operators, " ")),
                    fmt::format("\"{}\" 비교 연산자는 없습니다. 쓸 수 있는 것: {}", words[1],
                                fmt::join(operators, " "))},
                   language);
  expectation.path_ = words[0];
  expectation.operator_ = static_cast<Operator>(found - operators.begin());
  expectation.value_ = words[2];
  const bool wants_number = expectation.operator_ != Operator::equal &&
                            expectation.operator_ != Operator::not_equal &&
                            expectation.operator_ != Operator::has;
  if (wants_number && !number_of(words[2]))
    return invalid({fmt::format("{} compares whole numbers, and \"{}\" is none", words[1], words[2]),
                    fmt::format("{} 비교에는 정수가 필요한데 \"{}\"입니다", words[1], words[2])},
                   language);
  return expectation;
}

Expectation::Outcome Expectation::look(const LabView& view, Language language) const {
  BROKERLAB_ASSERT(!is_about_event());
  const Result<PathValue> value = value_at_path(view, path_, language);
  if (!value.ok()) return {false, value.status().message};
  const bool is_equal = value->text == value_ || (!value->name.empty() && value->name == value_);
  const auto numbers = [&](auto compare) {
    const std::optional<int64_t> left = number_of(value->text), right = number_of(value_);
    return left && right && compare(*left, *right);
  };
  bool holds = false;
  switch (operator_) {
    case Operator::equal:
      holds = is_equal;
      break;
    case Operator::not_equal:
      holds = !is_equal;
      break;
    case Operator::less:
      holds = numbers(std::less<>());
      break;
    case Operator::less_equal:
      holds = numbers(std::less_equal<>());
      break;
    case Operator::greater:
      holds = numbers(std::greater<>());
      break;
    case Operator::greater_equal:
      holds = numbers(std::greater_equal<>());
      break;
    case Operator::has:
      holds = list_has(value->text, value_);
      break;
  }
  return {holds, value->shown().empty() ? "\"\"" : value->shown()};
}

bool Expectation::matches(const Event& event, const LabView& view) const {
  BROKERLAB_ASSERT(is_about_event());
  if (kind_of(event.payload) != kind_) return false;
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const Condition& condition) {
    std::string seen;
    if (condition.name == "node")
      seen = node_name(view, event.ref.node);
    else if (!field_of(event.payload, condition.name, seen))
      return false;
    return condition.contains ? seen.find(condition.value) != std::string::npos : seen == condition.value;
  });
}

std::string Expectation::to_string() const {
  if (!is_about_event())
    return fmt::format("{} {} {}", path_, operators[static_cast<size_t>(operator_)], value_);
  std::string text = "event " + kind_;
  for (const Condition& condition : conditions_)
    text += fmt::format(" {}{}{}", condition.name, condition.contains ? '~' : '=', condition.value);
  return text;
}

std::string Expectation::failure(const std::string& saw, std::optional<Duration> within,
                                 Language language) const {
  const std::string limit =
      within ? Text{" within " + spoken(*within), spoken(*within) + " 안에 "}.in(language) : "";
  constexpr std::string_view in_sync = ".isr.size";
  if (operator_ == Operator::equal && path_.ends_with(in_sync))
    return Text{fmt::format("expected {} in sync{}, saw {}", value_, limit, saw),
                fmt::format("{}ISR이 {}개여야 하는데 {}개였습니다", limit, value_, saw)}
        .in(language);
  return Text{fmt::format("expected {}{}, saw {}", to_string(), limit, saw),
              fmt::format("기대: {}{}, 실제: {}", limit, to_string(), saw)}
      .in(language);
}

const std::optional<Event>& EventSearch::look(const Expectation& expectation, Lab& lab) {
  if (found_) return found_;
  const std::vector<Event> events = lab.ring().since(position_);
  if (events.empty()) return found_;
  const LabView view = lab.view();
  for (const Event& event : events) {
    if (!expectation.matches(event, view)) continue;
    found_ = event;
    break;
  }
  return found_;
}

}  // namespace brokerlab
