#include "gui/fonts.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "gui/imgui_compat.h"

namespace brokerlab::gui {
namespace {

struct Family {
  std::array<FontFile, 4> files;  // ui, ui bold, mono, mono bold; names below the folders
  bool has_korean;
};

const std::vector<Family>& families() {
  static const std::vector<Family> list{
      {{{{"NanumGothic.ttf"},
         {"NanumGothicBold.ttf"},
         {"NanumGothicCoding.ttf"},
         {"NanumGothicCodingBold.ttf"}}},
       true},
      // The collection's order: JP, KR, SC, TC, HK, then the fixed-width faces in the same order.
      {{{{"NotoSansCJK-Regular.ttc", 1},
         {"NotoSansCJK-Bold.ttc", 1},
         {"NotoSansCJK-Regular.ttc", 6},
         {"NotoSansCJK-Bold.ttc", 6}}},
       true},
      {{{{"AppleSDGothicNeo.ttc", 0},
         {"AppleSDGothicNeo.ttc", 6},
         {"AppleSDGothicNeo.ttc", 0},
         {"AppleSDGothicNeo.ttc", 6}}},
       true},
      {{{{"DejaVuSans.ttf"}, {"DejaVuSans-Bold.ttf"}, {"DejaVuSansMono.ttf"}, {"DejaVuSansMono-Bold.ttf"}}},
       false},
  };
  return list;
}

std::vector<std::string> font_folders() {
  std::vector<std::string> folders{"/usr/share/fonts/truetype/nanum",
                                   "/usr/share/fonts/opentype/noto",
                                   "/usr/share/fonts/truetype/dejavu",
                                   "/usr/local/share/fonts",
                                   "/Library/Fonts",
                                   "/System/Library/Fonts"};
  if (const char* home = std::getenv("HOME")) {
    folders.push_back(std::string(home) + "/Library/Fonts");
    folders.push_back(std::string(home) + "/.local/share/fonts");
  }
  return folders;
}

std::string find_file(const std::string& name) {
  for (const std::string& folder : font_folders()) {
    std::error_code ignored;
    const auto path = std::filesystem::path(folder) / name;
    if (std::filesystem::is_regular_file(path, ignored)) return path.string();
  }
  return {};
}

}  // namespace

FontFiles find_fonts() {
  for (const Family& family : families()) {
    FontFiles found;
    found.has_korean = family.has_korean;
    bool is_complete = true;
    for (size_t i = 0; i < family.files.size(); ++i) {
      found.files[i] = {find_file(family.files[i].path), family.files[i].face};
      is_complete = is_complete && !found.files[i].path.empty();
    }
    if (is_complete) return found;
  }
  return {};
}

void Fonts::need(std::string_view utf8) {
  if (compat::has_dynamic_fonts) return;
  for_each_code_point(utf8, [&](uint32_t code, std::string_view) {
    if (code < 0x80 || code > 0xFFFF) return;
    if (glyphs_.insert(code).second) is_stale_ = true;
  });
}

float Fonts::size(TextStyle style) const {
  const TextStyleToken& token = tokens().styles[static_cast<size_t>(style)];
  const bool is_mono = token.face == Face::mono || token.face == Face::mono_bold;
  return token.px * (is_mono ? tokens().mono_size_factor : tokens().ui_size_factor);
}

void Fonts::build(float pixel_scale) {
  ImFontAtlas* atlas = ImGui::GetIO().Fonts;
  atlas->Clear();
  atlas->Flags |= ImFontAtlasFlags_NoMouseCursors;
  ranges_ = {0x20, 0x7E};
  for (const uint32_t code : glyphs_) {
    const auto unit = static_cast<uint16_t>(code);
    if (ranges_.back() + 1 == unit) {
      ranges_.back() = unit;
    } else {
      ranges_.push_back(unit);
      ranges_.push_back(unit);
    }
  }
  ranges_.push_back(0);
  static_assert(sizeof(ImWchar) == sizeof(uint16_t));
  for (size_t i = 0; i < text_style_count; ++i) {
    const auto style = static_cast<TextStyle>(i);
    const FontFile& file = files_[tokens().styles[i].face];
    ImFontConfig config;
    config.OversampleH = 1;
    config.OversampleV = 1;
    config.PixelSnapH = true;
    config.FontNo = file.face;
    config.SizePixels = size(style) * pixel_scale;
    if (file.path.empty()) {
      fonts_[i] = atlas->AddFontDefault(&config);
      continue;
    }
    const ImWchar* ranges = compat::has_dynamic_fonts ? nullptr : ranges_.data();
    fonts_[i] = atlas->AddFontFromFileTTF(file.path.c_str(), config.SizePixels, &config, ranges);
  }
  compat::build_atlas();
  is_stale_ = false;
  built_scale_ = pixel_scale;
}

}  // namespace brokerlab::gui
