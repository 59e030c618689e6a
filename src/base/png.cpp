#include "base/png.hpp"

#include <fmt/format.h>
#include <png.h>
#include <zlib.h>

#include "base/problem.hpp"

namespace nicohort {
namespace {

// The signature and the header, which has 13 bytes in its chunk.
constexpr std::size_t before_note = 8 + 12 + 13;
const std::string note_type = "tEXt", keyword = std::string("Comment\0", 8),
                  end_of_file = std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12);

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xFF);
  return bytes;
}

}  // namespace

std::string png(const PalettePicture& picture, const std::string& note) {
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
  if (note.empty()) return file;
  const std::string content = note_type + keyword + note;
  file.insert(before_note, big_endian(keyword.size() + note.size()) + content +
                               big_endian(crc32(0, reinterpret_cast<const Bytef*>(content.data()),
                                                content.size())));
  return file;
}

std::string png_note(std::string_view file) {
  const std::string begin = note_type + keyword;
  if (!file.ends_with(end_of_file) || file.size() < before_note + 4 + begin.size() ||
      file.substr(before_note + 4, begin.size()) != begin)
    return "";
  std::size_t bytes = 0;
  for (unsigned char byte : file.substr(before_note, 4)) bytes = bytes << 8 | byte;
  if (bytes < keyword.size()) return "";
  return std::string(file.substr(before_note + 4 + begin.size(), bytes - keyword.size()));
}

}  // namespace nicohort
