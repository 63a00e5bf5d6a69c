#include "gui/raster.h"

#include <algorithm>
#include <cmath>

#include "sim/base/assert.h"

namespace brokerlab::gui {
namespace {

struct Clip {
  int left, top, right, bottom;
};

/// `over` on `under`, with `coverage` 0..255 on top of the colour's own alpha.
uint32_t blended(uint32_t under, uint32_t over, uint32_t coverage) {
  const uint32_t alpha = (over >> 24) * coverage / 255;
  if (alpha == 255) return over | 0xFF000000u;
  uint32_t out = 0xFF000000u;
  for (int shift = 0; shift < 24; shift += 8) {
    const uint32_t a = under >> shift & 0xFFu;
    const uint32_t b = over >> shift & 0xFFu;
    out |= ((a * (255 - alpha) + b * alpha + 127) / 255) << shift;
  }
  return out;
}

class Rasteriser {
 public:
  Rasteriser(Picture& picture, const compat::AtlasPixels& atlas) : picture_(picture), atlas_(atlas) {}

  void region(const Clip& clip, uint32_t colour) {
    for (int y = clip.top; y < clip.bottom; ++y) {
      std::fill_n(row(y) + clip.left, clip.right - clip.left, colour);
    }
  }

  void triangle(const ImDrawVert& a, const ImDrawVert& b, const ImDrawVert& c, const Clip& clip) {
    const float area = (b.pos.x - a.pos.x) * (c.pos.y - a.pos.y) - (b.pos.y - a.pos.y) * (c.pos.x - a.pos.x);
    if (area == 0) return;
    const ImDrawVert& second = area > 0 ? b : c;
    const ImDrawVert& third = area > 0 ? c : b;
    fill(a, second, third, std::abs(area), clip);
  }

 private:
  uint32_t* row(int y) { return picture_.pixels.data() + static_cast<size_t>(y * picture_.width); }

  uint32_t coverage_at(float u, float v) const {
    const int x = std::clamp(static_cast<int>(u * static_cast<float>(atlas_.width)), 0, atlas_.width - 1);
    const int y = std::clamp(static_cast<int>(v * static_cast<float>(atlas_.height)), 0, atlas_.height - 1);
    return atlas_.coverage[y * atlas_.width + x];
  }

  /// Edge functions at pixel centres; a pixel on a shared edge belongs to the triangle whose top or left edge
  /// it is, so that nothing is blended twice.
  struct Edge {
    float dx, dy, at;
    bool owns_border;
    Edge(const ImVec2& from, const ImVec2& to, float x, float y)
        : dx(to.y - from.y),
          dy(to.x - from.x),
          at((to.x - from.x) * (y - from.y) - (to.y - from.y) * (x - from.x)),
          owns_border(dx < 0 || (dx == 0 && dy > 0)) {}
    bool is_inside(float value) const { return value > 0 || (value == 0 && owns_border); }
  };

  void fill(const ImDrawVert& a, const ImDrawVert& b, const ImDrawVert& c, float area, const Clip& clip) {
    const auto [low_x, high_x] = std::minmax({a.pos.x, b.pos.x, c.pos.x});
    const auto [low_y, high_y] = std::minmax({a.pos.y, b.pos.y, c.pos.y});
    const int left = std::max(clip.left, static_cast<int>(std::floor(low_x)));
    const int right = std::min(clip.right, static_cast<int>(std::ceil(high_x)));
    const int top = std::max(clip.top, static_cast<int>(std::floor(low_y)));
    const int bottom = std::min(clip.bottom, static_cast<int>(std::ceil(high_y)));
    if (left >= right || top >= bottom) return;
    const float x0 = static_cast<float>(left) + 0.5F;
    const float y0 = static_cast<float>(top) + 0.5F;
    Edge opposite_a(b.pos, c.pos, x0, y0);
    Edge opposite_b(c.pos, a.pos, x0, y0);
    Edge opposite_c(a.pos, b.pos, x0, y0);
    const bool is_plain = a.col == b.col && b.col == c.col && a.uv.x == b.uv.x && a.uv.y == b.uv.y &&
                          b.uv.x == c.uv.x && b.uv.y == c.uv.y;
    const uint32_t plain_coverage = is_plain ? coverage_at(a.uv.x, a.uv.y) : 0;
    for (int y = top; y < bottom; ++y) {
      const auto down = static_cast<float>(y - top);
      uint32_t* const pixels = row(y);
      for (int x = left; x < right; ++x) {
        const auto across = static_cast<float>(x - left);
        const float wa = opposite_a.at - opposite_a.dx * across + opposite_a.dy * down;
        const float wb = opposite_b.at - opposite_b.dx * across + opposite_b.dy * down;
        const float wc = opposite_c.at - opposite_c.dx * across + opposite_c.dy * down;
        if (!opposite_a.is_inside(wa) || !opposite_b.is_inside(wb) || !opposite_c.is_inside(wc)) continue;
        if (is_plain) {
          pixels[x] = blended(pixels[x], a.col, plain_coverage);
        } else {
          pixels[x] = blended(pixels[x], mixed(a, b, c, wa / area, wb / area, wc / area),
                              coverage_at((a.uv.x * wa + b.uv.x * wb + c.uv.x * wc) / area,
                                          (a.uv.y * wa + b.uv.y * wb + c.uv.y * wc) / area));
        }
      }
    }
  }

