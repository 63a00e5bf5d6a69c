#include "gui/png.h"

#include <png.h>

#include <cerrno>
#include <cstring>

namespace brokerlab::gui {

Status write_png(const Picture& picture, const std::string& path) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = PNG_FORMAT_RGB;
  std::vector<uint8_t> rgb;
  rgb.reserve(picture.pixels.size() * 3);
  for (const uint32_t pixel : picture.pixels) {
    const Colour colour{pixel};
    rgb.insert(rgb.end(), {colour.red(), colour.green(), colour.blue()});
  }
  errno = 0;
  if (png_image_write_to_file(&image, path.c_str(), 0, rgb.data(), 0, nullptr) == 0) {
    return Status::error(StatusCode::io_error,
                         path + ": " + (errno != 0 ? std::strerror(errno) : image.message));
  }
  return {};
}

}  // namespace brokerlab::gui
