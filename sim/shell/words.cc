#include "sim/shell/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace brokerlab {

namespace {

bool is_name_start(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool is_name_character(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

/// One pass over a line. `at_` is the next byte.
class Splitter {
 public:
  Splitter(std::string_view line, const Variables& variables, Language language)
      : line_(line), variables_(variables), language_(language) {}

  Result<CommandLine> split(bool allows_background) {
    while (at_ < line_.size()) {
      if (allows_background && ends_in_background()) {
        background_ = true;
        break;
      }
      const Status status = take(line_[at_]);
      if (!status.ok()) return status;
      if (comment_) break;
    }
    end_word();
    if (stages_.size() > 1 && stages_.back().empty()) return missing_command();
    if (stages_.size() == 1 && stages_.back().empty()) {
      if (background_) return not_there('&');
      stages_.clear();
    }
    return CommandLine{std::move(stages_), background_};
  }

 private:
  Status take(char c) {
    switch (c) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        end_word();
        ++at_;
        return {};
      case '\'':
        return single_quoted();
      case '"':
        return double_quoted();
      case '\\':
        if (at_ + 1 < line_.size()) {
          if (line_[at_ + 1] == '\n')
            end_word();
          else
            append(line_[at_ + 1]);
        }
        at_ += 2;
        return {};
      case '$':
        return variable();
      case '#':
        if (in_word_) break;
        comment_ = true;
        return {};
      case '|':
        end_word();
        if (stages_.back().empty()) return missing_command();
        if (is_partition()) {  // `fault partition kafka1 | kafka2 kafka3`
          append(c);
          end_word();
          ++at_;
          return {};
        }
        stages_.emplace_back();
        ++at_;
        return {};
      case '>':
      case '<':
        // `expect orders-1.leader_epoch > 3` compares; elsewhere they would redirect.
        if (stages_.back().empty() || stages_.back().front() != "expect") return not_there(c);
        break;
      case ';':
      case '&':
      case '`':
        return not_there(c);
      default:
        break;
    }
    append(c);
    ++at_;
    return {};
  }

  /// Whether here stands the `&` behind which nothing comes but a comment.
  bool ends_in_background() const {
    if (line_[at_] != '&') return false;
    const size_t next = line_.find_first_not_of(" \t\r\n", at_ + 1);
    return next == std::string_view::npos || (line_[next] == '#' && next > at_ + 1);
  }

  Status single_quoted() {
    const size_t end = line_.find('\'', at_ + 1);
    if (end == std::string_view::npos) return open_quote('\'');
    current_ += line_.substr(at_ + 1, end - at_ - 1);
    in_word_ = true;
    at_ = end + 1;
    return {};
  }

  Status double_quoted() {
    in_word_ = true;
    ++at_;
    while (at_ < line_.size() && line_[at_] != '"') {
      if (line_[at_] == '$') {
        const Status status = variable();
        if (!status.ok()) return status;
        continue;
      }
      const bool escaped = line_[at_] == '\\' && at_ + 1 < line_.size() &&
                           std::string_view("\\\"$`\n").find(line_[at_ + 1]) != std::string_view::npos;
      if (escaped) ++at_;
      if (!(escaped && line_[at_] == '\n')) current_ += line_[at_];
      ++at_;
    }
    if (at_ >= line_.size()) return open_quote('"');
    ++at_;
    return {};
  }

  Status variable() {
    size_t begin = at_ + 1;
    const bool braced = begin < line_.size() && line_[begin] == '{';
    if (braced) ++begin;
    size_t end = begin;
    while (end < line_.size() && is_name_character(line_[end])) ++end;
    if (end == begin || !is_name_start(line_[begin])) {
      if (braced || (begin < line_.size() && line_[begin] == '(')) return not_there('$');
      append('$');
      ++at_;
      return {};
    }
    if (braced && (end >= line_.size() || line_[end] != '}')) return not_there('$');
    const std::string name(line_.substr(begin, end - begin));
    const auto found = variables_.find(name);
    if (found == variables_.end()) {
      std::string known;
      for (const auto& [variable, value] : variables_) known += (known.empty() ? "$" : ", $") + variable;
      return invalid({fmt::format("${} is not set. Set here: {}", name, known),
                      fmt::format("${}{} 정의되어 있지 않습니다. 쓸 수 있는 변수: {}", name,
                                  korean_particle(name, "은/는"), known)},
                     language_);
    }
    current_ += found->second;
    in_word_ = true;
    at_ = braced ? end + 1 : end;
    return {};
  }

  Status open_quote(char quote) const {
    return invalid({fmt::format("a quote {} is open at the end of the line", quote),
                    fmt::format("따옴표({})가 닫히지 않았습니다", quote)},
                   language_);
  }
  Status missing_command() const {
    return invalid({"a command is missing beside |", "| 옆에 명령이 없습니다"}, language_);
  }
  Status not_there(char c) const {
    return invalid(
        {fmt::format("the lab's shell has no {}. Put it in quotes to mean the character itself", c),
         fmt::format("이 셸에는 {} 기능이 없습니다. 문자 그대로 쓰려면 따옴표로 감싸세요", c)},
        language_);
  }

  /// Whether `|` stands between the two sides of a network partition here.
  bool is_partition() const {
    const Words& words = stages_.back();
    if (words.front() != "fault" || std::find(words.begin(), words.end(), "|") != words.end()) return false;
    return (words.size() > 1 && words[1] == "partition") ||
           (words.size() > 2 && words[1] == "heal" && words[2] == "partition");
  }

  void append(char c) {
    current_ += c;
    in_word_ = true;
  }
  void end_word() {
    if (in_word_) stages_.back().push_back(std::move(current_));
    current_.clear();
    in_word_ = false;
  }

  std::string_view line_;
  const Variables& variables_;
  Language language_;
  size_t at_ = 0;
  bool comment_ = false;
  bool in_word_ = false;
  bool background_ = false;
  std::string current_;
  std::vector<Words> stages_{1};
};

}  // namespace

Result<std::vector<Words>> split_command(std::string_view line, const Variables& variables,
                                         Language language) {
  Result<CommandLine> split = Splitter(line, variables, language).split(false);
  if (!split.ok()) return split.status();
  return std::move(split->stages);
}

Result<CommandLine> split_line(std::string_view line, const Variables& variables, Language language) {
  return Splitter(line, variables, language).split(true);
}

std::string join_words(const Words& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    const bool is_plain = !word.empty() && word.find_first_of(" \t\r\n'\"\\$#|<>;&`()") == std::string::npos;
    if (is_plain) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) {
      if (c == '\'')
        line += "'\\''";
      else
        line += c;
    }
    line += '\'';
  }
  return line;
}

bool continues(std::string_view line) {
  size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

}  // namespace brokerlab
