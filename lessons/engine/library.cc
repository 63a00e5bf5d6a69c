#include "lessons/engine/library.h"

#include <fmt/format.h>

#include <algorithm>

namespace brokerlab {

namespace {

/// "1" and "01" name 01-a-leader-stops, so does any part of its name.
bool is_named(const LessonSource& lesson, std::string_view name) {
  const bool is_number =
      !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) return lesson.name.find(name) != std::string_view::npos;
  if (name.size() < 2) return lesson.name.starts_with("0" + std::string(name) + "-");
  return lesson.name.starts_with(std::string(name) + "-");
}

}  // namespace

Result<Lesson> find_lesson(std::string_view name, Language language) {
  const LessonSource* found = nullptr;
  for (const LessonSource& lesson : all_lessons())
    if (found == nullptr && is_named(lesson, name)) found = &lesson;
  if (found == nullptr) {
    std::string names;
    for (const LessonSource& lesson : all_lessons())
      names += (names.empty() ? "" : ", ") + std::string(lesson.name);
    return Status::error(StatusCode::not_found,
                         Text{fmt::format("no lesson \"{}\". Lessons: {}", name, names),
                              fmt::format("\"{}\" 실습이 없습니다. 실습: {}", name, names)}
                             .in(language));
  }
  return parse_lesson(language == Language::korean ? found->korean : found->english, found->name, language);
}

}  // namespace brokerlab
