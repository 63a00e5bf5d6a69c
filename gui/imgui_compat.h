// Everything that differs between Dear ImGui 1.86 (Debian 12) and the newest release, in one place.
//
// Guards: 18700 input events, 19110 child flags, 19200 dynamic fonts and textures, 19280 order of arguments.
#pragma once

#include <imgui.h>

#include <string>
#include <utility>
#include <vector>

namespace brokerlab::gui::compat {

/// Atlas glyphs are baked at any size on demand: no glyph ranges, no rebuilds.
inline constexpr bool has_dynamic_fonts = IMGUI_VERSION_NUM >= 19200;

// ---- drawing ----------------------------------------------------------------------------------------------

inline void polyline(ImDrawList* list, const ImVec2* points, int count, ImU32 colour, bool is_closed,
                     float width) {
  const ImDrawFlags flags = is_closed ? ImDrawFlags_Closed : ImDrawFlags_None;
#if IMGUI_VERSION_NUM >= 19280
  list->AddPolyline(points, count, colour, width, flags);
#else
  list->AddPolyline(points, count, colour, flags, width);
#endif
}

inline void outline(ImDrawList* list, ImVec2 from, ImVec2 to, ImU32 colour, float radius, float width) {
#if IMGUI_VERSION_NUM >= 19280
  list->AddRect(from, to, colour, radius, width, ImDrawFlags_None);
#else
  list->AddRect(from, to, colour, radius, ImDrawFlags_None, width);
#endif
}

inline void stroke_path(ImDrawList* list, ImU32 colour, float width) {
#if IMGUI_VERSION_NUM >= 19280
  list->PathStroke(colour, width, ImDrawFlags_None);
#else
  list->PathStroke(colour, ImDrawFlags_None, width);
#endif
}

// ---- fonts ------------------------------------------------------------------------------------------------

/// The size to draw at. Dynamic fonts are baked at whole sizes; drawing at another one would scale glyphs.
inline float drawn_size(float size) {
#if IMGUI_VERSION_NUM >= 19200
  return static_cast<float>(static_cast<int>(size + 0.5F));
#else
  return size;
#endif
}

inline float ascent(ImFont* font, float size) {
#if IMGUI_VERSION_NUM >= 19200
  return font->GetFontBaked(size)->Ascent;
#else
  return font->Ascent * size / font->FontSize;
#endif
}

inline void push_font(ImFont* font, float size) {
#if IMGUI_VERSION_NUM >= 19200
  ImGui::PushFont(font, size);
#else
  (void)size;
  ImGui::PushFont(font);
#endif
}

/// Old releases rasterise here and hand out the pixels; new ones do it while they draw.
inline void build_atlas() {
#if IMGUI_VERSION_NUM < 19200
  ImGui::GetIO().Fonts->Build();
#endif
}

/// One byte of coverage for each texel.
struct AtlasPixels {
  const unsigned char* coverage = nullptr;
  int width = 0;
  int height = 0;
};

/// For a renderer without textures of its own: announce it before the first frame ...
inline void announce_pixel_renderer() {
#if IMGUI_VERSION_NUM >= 19200
  ImGui::GetIO().BackendFlags |= ImGuiBackendFlags_RendererHasTextures;
  ImGui::GetIO().Fonts->TexDesiredFormat = ImTextureFormat_Alpha8;
#endif
}

/// ... and take the atlas of the frame that was just drawn.
inline AtlasPixels take_atlas(ImDrawData* data) {
#if IMGUI_VERSION_NUM >= 19200
  AtlasPixels pixels;
  if (data->Textures == nullptr) return pixels;
  for (ImTextureData* texture : *data->Textures) {
    if (texture->Status == ImTextureStatus_WantDestroy) {
      texture->SetTexID(ImTextureID_Invalid);
      texture->SetStatus(ImTextureStatus_Destroyed);
      continue;
    }
    texture->SetTexID(static_cast<ImTextureID>(texture->UniqueID + 1));
    texture->SetStatus(ImTextureStatus_OK);
    pixels = {texture->Pixels, texture->Width, texture->Height};
  }
  return pixels;
#else
  (void)data;
  unsigned char* coverage = nullptr;
  AtlasPixels pixels;
  ImGui::GetIO().Fonts->GetTexDataAsAlpha8(&coverage, &pixels.width, &pixels.height);
  pixels.coverage = coverage;
  return pixels;
#endif
}

/// Before the context of a pixel renderer is destroyed.
inline void release_atlas() {
#if IMGUI_VERSION_NUM >= 19200
  for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
    texture->SetTexID(ImTextureID_Invalid);
    texture->SetStatus(ImTextureStatus_Destroyed);
  }
#endif
}

// ---- input ------------------------------------------------------------------------------------------------

