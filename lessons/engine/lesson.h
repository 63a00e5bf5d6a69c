// A lesson: Markdown that reads well on its own, with fenced blocks that run.
//
//   # title                    one for the lesson; ```config and ```lab before the first step set it up
//   ## title                   one for each step
//   ```lab, ```bash            commands of the lab; bash blocks are the guides' own
//   ```expect within=5s        one expectation a line; `# words` behind it is what the learner reads
//   ```predict                 a question, then choices `- words [expectation]`; the choice whose expectation
//                              holds after the action is the answer. One without brackets never holds.
//   ```why                     KIND field=value ...: the event whose chain of causes is shown
//   ```config                  `name: value` lines. Lesson: preset, driver, seed, speed, set. Step: panels,
//                              spotlight (names of widgets, at most two)
//   > words                    a hint
//
// Prose before a step's first block is its text, prose after it the explanation. The kind of a step follows
// from its blocks: a question makes it `predict`, the step after that is its `compare`, commands make it
// `act`, the rest is `read`.
//
// Both languages of a lesson have the same skeleton: everything but prose, and a test says so.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lessons/engine/prose.h"
#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/shell/text.h"

namespace brokerlab {

struct LessonCheck {
  std::string expectation;  ///< as `expect` takes it, without `within`
  std::string words;        ///< for the learner; the expectation itself when the lesson says none
  Duration within;
};

struct LessonChoice {
  std::string words;
  std::string condition;  ///< an expectation; empty: it never holds
};

struct LessonQuestion {
  std::string words;
  std::vector<LessonChoice> choices;
};

struct LessonStep {
  enum class Kind { read, act, predict, compare };
  Kind kind = Kind::read;
  std::string title;
  Prose text;
  std::optional<LessonQuestion> question;
  std::vector<std::string> action;  ///< commands of the lab, one a line
  std::vector<LessonCheck> checks;
  std::string why;  ///< KIND field=value ...; empty when the step asks for none
  Prose explanation;
  Prose hint;
  std::vector<std::string> panels;     ///< panels that this step is the first to need
  std::vector<std::string> spotlight;  ///< names of widgets, `matrix.orders-1`
};

struct Lesson {
  std::string name;  ///< of its folder: 01-a-leader-stops
  Language language = Language::english;
  std::string title;
  std::multimap<std::string, std::string> config;  ///< preset, driver, seed, speed, set
  std::vector<std::string> setup;                  ///< commands before the first step
  Prose introduction;
  std::vector<LessonStep> steps;
};

/// Reads a lesson's Markdown and its expectations. Errors name the line.
Result<Lesson> parse_lesson(std::string_view markdown, std::string_view name, Language language);

/// Everything but prose, one entry for each heading and block line: equal for both languages of a lesson.
std::vector<std::string> lesson_skeleton(const Lesson& lesson);

}  // namespace brokerlab
