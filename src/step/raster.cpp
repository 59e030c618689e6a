#include "step/raster.hpp"

#include <algorithm>
#include <cmath>

namespace nicohort {
namespace {

// Calls add(source, part) for each of n cells that the new cell i of m covers, and for how much of
// the new cell it stands.
template <class Add>
void cover(std::int64_t i, std::int64_t n, std::int64_t m, Add&& add) {
  const double begin = double(i) * n / m, end = double(i + 1) * n / m;
  for (auto source = std::int64_t(begin); source < n && source < end; ++source)
    add(source, (std::min<double>(source + 1, end) - std::max<double>(source, begin)) * m / n);
}

// Which of m cells has the middle of cell i of n in it.
std::int64_t place(std::int64_t i, std::int64_t n, std::int64_t m) {
  return (2 * i + 1) * m / (2 * n);
}

Raster enlarged(const Raster& image, std::int64_t width, std::int64_t height) {
  Raster large(width, height);
  for (std::int64_t row = 0; row < height; ++row)
    for (std::int64_t column = 0; column < width; ++column)
      large.at(column, row) =
          image.at(place(column, width, image.width), place(row, height, image.height));
  return large;
}

// Whether a neighbour to the side, above or below differs. Outside the image is 0.
bool is_at_edge(const Raster& mask, std::int64_t column, std::int64_t row) {
  auto near = [&](std::int64_t c, std::int64_t r) -> std::uint8_t {
    return c >= 0 && c < mask.width && r >= 0 && r < mask.height ? mask.at(c, r) : 0;
  };
  const std::uint8_t here = mask.at(column, row);
  return near(column - 1, row) != here || near(column + 1, row) != here ||
         near(column, row - 1) != here || near(column, row + 1) != here;
}

}  // namespace

Raster resampled(const Raster& image, std::int64_t width, std::int64_t height,
                 std::uint8_t highest) {
  Raster picture(width, height);
  std::vector<double> line(image.width);  // as wide as the image, as high as a row of the picture
  for (std::int64_t row = 0; row < height; ++row) {
    std::fill(line.begin(), line.end(), 0);
    cover(row, image.height, height, [&](std::int64_t source, double part) {
      const std::uint8_t* values = image.values.data() + source * image.width;
      for (std::int64_t column = 0; column < image.width; ++column)
        line[column] += part * values[column];
    });
    for (std::int64_t column = 0; column < width; ++column) {
      double mean = 0;
      cover(column, image.width, width,
            [&](std::int64_t source, double part) { mean += part * line[source]; });
      picture.at(column, row) = static_cast<std::uint8_t>(std::lround(mean * highest / 255));
    }
  }
  return picture;
}

void draw_outlines(const Raster& before, const Raster& after, OutlineColours colours,
                   Raster& picture) {
  const std::int64_t width = std::max(before.width, picture.width),
                     height = std::max(before.height, picture.height);
  const Raster was = enlarged(before, width, height), is = enlarged(after, width, height);
  auto pixel = [&](std::int64_t column, std::int64_t row) -> std::uint8_t& {
    return picture.at(place(column, width, picture.width), place(row, height, picture.height));
  };
  auto draw = [&](const Raster& mask, std::uint8_t colour, auto&& where) {
    for (std::int64_t row = 0; row < height; ++row)
      for (std::int64_t column = 0; column < width; ++column)
        if (where(was.at(column, row), is.at(column, row)) && is_at_edge(mask, column, row))
          pixel(column, row) = colour;
  };
  draw(was, colours.before, [](bool b, bool a) { return b != a; });
  draw(is, colours.after, [](bool, bool a) { return a; });
}

}  // namespace nicohort
