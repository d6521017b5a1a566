#include "engine/report/png.hpp"

#include <png.h>

#include "ansatz/sdk/error.hpp"

namespace ansatz::report {

std::string png(int width, int height, std::span<const std::uint8_t> rgba) {
  if (width < 1 || height < 1 || rgba.size() != std::size_t(width) * height * 4)
    throw sdk::Error(sdk::ErrorKind::internal, "a picture does not have four bytes a pixel", "png");
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = PNG_FORMAT_RGBA;
  image.flags = PNG_IMAGE_FLAG_FAST;  // a third of the time
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(size, '\0');
  if (png_image_write_to_memory(&image, file.data(), &size, 0, rgba.data(), 0, nullptr) == 0)
    throw sdk::Error(sdk::ErrorKind::output, std::string("libpng cannot write a picture: ") + image.message);
  file.resize(size);
  return file;
}

std::string base64(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) -> std::uint32_t {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u;
    };
    const std::uint32_t three = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (int k = 0; k < 4; ++k) text += i + k > bytes.size() ? '=' : digits[(three >> (6 * (3 - k))) & 63];
  }
  return text;
}

}  // namespace ansatz::report
