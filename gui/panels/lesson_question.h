// The open question: its choices, how sure the learner is, the button that commits.
#pragma once

#include "gui/panels/lesson_scene.h"

namespace brokerlab::gui {

/// Returns the bottom of the card.
float draw_question(LessonScene& scene, const PredictionModel& prediction, float y);

}  // namespace brokerlab::gui
