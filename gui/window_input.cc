#include "gui/window_input.h"

#include <GLFW/glfw3.h>

namespace brokerlab::gui {
namespace {

WindowInput& input_of(GLFWwindow* window) {
  return *static_cast<WindowInput*>(glfwGetWindowUserPointer(window));
}

}  // namespace

void WindowInput::note(GLFWwindow* window) { input_of(window).has_come_ = true; }

void WindowInput::watch(GLFWwindow* window) {
  glfwSetWindowUserPointer(window, this);
  glfwSetCursorPosCallback(window, [](GLFWwindow* w, double, double) { note(w); });
  glfwSetMouseButtonCallback(window, [](GLFWwindow* w, int, int, int) { note(w); });
  glfwSetScrollCallback(window, [](GLFWwindow* w, double, double) { note(w); });
  glfwSetKeyCallback(window, [](GLFWwindow* w, int key, int, int action, int modifiers) {
    note(w);
    if (action == GLFW_PRESS) input_of(w).short_presses().note(key, (modifiers & GLFW_MOD_CONTROL) != 0);
  });
  glfwSetCharCallback(window, [](GLFWwindow* w, unsigned) { note(w); });
  glfwSetFramebufferSizeCallback(window, [](GLFWwindow* w, int, int) { note(w); });
  glfwSetWindowRefreshCallback(window, [](GLFWwindow* w) { note(w); });
  glfwSetWindowFocusCallback(window, [](GLFWwindow* w, int) { note(w); });
  glfwSetCursorEnterCallback(window, [](GLFWwindow* w, int) { note(w); });
}

}  // namespace brokerlab::gui
