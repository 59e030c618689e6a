#include "step/raster.hpp"

#include <algorithm>
#include <optional>

namespace nicohort {
namespace {

// For each of n cells the first that it touches of m cells of the same whole.
std::vector<std::int64_t> first_covered(std::int64_t n, std::int64_t m) {
  std::vector<std::int64_t> first(n);
  for (std::int64_t cell = 0; cell < n; ++cell) first[cell] = cell * m / n;
  return first;
}

// Calls add(i, share) for each of the m cells that one of the n touches, from the first on; it
// covers share / n of that.
template <class Add>
void cover(std::int64_t cell, std::int64_t n, std::int64_t m, std::int64_t first, Add&& add) {
  const std::int64_t begin = cell * m, end = begin + m;
  for (std::int64_t i = first; i * n < end; ++i)
    add(i, std::min(end, (i + 1) * n) - std::max(begin, i * n));
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

Resampling::Resampling(Extent image, Extent picture)
    : image_(image),
      picture_(picture),
      first_columns_(first_covered(image.width, picture.width)),
      first_rows_(first_covered(image.height, picture.height)),
      sums_(picture.width * picture.height) {}

void Resampling::add(std::int64_t column, std::int64_t row, std::uint8_t value) {
  const auto add_to_row = [&](std::int64_t y, std::int64_t height) {
    const auto add_to_pixel = [&](std::int64_t x, std::int64_t width) {
      sums_[x + y * picture_.width] += static_cast<std::uint64_t>(width * height) * value;
    };
    cover(column, image_.width, picture_.width, first_columns_[column], add_to_pixel);
  };
  cover(row, image_.height, picture_.height, first_rows_[row], add_to_row);
}

Raster Resampling::picture(std::uint8_t highest) const {
  Raster picture(picture_.width, picture_.height);
  const std::uint64_t whole = static_cast<std::uint64_t>(image_.width * image_.height) * 255;
  std::transform(sums_.begin(), sums_.end(), picture.values.begin(), [&](std::uint64_t sum) {
    return static_cast<std::uint8_t>((2 * sum * highest + whole) / (2 * whole));
  });
  return picture;
}

void draw_outlines(const Raster& before, const Raster& after, OutlineColours colours,
                   Raster& picture) {
  const std::int64_t width = std::max(before.width, picture.width),
                     height = std::max(before.height, picture.height);
  std::optional<Raster> larger_before, larger_after;
  if (width != before.width || height != before.height) {
    larger_before = enlarged(before, width, height);
    larger_after = enlarged(after, width, height);
  }
  const Raster &was = larger_before ? *larger_before : before,
               &is = larger_after ? *larger_after : after;
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
