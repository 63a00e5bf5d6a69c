// `brokerlab` and `brokerlab gui`: the window, a picture of it, or lesson 1 in the terminal where no window opens.
#include "gui/window.h"

#include <fmt/format.h>

#include "gui/program/lesson.h"
#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "gui/screenshot.h"
#include "sim/network/links.h"
#include "sim/shell/shell.h"
#include "sim/shell/text_file.h"

namespace brokerlab {

namespace {

constexpr const char* first_lesson = "1";

struct GuiOptions {
  std::string picture;
  std::string at = "5s";
  std::string script;
  std::string lesson = first_lesson;
  std::string size = "1600x1000";
  float scale = 1;
};

bool parse_size(const std::string& text, int& width, int& height) {
  char rest = 0;
  return std::sscanf(text.c_str(), "%dx%d%c", &width, &height, &rest) == 2 && width >= 320 && height >= 240 &&
         width <= 8192 && height <= 8192;
}

int save_picture(const GuiOptions& options, Language language) {
  gui::ScreenshotOptions picture;
  picture.out = options.picture;
  picture.language = language;
  picture.lesson = options.lesson;
  picture.scale = options.scale;
  const Result<Duration> at = parse_duration(options.at, language);
  if (!at.ok()) return complain("--at: " + at.status().message, exit_status::usage);
  picture.at = *at;
  if (!parse_size(options.size, picture.width, picture.height)) {
    return complain({"--size takes WIDTHxHEIGHT, from 320x240 to 8192x8192",
                     "--size는 너비x높이 형식이며 320x240~8192x8192입니다"},
                    language, exit_status::usage);
  }
  if (!options.script.empty()) {
    Result<std::string> text = read_text_file(options.script);
    if (!text.ok()) return complain(text_of(text.status()), language, exit_status::usage);
    picture.script = std::move(*text);
  }
  const Status saved = gui::save_screenshot(picture);
  return saved.ok() ? exit_status::success : complain(text_of(saved), language, exit_status::failure);
}

int open_window_on(const std::string& lesson, Language language) {
  gui::WindowOptions options;
  options.session.lesson = lesson;
  options.session.language = language;
  const Status closed = gui::run_window(options);
  if (closed.ok()) return exit_status::success;
  if (closed.code != StatusCode::unavailable)
    return complain(text_of(closed), language, exit_status::failure);
  fmt::print("{}\n\n", Text{"No window can be opened here: the lesson plays in the terminal.",
                            "창을 열 수 없어 터미널에서 실습을 진행합니다."}
                           .in(language));
  return run_lesson_in_terminal(lesson, language);
}

}  // namespace

RunSubcommand add_window(CLI::App& program, Language language) {
  auto options = std::make_shared<GuiOptions>();
  CLI::App* command =
      program.add_subcommand("gui", Text{"Open the window, or draw it into a picture without a display",
                                         "창을 열거나, 디스플레이 없이 창을 PNG 파일로 그립니다"}
                                        .in(language));
  command
      ->add_option("--screenshot", options->picture,
                   Text{"Draw into this PNG file and end", "창을 이 PNG 파일에 그리고 끝납니다"}.in(language))
      ->type_name("FILE");
  command
      ->add_option("--at", options->at,
                   Text{"The instant to draw, in lab time (5s)", "그릴 시점, 랩 시간 기준 (5s)"}.in(language))
      ->type_name("TIME");
  command
      ->add_option("--script", options->script,
                   Text{"What happens before: lines such as `2.5s docker stop kafka2`, `lesson next`",
                        "그 전에 실행할 명령 파일. 예: `2.5s docker stop kafka2`, `lesson next`"}
                       .in(language))
      ->type_name("FILE");
  command->add_option("--lesson", options->lesson, Text{"Which lesson (1)", "실습 (1)"}.in(language))
      ->type_name("NAME");
  command
      ->add_option(
          "--size", options->size,
          Text{"WIDTHxHEIGHT of the picture (1600x1000)", "PNG의 너비x높이 (1600x1000)"}.in(language))
      ->type_name("SIZE");
  command
      ->add_option("--scale", options->scale,
                   Text{"UI scale, 0.75 to 2.5 (1)", "화면 배율, 0.75~2.5 (1)"}.in(language))
      ->type_name("X")
      ->check(between(0.75, 2.5, language));
  return [options, language] {
    return options->picture.empty() ? open_window_on(options->lesson, language)
                                    : save_picture(*options, language);
  };
}

int open_window(Language language) { return open_window_on(first_lesson, language); }

}  // namespace brokerlab
