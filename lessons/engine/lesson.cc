#include "lessons/engine/lesson.h"

#include <fmt/format.h>

#include <algorithm>

#include "lessons/engine/markdown.h"
#include "sim/network/links.h"
#include "sim/shell/expect.h"
#include "sim/shell/words.h"

namespace brokerlab {

namespace {

constexpr Duration default_within = seconds(5);

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const size_t begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return lines;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::string_view rest = trimmed(text); !rest.empty(); rest = trimmed(rest)) {
    const size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    words.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  return words;
}

/// Commands of a lab or bash block: one a line, a backslash at the end goes on, comments are left out.
std::vector<std::string> commands_of(std::string_view text) {
  std::vector<std::string> commands;
  std::string command;
  for (const std::string_view line : lines_of(text)) {
    if (command.empty() && (trimmed(line).empty() || trimmed(line).front() == '#')) continue;
    command += line;
    if (continues(command)) {
      command += '\n';
      continue;
    }
    commands.push_back(std::move(command));
    command.clear();
  }
  if (!command.empty()) commands.push_back(std::move(command));
  return commands;
}

class Builder {
 public:
  Builder(std::string_view name, Language language) {
    lesson_.name = name;
    lesson_.language = language;
  }

  Result<Lesson> build(const std::vector<MarkdownBlock>& blocks) {
    for (const MarkdownBlock& block : blocks) {
      const Status status = add(block);
      if (!status.ok())
        return Status::error(status.code, fmt::format("line {}: {}", block.line, status.message));
    }
    if (lesson_.title.empty()) return Status::error(StatusCode::invalid, "line 1: no title (# ...)");
    if (lesson_.steps.empty()) return Status::error(StatusCode::invalid, "line 1: no step (## ...)");
    for (size_t i = 0; i < lesson_.steps.size(); ++i) settle_kind(i);
    return std::move(lesson_);
  }

 private:
  Status check_expectation(std::string_view text) const {
    return Expectation::parse(text, lesson_.language).status();
  }
  static Status error(std::string message) { return Status::error(StatusCode::invalid, std::move(message)); }

  Status add(const MarkdownBlock& block) {
    switch (block.kind) {
      case MarkdownBlock::Kind::heading:
        return add_heading(block);
      case MarkdownBlock::Kind::code:
        return add_fence(block);
      case MarkdownBlock::Kind::quote:
        if (!in_step()) return error("a hint stands inside a step");
        step().hint.push_back({Paragraph::Kind::paragraph, block.spans});
        return {};
      case MarkdownBlock::Kind::paragraph:
      case MarkdownBlock::Kind::list_item: {
        const auto kind = block.kind == MarkdownBlock::Kind::paragraph ? Paragraph::Kind::paragraph
                                                                       : Paragraph::Kind::list_item;
        prose().push_back({kind, block.spans});
        return {};
      }
    }
    return {};
  }

  Prose& prose() {
    if (!in_step()) return lesson_.introduction;
    return step_has_blocks_ ? step().explanation : step().text;
  }

  Status add_heading(const MarkdownBlock& block) {
    if (block.level == 1) {
      if (!lesson_.title.empty()) return error("a second title");
      lesson_.title = trimmed(block.text);
      return {};
    }
    if (block.level != 2) return error("a lesson has one # and then ##");
    if (lesson_.title.empty()) return error("a step before the title");
    lesson_.steps.emplace_back().title = trimmed(block.text);
    step_has_blocks_ = false;
    return {};
  }

  Status add_fence(const MarkdownBlock& block) {
    const std::vector<std::string> info = words_of(block.info);
    if (info.empty()) return error("a fence without a word: lab, bash, expect, predict, why or config");
    const std::string& kind = info.front();
    if (kind == "config") return add_config(block.text);
    if (kind == "lab" || kind == "bash") {
      std::vector<std::string>& commands = in_step() ? step().action : lesson_.setup;
      for (std::string& command : commands_of(block.text)) commands.push_back(std::move(command));
      step_has_blocks_ = true;
      return {};
    }
    if (!in_step()) return error(fmt::format("```{} stands inside a step", kind));
    step_has_blocks_ = true;
    if (kind == "expect") return add_checks(info, block.text);
    if (kind == "predict") return add_question(block.text);
    if (kind == "why") {
      step().why = trimmed(block.text);
      return check_expectation("event " + step().why);
    }
    return error(fmt::format("no such block: {}. There are lab, bash, expect, predict, why, config", kind));
  }

