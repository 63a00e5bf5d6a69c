// A picture of the window at an exact moment, without a display: `brokerlab gui --screenshot`.
//
// A script has one line for each thing to do, in order; `#` begins a comment:
//
//   2.5s docker stop kafka2        at 2.5 s of lab time, a command of the shell
//   docker start kafka2            a command when the one before it has ended
//   lesson next|back|do|commit     what the learner does in the lesson's pane
//   lesson choose 2                the second choice, as it is shown
//   lesson sure guess|fairly|very
//   select kafka2|orders-1         a node or a partition
//   tab lesson|cluster|partitions|events|terminal
#pragma once

#include <string>

#include "gui/session.h"

namespace brokerlab::gui {

struct ScreenshotOptions {
  std::string out;  ///< a PNG file
  Duration at;      ///< lab time since the cluster began
  Language language = Language::english;
  std::string script;  ///< the script's text, not its path
  std::string lesson = "1";
  int width = 1600;
  int height = 1000;
  float scale = 1;
};

/// Plays the script in the lesson's sandbox until `at`, then draws. Errors: a line of the script that is not
/// understood (with its number), the lesson, the file that cannot be written.
Status save_screenshot(const ScreenshotOptions& options);

}  // namespace brokerlab::gui
