#include "sim/storage/path.h"

namespace brokerlab {

Result<std::vector<std::string>> split_path(std::string_view path) {
  std::vector<std::string> names;
  size_t start = 0;
  while (true) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string_view name = path.substr(start, end - start);
    if (name.empty() || name == "." || name == ".." || name.find('\0') != std::string_view::npos)
      return Status::error(StatusCode::invalid, "'" + std::string(path) + "' is not a path on this disk");
    names.emplace_back(name);
    if (end == path.size()) return names;
    start = end + 1;
  }
}

}  // namespace brokerlab
