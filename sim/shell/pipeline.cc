#include "sim/shell/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace brokerlab {

namespace {

/// printf's format with its backslash escapes; %-directives are refused by the caller.
std::string unescaped(std::string_view format) {
  std::string text;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '\\' || i + 1 == format.size()) {
      text += format[i];
      continue;
    }
    switch (format[++i]) {
      case 'n':
        text += '\n';
        break;
      case 't':
        text += '\t';
        break;
      case 'r':
        text += '\r';
        break;
      case '\\':
        text += '\\';
        break;
      default:
        text += '\\';
        text += format[i];
    }
  }
  return text;
}

/// What a source writes; nothing when the words are no source that is known here.
std::optional<std::string> output_of_source(const Words& words) {
  if (words[0] == "printf" && words.size() == 2 && words[1].find('%') == std::string::npos)
    return unescaped(words[1]);
  if (words[0] == "echo") return fmt::format("{}\n", fmt::join(words.begin() + 1, words.end(), " "));
  if (words[0] == "seq" && (words.size() == 2 || words.size() == 3)) {
    int64_t first = 1, last = 0;
    const auto number = [](const std::string& word, int64_t& value) {
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
      return error == std::errc{} && end == word.data() + word.size();
    };
    if (words.size() == 3 && !number(words[1], first)) return std::nullopt;
    constexpr int64_t most = 1'000'000;
    if (!number(words.back(), last) || last - first > most) return std::nullopt;
    std::string lines;
    for (int64_t i = first; i <= last; ++i) lines += fmt::format("{}\n", i);
    return lines;
  }
  return std::nullopt;
}

bool is_source(const Words& words) { return words[0] == "printf" || words[0] == "echo" || words[0] == "seq"; }

}  // namespace

std::string LineFilter::take(std::string_view text) {
  std::string matching;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    if (newline == std::string_view::npos) {
      unfinished_ += text;
      break;
    }
    unfinished_ += text.substr(0, newline + 1);
    matching += finish();
    text.remove_prefix(newline + 1);
  }
  return matching;
}

std::string LineFilter::finish() {
  std::string line;
  line.swap(unfinished_);
  if (line.empty() || line.find(word_) == std::string::npos) return {};
  has_matched_ = true;
  return line;
}

Result<Pipeline> make_pipeline(const std::vector<Words>& stages, Language language) {
  Pipeline pipeline;
  size_t command = 0;
  if (stages.size() > 1 && is_source(stages[0])) {
    pipeline.input = output_of_source(stages[0]);
    if (!pipeline.input)
      return Status::error(StatusCode::invalid,
                           Text{"input is printf TEXT, echo WORDS or seq [FIRST] LAST",
                                "| 앞에는 printf TEXT, echo WORDS, seq [FIRST] LAST만 쓸 수 있습니다"}
                               .in(language));
    command = 1;
  }
  pipeline.words = stages[command];
  if (command + 1 < stages.size()) {
    const Words& last = stages[command + 1];
    if (last.size() != 2 || last[0] != "grep" || command + 2 != stages.size())
      return Status::error(
          StatusCode::invalid,
          Text{"behind a command only | grep WORD can stand", "명령 뒤에는 | grep WORD만 쓸 수 있습니다"}.in(
              language));
    pipeline.filter.emplace(last[1]);
  }
  return pipeline;
}

}  // namespace brokerlab
