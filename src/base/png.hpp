// Pictures with a palette as PNG, over libpng.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nicohort {

using Colour = std::array<std::uint8_t, 3>;  // red, green, blue

struct PalettePicture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  // indices into the palette, row by row from the top
  std::vector<Colour> palette;       // at most 256
};

// The file's bytes; the same for the same picture and note, without time. A note (ASCII), if there
// is one, is a text chunk of the file, which viewers pass over. Throws MachineError.
std::string png(const PalettePicture& picture, const std::string& note = "");

// The note that png() put into a file with these bytes; empty if there is none, or the file is cut
// short.
std::string png_note(std::string_view file);

}  // namespace nicohort
