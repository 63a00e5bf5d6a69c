#include "sim/storage/checkpoint_text.h"

#include <charconv>

namespace brokerlab {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string checkpoint_text(const std::vector<std::string>& lines) {
  std::string text = "0\n" + std::to_string(lines.size()) + '\n';
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

Result<std::vector<std::vector<std::string>>> parse_checkpoint_text(std::string_view text, size_t fields) {
  if (!text.ends_with('\n')) return Status::error(StatusCode::invalid, "a checkpoint that is cut off");
  text.remove_suffix(1);
  const std::vector<std::string> lines = split(text, '\n');
  if (lines.size() < 2 || lines[0] != "0" || parse_number(lines[1]) != static_cast<int64_t>(lines.size() - 2))
    return Status::error(StatusCode::invalid, "not a checkpoint of version 0, or cut off");
  std::vector<std::vector<std::string>> entries;
  for (size_t i = 2; i < lines.size(); ++i) {
    entries.push_back(split(lines[i], ' '));
    if (entries.back().size() != fields)
      return Status::error(StatusCode::invalid, "a malformed line in a checkpoint: " + lines[i]);
  }
  return entries;
}

std::optional<int64_t> parse_number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace brokerlab