/// Keys that the window knows. Printable ones are their ASCII code.
enum class Key : int {
  space = ' ',
  period = '.',
  left_bracket = '[',
  right_bracket = ']',
  grave = '`',
  minus = '-',
  slash = '/',
  equal = '=',
  enter = 1000,
  escape,
  f1,
  tab,
  up,
  down,
  backspace,
};

#if IMGUI_VERSION_NUM >= 18700
inline ImGuiKey native(Key key) {
  const int code = static_cast<int>(key);
  if (code >= '0' && code <= '9') return static_cast<ImGuiKey>(ImGuiKey_0 + (code - '0'));
  if (code >= 'A' && code <= 'Z') return static_cast<ImGuiKey>(ImGuiKey_A + (code - 'A'));
  switch (key) {
    case Key::space:
      return ImGuiKey_Space;
    case Key::period:
      return ImGuiKey_Period;
    case Key::left_bracket:
      return ImGuiKey_LeftBracket;
    case Key::right_bracket:
      return ImGuiKey_RightBracket;
    case Key::grave:
      return ImGuiKey_GraveAccent;
    case Key::minus:
      return ImGuiKey_Minus;
    case Key::slash:
      return ImGuiKey_Slash;
    case Key::equal:
      return ImGuiKey_Equal;
    case Key::enter:
      return ImGuiKey_Enter;
    case Key::escape:
      return ImGuiKey_Escape;
    case Key::f1:
      return ImGuiKey_F1;
    case Key::tab:
      return ImGuiKey_Tab;
    case Key::up:
      return ImGuiKey_UpArrow;
    case Key::down:
      return ImGuiKey_DownArrow;
    case Key::backspace:
      return ImGuiKey_Backspace;
  }
  return ImGuiKey_None;
}
#else
/// Old releases index `io.KeysDown` by the platform's code; GLFW's is ASCII for printable keys.
inline int native(Key key) {
  switch (key) {
    case Key::enter:
      return ImGui::GetKeyIndex(ImGuiKey_Enter);
    case Key::escape:
      return ImGui::GetKeyIndex(ImGuiKey_Escape);
    case Key::tab:
      return ImGui::GetKeyIndex(ImGuiKey_Tab);
    case Key::up:
      return ImGui::GetKeyIndex(ImGuiKey_UpArrow);
    case Key::down:
      return ImGui::GetKeyIndex(ImGuiKey_DownArrow);
    case Key::backspace:
      return ImGui::GetKeyIndex(ImGuiKey_Backspace);
    case Key::f1:
      return 290;  // GLFW_KEY_F1
    default:
      return static_cast<int>(key);
  }
}
#endif

inline Key letter(char c) { return static_cast<Key>(c); }

inline bool is_pressed(Key key) { return ImGui::IsKeyPressed(native(key), false); }
inline bool is_down(Key key) { return ImGui::IsKeyDown(native(key)); }

/// Without a platform backend (tests, screenshots): old releases need a table from their keys to codes.
inline void map_keys() {
#if IMGUI_VERSION_NUM < 18700
  ImGuiIO& io = ImGui::GetIO();
  for (int i = 0; i < ImGuiKey_COUNT; ++i) io.KeyMap[i] = 300 + i;
  for (const auto& [key, code] : {std::pair{ImGuiKey_A, 'A'},
                                  {ImGuiKey_C, 'C'},
                                  {ImGuiKey_V, 'V'},
                                  {ImGuiKey_X, 'X'},
                                  {ImGuiKey_Y, 'Y'},
                                  {ImGuiKey_Z, 'Z'},
                                  {ImGuiKey_Space, ' '}}) {
    io.KeyMap[key] = code;
  }
#endif
}

inline void send_key(Key key, bool is_down) {
#if IMGUI_VERSION_NUM >= 18700
  ImGui::GetIO().AddKeyEvent(native(key), is_down);
#else
  ImGui::GetIO().KeysDown[native(key)] = is_down;
#endif
}

inline void send_ctrl(bool is_down) {
#if IMGUI_VERSION_NUM >= 18700
  ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, is_down);
#else
  ImGui::GetIO().KeyCtrl = is_down;
#endif
}

inline void send_mouse(ImVec2 at) {
#if IMGUI_VERSION_NUM >= 18700
  ImGui::GetIO().AddMousePosEvent(at.x, at.y);
#else
  ImGui::GetIO().MousePos = at;
#endif
}

inline void send_button(int button, bool is_down) {
#if IMGUI_VERSION_NUM >= 18700
  ImGui::GetIO().AddMouseButtonEvent(button, is_down);
#else
  ImGui::GetIO().MouseDown[button] = is_down;
#endif
}

inline void send_wheel(float lines) {
#if IMGUI_VERSION_NUM >= 18700
  ImGui::GetIO().AddMouseWheelEvent(0, lines);
#else
  ImGui::GetIO().MouseWheel = lines;
#endif
}

}  // namespace brokerlab::gui::compat
