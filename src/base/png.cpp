#include "base/png.hpp"

#include <png.h>

#include <fmt/format.h>

#include "base/problem.hpp"

namespace nicohort {

std::string png(const PalettePicture& picture) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = picture.width;
  image.height = picture.height;
  image.format = PNG_FORMAT_RGB_COLORMAP;
  image.colormap_entries = picture.palette.size();
  // Row strides of 0 are the width.
  png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(bytes, '\0');
  if (!png_image_write_to_memory(&image, file.data(), &bytes, 0, picture.pixels.data(), 0,
                                 picture.palette.data()))
    throw MachineError(fmt::format("cannot make a picture: {}", image.message));
  file.resize(bytes);
  return file;
}

}  // namespace nicohort
