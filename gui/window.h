// The real window: GLFW and OpenGL 3.2 core around the same frames that tests and pictures draw.
//
// Frames: 60 a second while something moves and the window has the focus, 10 without the focus, none while
// nothing happens.
#pragma once

#include "gui/session.h"
#include "sim/base/result.h"

namespace brokerlab::gui {

struct WindowOptions {
  SessionOptions session;
  int width = 1600;  ///< in screen points; made smaller when the monitor is
  int height = 1000;
  bool is_motion_reduced = false;
};

/// Opens the window and returns when it was closed. Errors: `unavailable` without a display or OpenGL 3.2, so
/// that the caller can play in the terminal; else what Session::open says.
Status run_window(const WindowOptions& options);

}  // namespace brokerlab::gui
