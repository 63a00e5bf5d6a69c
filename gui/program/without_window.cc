// `brokerlab` and `brokerlab gui` of a build without the window (BROKERLAB_GUI=OFF): lesson 1 in the terminal.
#include <fmt/format.h>

#include "gui/program/lesson.h"
#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "sim/shell/shell.h"

namespace brokerlab {

namespace {

constexpr const char* first_lesson = "1";

int without_window(Language language) {
  return complain({"this brokerlab was built without the window (BROKERLAB_GUI=OFF)",
                   "이 brokerlab은 창 없이 빌드되었습니다 (BROKERLAB_GUI=OFF)"},
                  language, exit_status::failure);
}

}  // namespace

RunSubcommand add_window(CLI::App& program, Language language) {
  program.add_subcommand(
      "gui", Text{"Draw the window, also without a display", "창을 그립니다. 디스플레이가 없어도 됩니다"}.in(
                 language));
  return [language] { return without_window(language); };
}

int open_window(Language language) {
  fmt::print("{}\n\n", Text{"There is no window here: lesson 1 plays in the terminal.",
                            "창이 없어 터미널에서 실습 1을 진행합니다."}
                           .in(language));
  return run_lesson_in_terminal(first_lesson, language);
}

}  // namespace brokerlab
