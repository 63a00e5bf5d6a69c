// Pictures as PNG files, through libpng.
#pragma once

#include <string>

#include "gui/raster.h"
#include "sim/base/result.h"

namespace brokerlab::gui {

/// Writes an opaque RGB picture. Errors: the file cannot be written.
Status write_png(const Picture& picture, const std::string& path);

}  // namespace brokerlab::gui
