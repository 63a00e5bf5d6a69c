// What differs between releases in Dear ImGui's own backends. Only the real window has them.
#pragma once

#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>

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

}  // namespace brokerlab::gui::compat
