// Text in lines: broken at spaces only, as Korean and commands want it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gui/painter.h"

namespace brokerlab::gui {

/// At least one line; a word that is longer than `room` stands alone on its line. Lines after the first begin
/// with `indent`.
std::vector<std::string> broken_lines(const Painter& paint, TextStyle style, std::string_view text,
                                      float room, std::string_view indent = {});

}  // namespace brokerlab::gui
