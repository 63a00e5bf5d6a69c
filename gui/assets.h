// Files of assets/ that are compiled in (CMake writes assets.cc).
#pragma once

#include <string_view>

namespace brokerlab::gui::assets {

extern const std::string_view tokens_json;

}  // namespace brokerlab::gui::assets