  Status add_config(std::string_view text) {
    for (const std::string_view line : lines_of(text)) {
      if (trimmed(line).empty()) continue;
      const size_t colon = line.find(':');
      if (colon == std::string_view::npos) return error("config takes `name: value` lines");
      const std::string name(trimmed(line.substr(0, colon)));
      const std::string_view value = trimmed(line.substr(colon + 1));
      if (!in_step())
        lesson_.config.emplace(name, value);
      else if (name == "panels")
        step().panels = words_of(value);
      else if (name == "spotlight")
        step().spotlight = words_of(value);
      else
        return error(fmt::format("a step's config has panels and spotlight, not {}", name));
    }
    return {};
  }

  Status add_checks(const std::vector<std::string>& info, std::string_view text) {
    Duration within = default_within;
    for (size_t i = 1; i < info.size(); ++i) {
      constexpr std::string_view option = "within=";
      if (!info[i].starts_with(option)) return error(fmt::format("expect takes within=, not {}", info[i]));
      const Result<Duration> parsed = parse_duration(std::string_view(info[i]).substr(option.size()));
      if (!parsed.ok()) return parsed.status();
      within = *parsed;
    }
    for (const std::string_view line : lines_of(text)) {
      if (trimmed(line).empty()) continue;
      const size_t comment = line.find(" #");
      LessonCheck check;
      check.expectation = trimmed(line.substr(0, comment));
      check.words = comment == std::string_view::npos ? check.expectation : trimmed(line.substr(comment + 2));
      check.within = within;
      const Status valid = check_expectation(check.expectation);
      if (!valid.ok()) return valid;
      step().checks.push_back(std::move(check));
    }
    return {};
  }

  Status add_question(std::string_view text) {
    if (step().question) return error("a second question in one step");
    LessonQuestion question;
    for (std::string_view line : lines_of(text)) {
      line = trimmed(line);
      if (line.empty()) continue;
      if (!line.starts_with("- ")) {
        if (!question.choices.empty()) return error("a question's words stand before its choices");
        if (!question.words.empty()) question.words += ' ';
        question.words += line;
        continue;
      }
      line.remove_prefix(2);
      LessonChoice choice;
      const size_t open = line.ends_with(']') ? line.rfind('[') : std::string_view::npos;
      if (open != std::string_view::npos) {
        choice.condition = trimmed(line.substr(open + 1, line.size() - open - 2));
        line = line.substr(0, open);
      }
      if (!choice.condition.empty()) {
        const Status valid = check_expectation(choice.condition);
        if (!valid.ok()) return valid;
      }
      choice.words = trimmed(line);
      question.choices.push_back(std::move(choice));
    }
    if (question.words.empty()) return error("a question without words");
    if (question.choices.size() < 2) return error("a question needs two choices `- words [expectation]`");
    step().question = std::move(question);
    return {};
  }

  void settle_kind(size_t index) {
    LessonStep& step = lesson_.steps[index];
    const bool after_question = index > 0 && lesson_.steps[index - 1].question.has_value();
    if (step.question)
      step.kind = LessonStep::Kind::predict;
    else if (after_question)
      step.kind = LessonStep::Kind::compare;
    else if (!step.action.empty())
      step.kind = LessonStep::Kind::act;
    else
      step.kind = LessonStep::Kind::read;
  }

  bool in_step() const { return !lesson_.steps.empty(); }
  LessonStep& step() { return lesson_.steps.back(); }

  Lesson lesson_;
  bool step_has_blocks_ = false;
};

}  // namespace

Result<Lesson> parse_lesson(std::string_view markdown, std::string_view name, Language language) {
  const Result<std::vector<MarkdownBlock>> blocks = parse_markdown(markdown);
  if (!blocks.ok()) return blocks.status();
  return Builder(name, language).build(*blocks);
}

std::vector<std::string> lesson_skeleton(const Lesson& lesson) {
  std::vector<std::string> skeleton;
  const auto add = [&](std::string_view kind, std::string_view text) {
    skeleton.push_back(fmt::format("{}: {}", kind, text));
  };
  for (const auto& [key, value] : lesson.config) add("config " + key, value);
  for (const std::string& command : lesson.setup) add("setup", command);
  for (const LessonStep& step : lesson.steps) {
    add("step", "");
    for (const std::string& panel : step.panels) add("panel", panel);
    for (const std::string& widget : step.spotlight) add("spotlight", widget);
    if (step.question)
      for (const LessonChoice& choice : step.question->choices) add("choice", choice.condition);
    for (const std::string& command : step.action) add("command", command);
    for (const LessonCheck& check : step.checks)
      add("check", fmt::format("{} within {}", check.expectation, to_string(check.within)));
    if (!step.why.empty()) add("why", step.why);
  }
  return skeleton;
}

}  // namespace brokerlab
