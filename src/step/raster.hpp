// Small pictures of slices: shrinking them and drawing outlines over them.
#pragma once

#include <cstdint>
#include <vector>

namespace nicohort {

// Bytes row by row from the top.
struct Raster {
  Raster(std::int64_t w, std::int64_t h) : width(w), height(h), values(w * h) {}
  std::int64_t width, height;
  std::vector<std::uint8_t> values;
  std::uint8_t& at(std::int64_t column, std::int64_t row) { return values[column + row * width]; }
  std::uint8_t at(std::int64_t column, std::int64_t row) const {
    return values[column + row * width];
  }
};

// A picture with other numbers of columns and rows than the image it is made of, each value the
// mean of what it covers. The image's values come in any order; the image is never in memory.
class Resampling {
 public:
  struct Extent {
    std::int64_t width = 0, height = 0;
  };
  Resampling(Extent image, Extent picture);

  // Each of the image's values, 0 to 255, once.
  void add(std::int64_t column, std::int64_t row, std::uint8_t value);
  // Scaled from 0..255 to 0..highest.
  Raster picture(std::uint8_t highest) const;

 private:
  Extent image_, picture_;
  std::vector<std::int64_t> first_columns_, first_rows_;  // of the picture, by those of the image
  std::vector<std::uint64_t> sums_;  // by pixel; of values times the area that they cover there
};

// Draws the outlines of two masks (values 0 and 1, of equal sizes) over a picture of the same
// region, which may have other numbers of columns and rows: of `after` everywhere, of `before`
// where the masks differ. An outline is the inner edge of what is set, and of `before` also of a
// hole that `after` has not. Edges are looked for at the resolution of the masks, or of the picture
// where this is finer: a speck of one voxel is seen, and lines are one pixel wide.
struct OutlineColours {
  std::uint8_t before, after;
};
void draw_outlines(const Raster& before, const Raster& after, OutlineColours colours,
                   Raster& picture);

}  // namespace nicohort
