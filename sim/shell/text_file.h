// A text file of the person who sits at the machine: a scenario, a tool's options. Nodes have their own disk.
#pragma once

#include <string>
#include <string_view>

#include "sim/base/result.h"

namespace brokerlab {

Result<std::string> read_text_file(const std::string& path);
Status write_text_file(const std::string& path, std::string_view text);

}  // namespace brokerlab