  static uint32_t mixed(const ImDrawVert& a, const ImDrawVert& b, const ImDrawVert& c, float wa, float wb,
                        float wc) {
    if (a.col == b.col && b.col == c.col) return a.col;
    uint32_t out = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      const float value = static_cast<float>(a.col >> shift & 0xFFu) * wa +
                          static_cast<float>(b.col >> shift & 0xFFu) * wb +
                          static_cast<float>(c.col >> shift & 0xFFu) * wc;
      out |= static_cast<uint32_t>(std::clamp(value + 0.5F, 0.0F, 255.0F)) << shift;
    }
    return out;
  }

  Picture& picture_;
  const compat::AtlasPixels& atlas_;
};

Clip clip_of(const ImDrawCmd& command, const ImDrawData& data, const Picture& picture) {
  const auto bounded = [](float value, int limit) {
    return std::clamp(static_cast<int>(std::lround(value)), 0, limit);
  };
  return {bounded(command.ClipRect.x - data.DisplayPos.x, picture.width),
          bounded(command.ClipRect.y - data.DisplayPos.y, picture.height),
          bounded(command.ClipRect.z - data.DisplayPos.x, picture.width),
          bounded(command.ClipRect.w - data.DisplayPos.y, picture.height)};
}

}  // namespace

void raster_region(const ImDrawList*, const ImDrawCmd*) {
  BROKERLAB_ASSERT_THAT(false, "a mark of the rasteriser was called by another renderer");
}

Picture rasterise(const ImDrawData& data, const compat::AtlasPixels& atlas, Colour clear) {
  Picture picture{static_cast<int>(data.DisplaySize.x), static_cast<int>(data.DisplaySize.y), {}};
  picture.pixels.assign(static_cast<size_t>(picture.width) * static_cast<size_t>(picture.height), clear.abgr);
  Rasteriser rasteriser(picture, atlas);
  for (int n = 0; n < data.CmdListsCount; ++n) {
    const ImDrawList* list = data.CmdLists[n];
    for (const ImDrawCmd& command : list->CmdBuffer) {
      const Clip clip = clip_of(command, data, picture);
      if (clip.left >= clip.right || clip.top >= clip.bottom) continue;
      if (command.UserCallback == &raster_region) {
        rasteriser.region(clip, static_cast<const Colour*>(command.UserCallbackData)->abgr);
        continue;
      }
      BROKERLAB_ASSERT(command.UserCallback == nullptr);
      const ImDrawIdx* indices = list->IdxBuffer.Data + command.IdxOffset;
      const ImDrawVert* vertices = list->VtxBuffer.Data + command.VtxOffset;
      for (unsigned i = 0; i + 2 < command.ElemCount; i += 3) {
        rasteriser.triangle(vertices[indices[i]], vertices[indices[i + 1]], vertices[indices[i + 2]], clip);
      }
    }
  }
  return picture;
}

}  // namespace brokerlab::gui
