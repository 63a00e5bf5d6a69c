#include "sim/shell/transcript.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/shell/words.h"

namespace brokerlab {

namespace {

constexpr std::string_view prompt = "$ ";
constexpr std::string_view no_newline = "[no newline]";

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return lines;
}

/// The status of `[exit N]`; false when the line is none.
bool parse_exit(std::string_view line, int& status) {
  constexpr std::string_view begin = "[exit ";
  if (!line.starts_with(begin) || !line.ends_with(']')) return false;
  line = line.substr(begin.size(), line.size() - begin.size() - 1);
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), status);
  return error == std::errc{} && end == line.data() + line.size();
}

Status error_at(size_t line, std::string_view what, std::string_view korean) {
  return Status::error(StatusCode::invalid, fmt::format("line {}: {}", line + 1, what),
                       fmt::format("{}번째 줄: {}", line + 1, korean));
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// The placeholder at the start of `text`, with its brackets: <Name>, a capital and then letters, or <n>.
std::string_view placeholder_at(std::string_view text) {
  if (!text.starts_with('<')) return {};
  const size_t close = text.find('>');
  if (close == std::string_view::npos || close == 1) return {};
  const std::string_view name = text.substr(1, close - 1);
  const bool is_name = std::all_of(name.begin(), name.end(),
                                   [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  return is_name ? text.substr(0, close + 1) : std::string_view();
}

bool stands_for(std::string_view placeholder, char c) {
  if (placeholder == "<Timestamp>")
    return (c >= '0' && c <= '9') || std::string_view("-:,.TZ+ ").find(c) != std::string_view::npos;
  return !is_blank(c);
}

/// A log line's time at its beginning, "[2026-01-01 00:00:01,432]", possibly on standard error.
std::string with_timestamp_named(const std::string& line) {
  constexpr std::string_view shape = "[dddd-dd-dd dd:dd:dd,ddd]";
  const size_t begin = line.starts_with("2> ") ? 3 : 0;
  if (line.size() < begin + shape.size()) return line;
  for (size_t i = 0; i < shape.size(); ++i) {
    const char c = line[begin + i];
    if (shape[i] == 'd' ? c < '0' || c > '9' : c != shape[i]) return line;
  }
  return line.substr(0, begin) + "[<Timestamp>]" + line.substr(begin + shape.size());
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

}  // namespace

Result<Transcript> parse_transcript(std::string_view text) {
  const std::vector<std::string> lines = lines_of(text);
  Transcript transcript;
  std::vector<std::string> pending;
  size_t at = 0;
  const auto is_command = [&](size_t line) { return lines[line].starts_with(prompt); };
  for (; at < lines.size() && !is_command(at); ++at) {
    const std::string& line = lines[at];
    transcript.head.push_back(line);
    if (line.empty() || line.starts_with('#')) continue;
    const size_t colon = line.find(": ");
    if (colon == std::string::npos)
      return error_at(at, "before the first $ stand `name: value`, # and nothing else",
                      "첫 $ 앞에는 `이름: 값`과 # 주석만 쓸 수 있습니다");
    transcript.config.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  while (at < lines.size()) {
    if (!is_command(at)) {
      if (!lines[at].empty() && !lines[at].starts_with('#'))
        return error_at(at, "output without a [exit N] behind it", "출력 뒤에 [exit N]이 없습니다");
      pending.push_back(lines[at++]);
      continue;
    }
    TranscriptBlock block;
    block.line = static_cast<int>(at) + 1;
    block.before = std::exchange(pending, {});
    block.command = lines[at++].substr(prompt.size());
    while (continues(block.command) && at < lines.size()) block.command += "\n" + lines[at++];
    if (continues(block.command))
      return error_at(at - 1, "the command goes on in a line that is not there",
                      "명령이 다음 줄로 이어지는데 그 줄이 없습니다");
    // A command that was just written has neither output nor [exit N]: --rewrite fills them in.
    size_t end = at;
    while (end < lines.size() && !is_command(end) && !parse_exit(lines[end], block.status)) ++end;
    if (end < lines.size() && !is_command(end)) {
      block.output.assign(lines.begin() + static_cast<ptrdiff_t>(at),
                          lines.begin() + static_cast<ptrdiff_t>(end));
      at = end + 1;
    }
    transcript.blocks.push_back(std::move(block));
  }
  transcript.tail = std::move(pending);
  return transcript;
}

std::string to_string(const Transcript& transcript) {
  std::string text;
  const auto add = [&](const std::vector<std::string>& lines) {
    for (const std::string& line : lines) text += line + "\n";
  };
  add(transcript.head);
  for (const TranscriptBlock& block : transcript.blocks) {
    add(block.before);
    text += fmt::format("{}{}\n", prompt, block.command);
    add(block.output);
    text += fmt::format("[exit {}]\n", block.status);
  }
  add(transcript.tail);
  return text;
}

std::vector<std::string> output_lines(std::string_view output, std::string_view error) {
  std::vector<std::string> lines = lines_of(output);
  if (!output.empty() && output.back() != '\n') lines.emplace_back(no_newline);
  for (const std::string& line : lines_of(error)) lines.push_back("2> " + line);
  return lines;
}

bool line_matches(std::string_view expected, std::string_view actual) {
  if (expected == actual) return true;  // a placeholder that was printed as such, too
  while (!expected.empty()) {
    const std::string_view placeholder = placeholder_at(expected);
    if (placeholder.empty()) {
      if (actual.empty() || actual.front() != expected.front()) return false;
      expected.remove_prefix(1);
      actual.remove_prefix(1);
      continue;
    }
    const std::string_view after = expected.substr(placeholder.size());
    const bool pads = !after.empty() && is_blank(after.front());
    for (size_t length = 1; length <= actual.size() && stands_for(placeholder, actual[length - 1]);
         ++length) {
      const std::string_view rest = actual.substr(length);
      if (line_matches(after, rest)) return true;
      if (pads && !rest.empty() && is_blank(rest.front()) &&
          line_matches(without_blanks(after), without_blanks(rest)))
        return true;
    }
    return false;
  }
  return actual.empty();
}

std::vector<std::string> difference(const std::vector<std::string>& expected,
                                    const std::vector<std::string>& actual) {
  // Longest common subsequence, from the ends.
  const size_t rows = expected.size(), columns = actual.size();
  std::vector<std::vector<size_t>> common(rows + 1, std::vector<size_t>(columns + 1, 0));
  for (size_t i = rows; i-- > 0;)
    for (size_t j = columns; j-- > 0;)
      common[i][j] = line_matches(expected[i], actual[j]) ? common[i + 1][j + 1] + 1
                                                          : std::max(common[i + 1][j], common[i][j + 1]);
  std::vector<std::string> lines;
  bool differs = false;
  size_t i = 0, j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && line_matches(expected[i], actual[j])) {
      lines.push_back("  " + actual[j]);
      ++i;
      ++j;
      continue;
    }
    differs = true;
    if (j >= columns || (i < rows && common[i + 1][j] >= common[i][j + 1]))
      lines.push_back("- " + expected[i++]);
    else
      lines.push_back("+ " + actual[j++]);
  }
  if (!differs) lines.clear();
  return lines;
}

std::vector<std::string> rewritten(const std::vector<std::string>& expected,
                                   const std::vector<std::string>& actual) {
  constexpr size_t uuid_length = 22;
  constexpr std::pair<std::string_view, std::string_view> ids[] = {
      {"TopicId: ", "<TopicId>"}, {"ClusterId:              ", "<ClusterId>"}};
  std::vector<std::string> lines;
  size_t next = 0;
  for (const std::string& line : actual) {
    const auto known =
        std::find_if(expected.begin() + static_cast<ptrdiff_t>(next), expected.end(),
                     [&](const std::string& candidate) { return line_matches(candidate, line); });
    if (known != expected.end()) {
      next = static_cast<size_t>(known - expected.begin()) + 1;
      lines.push_back(*known);
      continue;
    }
    std::string kept = with_timestamp_named(line);
    for (const auto& [label, placeholder] : ids) {
      const size_t at = kept.find(label);
      if (at != std::string::npos && at + label.size() + uuid_length <= kept.size())
        kept.replace(at + label.size(), uuid_length, placeholder);
    }
    lines.push_back(std::move(kept));
  }
  return lines;
}

}  // namespace brokerlab
