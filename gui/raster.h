// A software rasteriser of ImDrawData: pictures without a display, for `gui --screenshot` and for tests.
//
// Nearest texel (text is snapped to whole pixels), alpha blending in sRGB bytes as the OpenGL backend does it.
// The same frame gives the same bytes on one machine; compare with a tolerance across Dear ImGui releases.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <vector>

#include "gui/imgui_compat.h"
#include "gui/theme.h"

namespace brokerlab::gui {

struct Picture {
  int width = 0;
  int height = 0;
  std::vector<uint32_t> pixels;  ///< 0xAABBGGRR, row by row
  Colour at(int x, int y) const { return {pixels[static_cast<size_t>(y * width + x)]}; }
};

/// The Painter's region callback for this renderer: a mark that `rasterise` understands.
void raster_region(const ImDrawList* list, const ImDrawCmd* command);

/// `clear` is the colour of what nothing was drawn on.
Picture rasterise(const ImDrawData& data, const compat::AtlasPixels& atlas, Colour clear);

}  // namespace brokerlab::gui
