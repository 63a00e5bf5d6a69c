// Faces found at run time, and the atlas of glyphs that the window's texts need.
//
// Size = px x 1.15 for the proportional faces, x 1.0 for the fixed ones, times the UI scale; text is snapped
// to whole pixels. Before Dear ImGui 1.92 the atlas holds only the glyphs that were asked for: those of the
// interface, and each new one seen. A new one rebuilds the atlas between two frames, at most every 250 ms.
#pragma once

#include <array>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gui/theme.h"

struct ImFont;

namespace brokerlab::gui {

struct FontFile {
  std::string path;
  int face = 0;  ///< index inside a collection
};

/// One file for each Face.
struct FontFiles {
  std::array<FontFile, 4> files;
  bool has_korean = false;
  const FontFile& operator[](Face face) const { return files[static_cast<size_t>(face)]; }
};

/// The first family that is there: Nanum, Noto CJK, Apple SD Gothic Neo; then one with Latin letters only.
/// No path at all means Dear ImGui's own small Latin font.
FontFiles find_fonts();

class Fonts {
 public:
  explicit Fonts(FontFiles files) : files_(std::move(files)) {}

  /// Whether Korean can be shown. If not, the window stays in English and says so.
  bool has_korean() const { return files_.has_korean; }

  /// Asks for the glyphs of a text. They are there after the next `build`.
  void need(std::string_view utf8);
  bool needs_build(float pixel_scale) const { return is_stale_ || pixel_scale != built_scale_; }
  /// Fills the atlas of the current Dear ImGui context for a pixel scale (UI scale x framebuffer scale).
  /// Call it outside a frame; the renderer must take the new texture.
  void build(float pixel_scale);

  ImFont* font(TextStyle style) const { return fonts_[static_cast<size_t>(style)]; }
  /// Size of the style at UI scale 1.
  float size(TextStyle style) const;
  static float px(TextStyle style) { return tokens().styles[static_cast<size_t>(style)].px; }

 private:
  FontFiles files_;
  std::set<uint32_t> glyphs_;
  bool is_stale_ = true;
  float built_scale_ = 0;
  std::array<ImFont*, text_style_count> fonts_{};
  std::vector<uint16_t> ranges_;  // must outlive the atlas
};

/// Calls `f(code point)` for each one of a UTF-8 text; broken bytes count as U+FFFD.
template <class F>
void for_each_code_point(std::string_view utf8, F&& f) {
  for (size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
    if (length == 0 || i + length > utf8.size()) {
      f(uint32_t{0xFFFD}, utf8.substr(i, 1));
      ++i;
      continue;
    }
    uint32_t code = length == 1 ? lead : lead & (0xFFu >> (length + 1));
    for (size_t k = 1; k < length; ++k) code = code << 6 | (static_cast<unsigned char>(utf8[i + k]) & 0x3Fu);
    f(code, utf8.substr(i, length));
    i += length;
  }
}

}  // namespace brokerlab::gui
