#include "sim/tools/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace brokerlab {

namespace {

using Argument = OptionSpec::Argument;

const OptionSpec* find_option(std::span<const OptionSpec> specs, std::string_view name) {
  for (const OptionSpec& spec : specs)
    if (spec.name == name) return &spec;
  return nullptr;
}

Status refused(std::string message) { return Status::error(StatusCode::invalid, std::move(message)); }

/// Words, broken so that no line is longer than `width`.
std::vector<std::string> wrapped(std::string_view text, size_t width) {
  std::vector<std::string> lines{""};
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return lines;
}

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

std::string ParsedOptions::value(std::string_view name, std::string_view otherwise) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) return std::string(otherwise);
  return found->second.back();
}

std::optional<std::string> ParsedOptions::given(std::string_view name) const {
  return has(name) ? std::optional(value(name)) : std::nullopt;
}

std::vector<std::string> ParsedOptions::values(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

Result<int64_t> ParsedOptions::number(std::string_view name, int64_t otherwise) const {
  if (!has(name)) return otherwise;
  const std::string text = value(name);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return refused(fmt::format("Cannot parse argument '{}' of option {}", text, name));
  return number;
}

Result<int32_t> ParsedOptions::integer(std::string_view name, int32_t otherwise) const {
  const Result<int64_t> wide = number(name, otherwise);
  if (!wide.ok()) return wide.status();
  if (*wide < std::numeric_limits<int32_t>::min() || *wide > std::numeric_limits<int32_t>::max())
    return refused(fmt::format("Cannot parse argument '{}' of option {}", value(name), name));
  return static_cast<int32_t>(*wide);
}

std::string_view ParsedOptions::first_of_later(std::span<const OptionSpec> specs) const {
  for (const OptionSpec& spec : specs)
    if (spec.support == OptionSpec::Support::later && has(spec.name)) return spec.name;
  return {};
}

Result<ParsedOptions> parse_options(std::span<const OptionSpec> specs,
                                    const std::vector<std::string>& arguments) {
  ParsedOptions parsed;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view word = arguments[i];
    if (word == "--") {
      parsed.words_.insert(parsed.words_.end(), arguments.begin() + static_cast<ptrdiff_t>(i) + 1,
                           arguments.end());
      break;
    }
    if (word.size() < 2 || word[0] != '-') {
      parsed.words_.emplace_back(word);
      continue;
    }
    word.remove_prefix(word.starts_with("--") ? 2 : 1);
    const size_t equals = word.find('=');
    const std::string name(word.substr(0, equals));
    const OptionSpec* spec = find_option(specs, name);
    if (spec == nullptr) return Status::error(StatusCode::not_found, name + " is not a recognized option");
    std::vector<std::string>& values = parsed.values_[name];
    if (spec->argument == Argument::none) continue;
    if (equals != std::string_view::npos) {
      values.emplace_back(word.substr(equals + 1));
    } else if (i + 1 < arguments.size() &&
               (spec->argument == Argument::required || !arguments[i + 1].starts_with('-'))) {
      values.push_back(arguments[++i]);
    } else if (spec->argument == Argument::required) {
      return refused(fmt::format("Option {} requires an argument", name));
    }
  }
  return parsed;
}

std::string usage_text(std::span<const OptionSpec> specs) {
  constexpr size_t left = 40;
  constexpr size_t right = 39;
  std::vector<OptionSpec> sorted(specs.begin(), specs.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const OptionSpec& a, const OptionSpec& b) { return a.name < b.name; });
  std::string text = fmt::format("{:<{}} Description\n{:<{}} -----------\n", "Option", left, "------", left);
  for (const OptionSpec& spec : sorted) {
    std::string name = fmt::format("--{}", spec.name);
    if (spec.argument == Argument::required) name += fmt::format(" <{}>", spec.argument_name);
    if (spec.argument == Argument::optional) name += fmt::format(" [{}]", spec.argument_name);
    std::string help(spec.help);
    if (spec.support == OptionSpec::Support::later) help += " (Not yet in brokerlab.)";
    const std::vector<std::string> names = wrapped(name, left - 2);
    const std::vector<std::string> lines = wrapped(help, right - 2);
    for (size_t line = 0; line < std::max(names.size(), lines.size()); ++line) {
      const std::string indent = line == 0 ? "" : "  ";
      const std::string first = line < names.size() ? indent + names[line] : "";
      const std::string second = line < lines.size() ? indent + lines[line] : "";
      text += fmt::format("{:<{}} {}\n", first, left, second);
    }
  }
  return text;
}

std::map<std::string, std::string> parse_properties(const std::vector<std::string>& arguments) {
  std::map<std::string, std::string> properties;
  for (const std::string& argument : arguments) {
    const size_t equals = argument.find('=');
    properties[argument.substr(0, equals)] = equals == std::string::npos ? "" : argument.substr(equals + 1);
  }
  return properties;
}

std::map<std::string, std::string> parse_properties_file(std::string_view text) {
  std::map<std::string, std::string> properties;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#' || line[0] == '!') continue;
    const size_t separator = line.find_first_of("=:");
    const std::string_view value =
        separator == std::string_view::npos ? std::string_view{} : line.substr(separator + 1);
    properties[std::string(trimmed(line.substr(0, separator)))] = std::string(trimmed(value));
  }
  return properties;
}

}  // namespace brokerlab
