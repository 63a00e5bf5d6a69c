// `brokerlab lesson list` and `brokerlab lesson run NAME`.
#include "gui/program/lesson.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "lessons/engine/library.h"
#include "lessons/engine/runner.h"
#include "sim/shell/shell.h"
#include "sim/shell/text_file.h"

namespace brokerlab {

namespace {

struct LessonOptions {
  std::string name;
  std::string driver;
  std::optional<uint64_t> seed;
  std::string junit;
};

/// One line from the terminal; nothing at its end.
std::optional<std::string> read_answer(const std::string& prompt) {
  fmt::print("{}", prompt);
  std::fflush(stdout);
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

/// Lines of this many columns are read with ease; a narrower terminal gets what it has.
size_t columns_of_terminal() {
  constexpr size_t comfortable = 80, least = 40;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return comfortable;
  return std::clamp<size_t>(size.ws_col, least, comfortable);
}

/// As https://no-color.org asks.
bool terminal_has_colours() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return isatty(STDOUT_FILENO) != 0 && !is_dumb && (no_color == nullptr || *no_color == '\0');
}

std::optional<size_t> number_in(const std::string& line, size_t most) {
  if (line.size() != 1 || line[0] < '1' || static_cast<size_t>(line[0] - '0') > most) return std::nullopt;
  return static_cast<size_t>(line[0] - '1');
}

/// Asks until one of the numbers was given.
std::optional<size_t> choose(const std::string& prompt, size_t most) {
  while (const std::optional<std::string> line = read_answer(prompt))
    if (const std::optional<size_t> number = number_in(*line, most)) return number;
  return std::nullopt;
}

std::optional<LessonAnswer> ask_at_terminal(const PredictionState& prediction, Language language) {
  const size_t count = prediction.order.size();
  const Text which{fmt::format("Your prediction (1-{}): ", count), fmt::format("예측 (1-{}): ", count)};
  const std::optional<size_t> choice = choose(which.in(language), count);
  if (!choice) return std::nullopt;
  const Text how_sure{"How sure? 1 a guess, 2 fairly, 3 very: ",
                      "얼마나 확신하나요? 1 찍었다, 2 꽤 확신, 3 매우 확신: "};
  const std::optional<size_t> confidence = choose(how_sure.in(language), 3);
  if (!confidence) return std::nullopt;
  fmt::print("\n");
  return LessonAnswer{prediction.order[*choice], static_cast<Confidence>(*confidence)};
}

int list_lessons(Language language) {
  for (const LessonSource& source : all_lessons()) {
    const Result<Lesson> lesson = find_lesson(source.name, language);
    if (!lesson.ok()) return complain(text_of(lesson.status()), language, exit_status::failure);
    fmt::print("{:<24} {}\n", source.name, lesson->title);
  }
  return exit_status::success;
}

void print_summary(const LessonReport& report, Language language) {
  size_t passed = 0;
  for (const LessonCase& result : report.cases) passed += result.has_passed ? 1 : 0;
  const std::string_view driver = to_string(report.driver);
  fmt::print("{}\n", Text{fmt::format("{} of {} checks hold. Driver {}, seed {}.", passed,
                                      report.cases.size(), driver, report.seed),
                          fmt::format("확인 항목 {}개 중 {}개 통과. 드라이버 {}, 시드 {}.",
                                      report.cases.size(), passed, driver, report.seed)}
                         .in(language));
  if (report.answered > 0)
    fmt::print("{}\n", Text{fmt::format("{} predictions, {} right, {} very sure and wrong.", report.answered,
                                        report.right, report.sure_and_wrong),
                            fmt::format("예측 {}번 중 {}번 적중, 매우 확신했지만 틀린 예측 {}번.",
                                        report.answered, report.right, report.sure_and_wrong)}
                           .in(language));
}

int run(const LessonOptions& options, Language language) {
  const Result<Lesson> lesson = find_lesson(options.name, language);
  if (!lesson.ok())
    return complain(
        text_of(lesson.status()), language,
        lesson.status().code == StatusCode::not_found ? exit_status::usage : exit_status::failure);
  LessonRunOptions run_options;
  run_options.driver = parse_driver(options.driver);
  run_options.seed = options.seed;
  run_options.narrate = [](std::string_view text) {
    fmt::print("{}", text);
    std::fflush(stdout);
  };
  run_options.width = columns_of_terminal();
  run_options.has_colours = terminal_has_colours();
  if (isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0) {
    run_options.wait_to_run = [] { (void)read_answer(" "); };
    run_options.ask = [language](const LessonQuestion&, const PredictionState& prediction) {
      return ask_at_terminal(prediction, language);
    };
  }
  const Result<LessonReport> report = run_lesson(*lesson, run_options);
  if (!report.ok()) return complain(text_of(report.status()), language, exit_status::failure);
  print_summary(*report, language);
  if (!options.junit.empty()) {
    const Status written = write_text_file(options.junit, junit_xml(*report));
    if (!written.ok()) return complain(text_of(written), language, exit_status::failure);
  }
  return report->has_passed() ? exit_status::success : exit_status::failure;
}

}  // namespace

int run_lesson_in_terminal(const std::string& name, Language language) {
  LessonOptions options;
  options.name = name;
  return run(options, language);
}

RunSubcommand add_lesson(CLI::App& program, Language language) {
  auto options = std::make_shared<LessonOptions>();
  const auto text = [language](Text both) { return both.in(language); };
  CLI::App* command = program.add_subcommand(
      "lesson",
      text({"List lessons, or play one in the terminal", "실습 목록을 보거나 터미널에서 실습을 진행합니다"}));
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand(
      "list", text({"The lessons, a name first on each line", "실습 목록. 각 줄은 이름으로 시작합니다"}));
  CLI::App* run_command = command->add_subcommand(
      "run", text({"Play a lesson; the status says whether all its checks hold",
                   "실습을 진행합니다. 확인 항목이 모두 통과하면 종료 코드가 0입니다"}));
  run_command
      ->add_option("NAME", options->name,
                   text({"Its name, or a part of it, or its number", "실습의 이름이나 이름 일부, 또는 번호"}))
      ->required()
      ->type_name("");
  run_command
      ->add_option("--driver", options->driver,
                   text({"live or sandbox (what the lesson names first)",
                         "live 또는 sandbox (기본값: 실습에 먼저 적힌 것)"}))
      ->type_name("live|sandbox")
      ->check(one_of({"live", "sandbox"}, language));
  run_command
      ->add_option("--seed", options->seed,
                   text({"Another seed than the lesson's", "실습에 적힌 것 대신 쓸 시드"}))
      ->type_name("N");
  run_command
      ->add_option(
          "--junit", options->junit,
          text({"Write a JUnit report into this file", "결과를 JUnit 형식으로 이 파일에 저장합니다"}))
      ->type_name("FILE");
  return
      [options, language, list] { return list->parsed() ? list_lessons(language) : run(*options, language); };
}

}  // namespace brokerlab
