// The lessons that this program carries: lessons/NN-name/{ko,en}.md, built into it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "lessons/engine/lesson.h"

namespace brokerlab {

struct LessonSource {
  std::string_view name;  ///< of its folder: 01-a-leader-stops
  std::string_view english;
  std::string_view korean;
};

/// In the order of their numbers.
std::span<const LessonSource> all_lessons();

/// Reads the lesson whose name is or contains `name` (1, 01, leader). Errors name what there is.
Result<Lesson> find_lesson(std::string_view name, Language language);

}  // namespace brokerlab
