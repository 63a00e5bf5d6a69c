// Lesson files: Markdown with blocks that run. Both languages are read from the input, printed for a terminal, and
// their skeletons taken.
#include "lessons/engine/lesson.h"
#include "sim/shell/lab_config.h"
#include "tests/fuzz/fuzz.h"

using namespace brokerlab;
using namespace brokerlab::fuzz;

namespace {

void print(const Prose& prose) {
  const auto value_at = [](std::string_view path) -> std::optional<std::string> {
    if (path.size() % 2 == 1) return std::nullopt;
    return std::string(path);
  };
  for (const size_t width : {size_t{1}, size_t{80}}) (void)plain_text(fill_prose(prose, value_at), width);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const MemoryLimit limit((uint64_t{2} << 20) + 2048 * size);
  for (const Language language : {Language::english, Language::korean}) {
    const Result<Lesson> lesson = parse_lesson(input.rest().text(), "01-fuzzed", language);
    if (!lesson) continue;
    FUZZ_CHECK(!lesson->steps.empty());
    (void)lesson_skeleton(*lesson);
    print(lesson->introduction);
    for (const LessonStep& step : lesson->steps) {
      for (const Prose* prose : {&step.text, &step.explanation, &step.hint}) print(*prose);
    }
    LabConfig config;
    for (const auto& [name, value] : lesson->config) (void)config.set(name, value, language);
  }
  return 0;
}
