// What GLFW hears between two frames: whether anything came at all, and keys that were let go before a frame
// could see them. Installed before Dear ImGui's backend, which calls these callbacks too.
#pragma once

#include "gui/imgui_backend_compat.h"

struct GLFWwindow;

namespace brokerlab::gui {

class WindowInput {
 public:
  /// REQUIRES: this object outlives the window; nobody else uses the window's user pointer.
  void watch(GLFWwindow* window);

  /// True once after something came.
  bool take() { return std::exchange(has_come_, false); }
  compat::ShortPresses& short_presses() { return short_presses_; }

 private:
  static void note(GLFWwindow* window);

  bool has_come_ = false;
  compat::ShortPresses short_presses_;
};

}  // namespace brokerlab::gui
