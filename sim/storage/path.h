// Paths on a node's disk: relative, '/' between names, never out of the folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"

namespace brokerlab {

/// The names in `path`. `invalid` when it is empty or absolute, or when a name is empty, `.`, `..` or holds a zero
/// byte.
Result<std::vector<std::string>> split_path(std::string_view path);

}  // namespace brokerlab
