#include "sim/tools/tool_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace brokerlab {

namespace {

/// Says its lines, then ends.
class Ending final : public Node {
 public:
  explicit Ending(ToolEnd end) : end_(std::move(end)) {}

  void step(const Now& now, const Input& input, Effects& effects) override {
    if (!std::holds_alternative<input::Start>(input)) return;
    print_ending(now, effects, end_);
  }
  std::unique_ptr<Node> clone() const override { return std::make_unique<Ending>(*this); }
  NodeView describe(const Now&) const override {
    ClientView view;
    view.role = "tool";
    return view;
  }

 private:
  ToolEnd end_;
};

struct Date {
  int64_t year;
  int64_t month;
  int64_t day;
};

/// Days since 1970-01-01 to a date of the Gregorian calendar, by counting 400-year cycles from 0000-03-01.
Date date_of(int64_t days) {
  constexpr int64_t days_of_cycle = 146'097;
  const int64_t shifted = days + 719'468;
  const int64_t cycle = (shifted >= 0 ? shifted : shifted - (days_of_cycle - 1)) / days_of_cycle;
  const int64_t day_of_cycle = shifted - cycle * days_of_cycle;
  const int64_t year_of_cycle =
      (day_of_cycle - day_of_cycle / 1'460 + day_of_cycle / 36'524 - day_of_cycle / 146'096) / 365;
  const int64_t day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {year_of_cycle + cycle * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

std::optional<Address> parse_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  const size_t protocol = host.find("://");
  if (protocol != std::string_view::npos) host.remove_prefix(protocol + 3);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return std::nullopt;
  return Address{std::string(host), port};
}

}  // namespace

int status_after(const input::Command& command) {
  return command.verb == "interrupt" ? exit_status::interrupted : exit_status::terminated;
}

void print_line(Effects& effects, std::string_view line) { effects.print(1, std::string(line) + '\n'); }
void print_error(Effects& effects, std::string_view line) { effects.print(2, std::string(line) + '\n'); }

std::string log_time(int64_t wall_ms) {
  constexpr int64_t day_ms = 86'400'000;
  const int64_t days = (wall_ms >= 0 ? wall_ms : wall_ms - (day_ms - 1)) / day_ms;
  const int64_t ms = wall_ms - days * day_ms;
  const Date date = date_of(days);
  return fmt::format("[{:04}-{:02}-{:02} {:02}:{:02}:{:02},{:03}] ", date.year, date.month, date.day,
                     ms / 3'600'000, ms / 60'000 % 60, ms / 1'000 % 60, ms % 1'000);
}

void print_log(const Now& now, Effects& effects, std::string_view line) {
  print_error(effects, log_time(now.wall_ms) + std::string(line));
}

void print_notes(const Now& now, Effects& effects) {
  std::vector<std::string> notes;
  for (const Event& event : effects.events)
    if (const auto* noted = std::get_if<event::Noted>(&event.payload)) notes.push_back(noted->text);
  for (const std::string& note : notes) print_log(now, effects, note);
}

ToolEnd& ToolEnd::output(std::string text) {
  lines.push_back({Line::To::output, std::move(text)});
  return *this;
}
ToolEnd& ToolEnd::error(std::string text) {
  lines.push_back({Line::To::error, std::move(text)});
  return *this;
}
ToolEnd& ToolEnd::log(std::string text) {
  lines.push_back({Line::To::log, std::move(text)});
  return *this;
}

void print_ending(const Now& now, Effects& effects, const ToolEnd& end) {
  for (const ToolEnd::Line& line : end.lines) {
    if (line.to == ToolEnd::Line::To::output) print_line(effects, line.text);
    if (line.to == ToolEnd::Line::To::error) print_error(effects, line.text);
    if (line.to == ToolEnd::Line::To::log) print_log(now, effects, line.text);
  }
  effects.end(end.status);
}

std::unique_ptr<Node> make_ending(ToolEnd end) { return std::make_unique<Ending>(std::move(end)); }

ToolEnd error_end(std::string line) {
  ToolEnd end;
  end.error(std::move(line));
  return end;
}

ToolEnd with_warnings(const std::vector<std::string>& warnings, ToolEnd end) {
  for (auto warning = warnings.rbegin(); warning != warnings.rend(); ++warning)
    end.lines.insert(end.lines.begin(), {ToolEnd::Line::To::output, *warning});
  return end;
}

ToolEnd exception_end(std::string_view exception, std::string_view message, const Causes& causes) {
  ToolEnd end;
  end.error(std::string(message)).error(fmt::format("{}: {}", exception, message));
  for (const std::string& cause : causes) end.error("Caused by: " + cause);
  end.error("");
  return end;
}

ToolEnd usage_error(std::string message, std::span<const OptionSpec> specs) {
  std::string usage = usage_text(specs);
  usage.pop_back();
  ToolEnd end;
  end.error(std::move(message)).error(std::move(usage));
  return end;
}

ToolEnd missing_argument(std::string_view option, std::span<const OptionSpec> specs) {
  return usage_error(fmt::format("Missing required argument \"[{}]\"", option), specs);
}

std::optional<ToolEnd> early_end(const ParsedOptions& options, std::span<const OptionSpec> specs,
                                 std::string_view tool, std::string_view purpose) {
  if (options.has("help")) return usage_error(std::string(purpose), specs);
  if (options.has("version")) {
    ToolEnd end;
    end.output(std::string(kafka_version)).status = 0;
    return end;
  }
  const std::string_view later = options.first_of_later(specs);
  if (later.empty()) return std::nullopt;
  return error_end(
      fmt::format("{}: --{} is not there yet: it comes with a later part of brokerlab.", tool, later));
}

Result<std::string> read_file(const ToolEnvironment& environment, const std::string& path) {
  if (!environment.read_file) return Status::error(StatusCode::not_found, "files cannot be read here");
  return environment.read_file(path);
}

Result<std::vector<Address>> parse_bootstrap(std::string_view text) {
  std::vector<Address> addresses;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view url = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const size_t first = url.find_first_not_of(' ');
    if (first == std::string_view::npos) continue;
    url = url.substr(first, url.find_last_not_of(' ') - first + 1);
    std::optional<Address> address = parse_address(url);
    if (!address)
      return Status::error(StatusCode::invalid, fmt::format("Invalid url in bootstrap.servers: {}", url));
    addresses.push_back(std::move(*address));
  }
  if (addresses.empty()) return Status::error(StatusCode::invalid, std::string(no_bootstrap_urls));
  return addresses;
}

std::variant<std::map<std::string, std::string>, ToolEnd> client_properties(
    const ParsedOptions& options, const ToolEnvironment& environment, std::string_view file_option,
    std::string_view property_option) {
  std::map<std::string, std::string> properties;
  if (options.has(file_option)) {
    const std::string path = options.value(file_option);
    const Result<std::string> text = read_file(environment, path);
    if (!text.ok()) return error_end(fmt::format("{}: {}", no_such_file_exception, path));
    properties = parse_properties_file(*text);
  }
  for (auto& [name, value] : parse_properties(options.values(property_option))) properties[name] = value;
  return properties;
}

}  // namespace brokerlab
