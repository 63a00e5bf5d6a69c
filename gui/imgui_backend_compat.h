// What differs between releases in Dear ImGui's own backends. Only the real window has them.
#pragma once

#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>

#include <utility>
#include <vector>

namespace brokerlab::gui::compat {

/// After the atlas was built again. New releases take care of it themselves.
inline void renew_font_texture() {
#if IMGUI_VERSION_NUM < 19200
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
#endif
}

/// Text fields use the font's own size, which on dense screens was rasterised larger than it is drawn.
inline void set_raster_density(float density) {
#if IMGUI_VERSION_NUM < 19200
  ImGui::GetIO().FontGlobalScale = 1 / density;
#else
  (void)density;
#endif
}

/// Old releases read keys as states, so one that went down and up between two frames was never pressed. This
/// keeps such a key, and the Ctrl that went with it, down for one frame. New releases queue what happens.
class ShortPresses {
 public:
#if IMGUI_VERSION_NUM < 18700
  /// `key` in GLFW's numbers, when it goes down.
  void note(int key, bool with_ctrl) {
    if (key >= 0) noted_.push_back({key, with_ctrl});
  }
  /// After the backend's new frame, before Dear ImGui's.
  void hold() {
    ImGuiIO& io = ImGui::GetIO();
    for (const Press& press : std::exchange(noted_, {})) {
      if (io.KeysDown[press.key]) continue;
      io.KeysDown[press.key] = true;
      io.KeyCtrl = io.KeyCtrl || press.with_ctrl;
      held_.push_back(press);
    }
  }
  /// After the frame.
  void release() {
    ImGuiIO& io = ImGui::GetIO();
    for (const Press& press : std::exchange(held_, {})) {
      io.KeysDown[press.key] = false;
      if (press.with_ctrl) io.KeyCtrl = false;
    }
  }

 private:
  struct Press {
    int key;
    bool with_ctrl;
  };
  std::vector<Press> noted_;
  std::vector<Press> held_;
#else
  void note(int, bool) {}
  void hold() {}
  void release() {}
#endif
};

}  // namespace brokerlab::gui::compat
