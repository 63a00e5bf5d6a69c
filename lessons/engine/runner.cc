#include "lessons/engine/runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/shell/lab_config.h"
#include "sim/shell/readiness.h"
#include "sim/shell/shell.h"

namespace brokerlab {

namespace {

// What ECMA-48 terminals (all of today's) switch on with these.
constexpr std::string_view bold = "\033[1m", green = "\033[32m", red = "\033[31m";

class Run {
 public:
  Run(const Lesson& lesson, const LessonRunOptions& options, Lab& lab, LessonReport& report)
      : lesson_(lesson), options_(options), lab_(lab), shell_(lab, lesson.language), report_(report) {}

  void play() {
    say(heading(lesson_.title, '='));
    for (const std::string& command : lesson_.setup) {
      say(shown(command) + "\n");
      do_command(text("setup", "준비"), command, {});
    }
    say(plain_text(lesson_.introduction, options_.width) + "\n");
    if (options_.wait_to_run)
      say(text("Enter runs the command that is shown.\n\n",
               "화면에 나온 명령은 Enter를 누르면 실행됩니다.\n\n"));
    LessonProgress progress(lesson_, lab_);
    for (;;) {
      play_step(progress);
      if (progress.is_last_step()) break;
      progress.next();
    }
    report_.took = lab_.now().monotonic - Instant{};
  }

 private:
  std::string text(std::string english, std::string korean) const {
    return Text{std::move(english), std::move(korean)}.in(lesson_.language);
  }
  void say(std::string_view words) const {
    if (options_.narrate) options_.narrate(words);
  }

  std::string coloured(std::string_view colour, std::string_view words) const {
    return options_.has_colours ? fmt::format("{}{}\033[0m", colour, words) : std::string(words);
  }
  std::string heading(const std::string& words, char line) const {
    return fmt::format("{}\n{}\n\n", coloured(bold, words), std::string(options_.width, line));
  }
  std::string shown(const std::string& command) const { return coloured(bold, "$ " + command); }

  void play_step(LessonProgress& progress) {
    const LessonStep& step = progress.step();
    const size_t number = progress.step_index() + 1, count = lesson_.steps.size();
    say(heading(text(fmt::format("Step {} of {}: {}", number, count, step.title),
                     fmt::format("{}/{}단계: {}", number, count, step.title)),
                '-'));
    if (!progress.text().empty()) say(plain_text(progress.text(), options_.width) + "\n");
    if (progress.is_question_open()) ask(progress);
    for (const std::string& command : step.action) {
      say(shown(command));
      options_.wait_to_run ? options_.wait_to_run() : say("\n");
      do_command(step.title, command, [&] { progress.poll(); });
    }
    wait_for_checks(progress);
    for (const CheckState& check : progress.checks()) report_check(step, check);
    if (!progress.checks().empty()) say("\n");
    if (step.kind == LessonStep::Kind::compare) compare(progress);
    if (!progress.explanation().empty()) say(plain_text(progress.explanation(), options_.width) + "\n");
  }

  void ask(LessonProgress& progress) {
    const LessonQuestion& question = *progress.question();
    say(question.words + "\n");
    const std::vector<size_t>& order = progress.prediction().order;
    for (size_t i = 0; i < order.size(); ++i)
      say(fmt::format("  {}  {}\n", i + 1, question.choices[order[i]].words));
    say("\n");
    const std::optional<LessonAnswer> answer =
        options_.ask ? options_.ask(question, progress.prediction()) : std::nullopt;
    if (!answer) return progress.pass_over();
    progress.choose(answer->choice);
    progress.set_confidence(answer->confidence);
    progress.commit();
  }

  void do_command(const std::string& step, const std::string& command,
                  const std::function<void()>& meanwhile) {
    const Instant began = lab_.now().monotonic;
    const Finished finished = shell_.run(command, meanwhile);
    say(finished.output + finished.error + "\n");
    LessonCase result{
        step, command, finished.status == exit_status::success, {}, lab_.now().monotonic - began};
    if (!result.has_passed) result.failure = fmt::format("exit {}: {}", finished.status, finished.error);
    report_.cases.push_back(std::move(result));
  }

  void wait_for_checks(LessonProgress& progress) {
    const auto look = [&] {
      progress.poll();
      return progress.is_step_settled();
    };
    while (!look()) {
      const Duration left = progress.deadline() - lab_.now().monotonic;
      if (lab_.run_until(look, std::max(left, Duration{})) == WaitResult::paused) return;
    }
  }

