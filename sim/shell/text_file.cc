#include "sim/shell/text_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace brokerlab {

Result<std::string> read_text_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return Status::error(StatusCode::invalid, fmt::format("{}: {}", path, std::strerror(EISDIR)));
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  // An empty file sets failbit on the target, not on `in`.
  if (in) text << in.rdbuf();
  if (!in.is_open() || in.bad())
    return Status::error(StatusCode::not_found, fmt::format("{}: {}", path, std::strerror(errno)));
  return text.str();
}

Status write_text_file(const std::string& path, std::string_view text) {
  errno = 0;
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) return Status::error(StatusCode::io_error, fmt::format("{}: {}", path, std::strerror(errno)));
  return {};
}

}  // namespace brokerlab
