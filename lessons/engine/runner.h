// Plays a lesson without a window: runs its commands, waits for its checks, and says what came. Every lesson is
// a test.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lessons/engine/lesson.h"
#include "lessons/engine/progress.h"
#include "sim/runtime/cluster.h"

namespace brokerlab {

struct LessonAnswer {
  size_t choice = 0;  ///< an index into the lesson's choices
  Confidence confidence = Confidence::fairly;
};

struct LessonRunOptions {
  std::optional<Driver> driver;  ///< nothing: the lesson's first
  std::optional<uint64_t> seed;
  /// Receives the lesson as text for a terminal, piece by piece.
  std::function<void(std::string_view)> narrate;
  /// Called when a command of the lesson is shown; returns when the learner wants it to run. Not set: nobody
  /// is waited for.
  std::function<void()> wait_to_run;
  size_t width = 80;         ///< columns of the text
  bool has_colours = false;  ///< for a terminal: headings bold, checks green and red
  /// Asks the learner; nothing when there is nobody to ask. Not set: nobody is asked.
  std::function<std::optional<LessonAnswer>(const LessonQuestion&, const PredictionState&)> ask;
};

/// One thing that was to hold: a command's success, a check, a question that the cluster answered.
struct LessonCase {
  std::string step;
  std::string name;
  bool has_passed = false;
  std::string failure;
  Duration took;
};

struct LessonReport {
  std::string lesson;
  Driver driver = Driver::sandbox;
  uint64_t seed = 0;
  std::vector<LessonCase> cases;
  size_t answered = 0;        ///< predictions that a learner made
  size_t right = 0;           ///< of those
  size_t sure_and_wrong = 0;  ///< of those: what is most worth a second look
  Duration took;              ///< lab time
  bool has_passed() const;
};

/// Plays it in a lab that is ready; of the options, `driver` and `seed` do not matter here.
LessonReport play_lesson(const Lesson& lesson, const LessonRunOptions& options, Lab& lab);

/// Makes the lesson's cluster and plays it there. Errors: a setting of the lesson's cluster, a cluster that cannot be made or does not get ready.
Result<LessonReport> run_lesson(const Lesson& lesson, const LessonRunOptions& options);

/// The report as JUnit's XML: one suite, one case for each case.
std::string junit_xml(const LessonReport& report);

}  // namespace brokerlab
