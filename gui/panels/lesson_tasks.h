// What a step asks the learner to do, what the cluster checks, and a hint. Each returns the y below itself.
#pragma once

#include "gui/panels/lesson_scene.h"

namespace brokerlab::gui {

float draw_action(LessonScene& scene, const ActionModel& action, float y);
float draw_checks(LessonScene& scene, float y);
float draw_hint(LessonScene& scene, float y);

}  // namespace brokerlab::gui
