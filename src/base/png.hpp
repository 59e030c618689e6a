// Pictures with a palette as PNG, over libpng.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace nicohort {

using Colour = std::array<std::uint8_t, 3>;  // red, green, blue

struct PalettePicture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  // indices into the palette, row by row from the top
  std::vector<Colour> palette;       // at most 256
};

// The file's bytes; the same for the same picture, without time or text. Throws MachineError.
std::string png(const PalettePicture& picture);

}  // namespace nicohort
