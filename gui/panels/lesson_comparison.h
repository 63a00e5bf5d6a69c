// What the learner predicted beside what the cluster did, and why.
#pragma once

#include "gui/panels/lesson_scene.h"

namespace brokerlab::gui {

/// Returns the bottom of the card.
float draw_comparison(LessonScene& scene, const ComparisonModel& comparison, float y);

}  // namespace brokerlab::gui
