// A lesson in the terminal, for `lesson run` and for machines without a display.
#pragma once

#include <string>

#include "sim/shell/text.h"

namespace brokerlab {

/// Plays the lesson; asks for predictions when it is a terminal. Returns the exit status.
int run_lesson_in_terminal(const std::string& name, Language language);

}  // namespace brokerlab