  void report_check(const LessonStep& step, const CheckState& check) {
    const bool has_passed = check.state == CheckState::State::passed;
    say(has_passed ? fmt::format("  {} {} ({})\n", coloured(green, "[ok]"), check.words, spoken(check.took))
                   : fmt::format("  {} {}\n       {}\n", coloured(red, "[--]"), check.words, check.failure));
    report_.cases.push_back({step.title, check.words, has_passed, check.failure, check.took});
  }

  void compare(const LessonProgress& progress) {
    const LessonQuestion& question = *progress.question();
    const PredictionState& prediction = progress.prediction();
    LessonCase result{progress.step().title, question.words, prediction.answer.has_value(), {}, {}};
    if (!prediction.answer) {
      result.failure = text("the cluster did none of the choices", "보기에 없는 결과가 나왔습니다");
      say(fmt::format("{}\n\n", result.failure));
    } else {
      const std::string& answer = question.choices[*prediction.answer].words;
      say(text(fmt::format("What happened: {}\n", answer), fmt::format("실제: {}\n", answer)));
    }
    report_.cases.push_back(std::move(result));
    if (prediction.chosen && prediction.answer) compare_with_learner(question, prediction);
    say("\n");
  }

  void compare_with_learner(const LessonQuestion& question, const PredictionState& prediction) {
    ++report_.answered;
    say(text(fmt::format("You said:      {}\n", question.choices[*prediction.chosen].words),
             fmt::format("내 예측: {}\n", question.choices[*prediction.chosen].words)));
    if (prediction.was_right()) {
      ++report_.right;
      return;
    }
    if (prediction.confidence == Confidence::very) ++report_.sure_and_wrong;
    say(text("Not this time.\n", "이번에는 달랐습니다.\n"));
  }

  const Lesson& lesson_;
  const LessonRunOptions& options_;
  Lab& lab_;
  Shell shell_;
  LessonReport& report_;
};

std::string xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string in_seconds(Duration duration) {
  return fmt::format("{}.{:03}", duration.milliseconds() / 1000, duration.milliseconds() % 1000);
}

}  // namespace

bool LessonReport::has_passed() const {
  return std::all_of(cases.begin(), cases.end(), [](const LessonCase& result) { return result.has_passed; });
}

LessonReport play_lesson(const Lesson& lesson, const LessonRunOptions& options, Lab& lab) {
  LessonReport report;
  report.lesson = lesson.name;
  const LabView view = lab.view();
  report.driver = view.driver;
  report.seed = view.seed;
  Run(lesson, options, lab, report).play();
  return report;
}

Result<LessonReport> run_lesson(const Lesson& lesson, const LessonRunOptions& options) {
  LabConfig config;
  for (const auto& [name, value] : lesson.config) {
    const Status status = config.set(name, value);
    if (!status.ok()) return status;
  }
  if (options.seed) config.seed = *options.seed;
  const Driver driver = options.driver.value_or(config.drivers.front());
  if (!config.plays_on(driver))
    return Status::error(
        StatusCode::invalid,
        Text{fmt::format("{} does not play on the {} driver", lesson.name, to_string(driver)),
             fmt::format("{} 실습은 {} 드라이버에서 진행할 수 없습니다", lesson.name, to_string(driver))}
            .in(lesson.language));
  const Result<std::unique_ptr<Lab>> lab = make_ready_lab(config, driver);
  if (!lab.ok()) return lab.status();
  LessonReport report = play_lesson(lesson, options, **lab);
  (*lab)->close();
  return report;
}

std::string junit_xml(const LessonReport& report) {
  const auto failures = std::count_if(report.cases.begin(), report.cases.end(),
                                      [](const LessonCase& result) { return !result.has_passed; });
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  text += fmt::format("<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" time=\"{}\">\n",
                      xml(report.lesson), report.cases.size(), failures, in_seconds(report.took));
  text += fmt::format(
      "  <properties>\n    <property name=\"driver\" value=\"{}\"/>\n"
      "    <property name=\"seed\" value=\"{}\"/>\n  </properties>\n",
      to_string(report.driver), report.seed);
  for (const LessonCase& result : report.cases) {
    text += fmt::format("  <testcase classname=\"{}\" name=\"{}\" time=\"{}\"", xml(result.step),
                        xml(result.name), in_seconds(result.took));
    text += result.has_passed
                ? "/>\n"
                : fmt::format(">\n    <failure message=\"{}\"/>\n  </testcase>\n", xml(result.failure));
  }
  return text + "</testsuite>\n";
}

}  // namespace brokerlab
