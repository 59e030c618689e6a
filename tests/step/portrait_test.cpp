#include "step/portrait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "step/pieces.hpp"

namespace nicohort {
namespace {

using namespace testing;

constexpr int box = Portrait::box_pixels;
constexpr float air = -1000, white = 2000;
const Colour black_colour{0, 0, 0}, white_colour{255, 255, 255}, orange{0xe6, 0x9f, 0x00},
    blue{0x56, 0xb4, 0xe9};

Colour pixel(const PalettePicture& picture, int column, int row) {
  return picture.palette.at(picture.pixels.at(column + row * picture.width));
}

BinaryMask box_mask(Size3 size, std::array<int, 3> begin, std::array<int, 3> end) {
  return to_binary(where(size, [&](auto x, auto y, auto z) {
    return begin[0] <= x && x < end[0] && begin[1] <= y && y < end[1] && begin[2] <= z &&
           z < end[2];
  }));
}

// A volume in which each voxel axis follows a world axis: `letters` as orientation_to() gives them.
Geometry geometry(const std::string& letters, Size3 size, std::array<double, 3> spacing) {
  Geometry g{size, spacing, true, Affine::Identity(), 0, 1};
  g.affine.topLeftCorner<3, 3>().setZero();
  for (int axis = 0; axis < 3; ++axis) {
    const auto end = std::string("RAS").find(letters[axis]),
               start = std::string("LPI").find(letters[axis]);
    const bool reversed = end == std::string::npos;
    g.affine(reversed ? start : end, axis) = (reversed ? -1 : 1) * spacing[axis];
  }
  EXPECT_EQ(orientation_to(g.affine), letters);
  return g;
}

constexpr Window soft_tissue{-160, 240};

PalettePicture portrait(const Geometry& g, const std::vector<float>& values,
                        const BinaryMask& before, const BinaryMask& after) {
  Portrait portrait(g, before, soft_tissue);
  portrait.feed(values);
  return portrait.picture(before, after);
}

// The patient's right anterior superior corner is white, whatever the order of the voxels.
TEST(Portrait, right_is_left_anterior_and_superior_are_up_in_every_orientation) {
  const Size3 size{8, 8, 8};
  for (const std::string x : {"R", "L"})
    for (const std::string y : {"A", "P"})
      for (const std::string z : {"S", "I"}) {
        std::string letters = x + y + z;
        std::sort(letters.begin(), letters.end());
        do {
          const Geometry g = geometry(letters, size, {1, 1, 1});
          auto in_corner = [&](int axis, std::int64_t i) {
            return std::string("RAS").find(letters[axis]) != std::string::npos ? i >= 4 : i < 4;
          };
          std::vector<float> values;
          for_each_voxel(size, [&](auto i, auto j, auto k) {
            values.push_back(in_corner(0, i) && in_corner(1, j) && in_corner(2, k) ? white : air);
          });
          // The slices meet in the middle of a mask of one voxel in that corner.
          std::array<int, 3> at{};
          for (int axis = 0; axis < 3; ++axis) at[axis] = in_corner(axis, 7) ? 6 : 1;
          const BinaryMask mask = box_mask(size, at, {at[0] + 1, at[1] + 1, at[2] + 1});
          Portrait taken(g, mask, soft_tissue);
          taken.feed(values);
          const PalettePicture picture = taken.picture(BinaryMask(size), BinaryMask(size));
          for (int view = 0; view < 3; ++view) {
            const int left = view * (box + 2);
            EXPECT_EQ(pixel(picture, left + 10, 10), white_colour) << letters << view;
            EXPECT_EQ(pixel(picture, left + 10, box - 10), black_colour) << letters << view;
            EXPECT_EQ(pixel(picture, left + box - 10, 10), black_colour) << letters << view;
            EXPECT_EQ(pixel(picture, left + box - 10, box - 10), black_colour) << letters << view;
          }
        } while (std::next_permutation(letters.begin(), letters.end()));
      }
}

// Width and height of what is not black in one of the boxes.
std::pair<int, int> extent(const PalettePicture& picture, int view) {
  int left = box, right = -1, top = box, bottom = -1;
  for (int row = 0; row < box; ++row)
    for (int column = 0; column < box; ++column)
      if (pixel(picture, view * (box + 2) + column, row) != black_colour) {
        left = std::min(left, column), right = std::max(right, column);
        top = std::min(top, row), bottom = std::max(bottom, row);
      }
  return {right - left + 1, bottom - top + 1};
}

TEST(Portrait, voxels_have_the_shape_that_the_spacing_gives_them) {
  const Size3 size{20, 10, 6};
  const Geometry g = geometry("LPS", size, {1, 1.5, 5});  // 20 × 15 × 30 mm
  const PalettePicture picture =
      portrait(g, std::vector<float>(size.voxels(), white), BinaryMask(size), BinaryMask(size));
  EXPECT_EQ(picture.width, 3 * box + 4);
  EXPECT_EQ(picture.height, box);
  EXPECT_EQ(extent(picture, 0), std::pair(box, box * 15 / 20));
  EXPECT_EQ(extent(picture, 1), std::pair(box * 20 / 30, box));
  EXPECT_EQ(extent(picture, 2), std::pair(box * 15 / 30, box));
}

TEST(Portrait, boxes_stand_apart_on_black) {
  const Size3 size{4, 4, 4};
  const PalettePicture picture =
      portrait(geometry("RAS", size, {1, 1, 1}), std::vector<float>(size.voxels(), white),
               BinaryMask(size), BinaryMask(size));
  for (int row = 0; row < box; ++row)
    for (int gap : {box, box + 1, 2 * box + 2, 2 * box + 3})
      EXPECT_EQ(pixel(picture, gap, row), black_colour);
}

TEST(Portrait, the_axial_slice_is_that_with_the_largest_part_of_the_mask) {
  const Size3 size{9, 9, 5};
  // 4 voxels in slice 1, 25 around (6, 5) in slice 3.
  Dense drawn = where(size, [](auto x, auto y, auto z) {
    return (z == 1 && x < 2 && y < 2) || (z == 3 && x >= 4 && x < 9 && y >= 3 && y < 8);
  });
  std::vector<float> values;
  for_each_voxel(size, [&](auto x, auto y, auto z) {
    values.push_back(z == 3 ? white : y == 5 ? 40 : x == 6 ? -60 : air);
  });
  Portrait taken(geometry("LPS", size, {1, 1, 1}), to_binary(drawn), soft_tissue);
  taken.feed(values);
  const PalettePicture picture = taken.picture(BinaryMask(size), BinaryMask(size));
  EXPECT_EQ(pixel(picture, 5, 5), white_colour);
  // The lowest of 5 slices of the coronal and the sagittal view.
  const int bottom = box / 2 + box * 5 / 9 / 2 - 5;
  EXPECT_NEAR(pixel(picture, box + 2 + 5, bottom)[0], 128, 4);
  EXPECT_NEAR(pixel(picture, 2 * (box + 2) + 5, bottom)[0], 64, 4);
}

TEST(Portrait, without_a_mask_the_slices_are_in_the_middle) {
  const Size3 size{6, 6, 6};
  std::vector<float> values;
  for_each_voxel(size, [&](auto x, auto y, auto z) {
    values.push_back(z == 3 ? white : y == 3 ? 40 : x == 3 ? -60 : air);
  });
  const PalettePicture picture =
      portrait(geometry("LPS", size, {1, 1, 1}), values, BinaryMask(size), BinaryMask(size));
  EXPECT_EQ(pixel(picture, 5, 5), white_colour);
  EXPECT_NEAR(pixel(picture, box + 2 + 5, box - 5)[0], 128, 4);
  EXPECT_NEAR(pixel(picture, 2 * (box + 2) + 5, box - 5)[0], 64, 4);
}

TEST(Portrait, grey_is_the_window_and_nan_is_black) {
  const Size3 size{4, 1, 1};
  const PalettePicture picture =
      portrait(geometry("LPS", size, {1, 1, 1}), {-160, 240, 40, std::nanf("")}, BinaryMask(size),
               BinaryMask(size));
  const int row = box / 2, step = box / 4;
  EXPECT_EQ(pixel(picture, step / 2, row), black_colour);
  EXPECT_EQ(pixel(picture, step + step / 2, row), white_colour);
  EXPECT_NEAR(pixel(picture, 2 * step + step / 2, row)[0], 128, 4);
  EXPECT_EQ(pixel(picture, 3 * step + step / 2, row), black_colour);
}

TEST(Portrait, without_a_window_it_is_from_the_1st_to_the_99th_percentile) {
  // The axial and the coronal slice have all of these, the sagittal one a single voxel.
  const Size3 size{204, 1, 1};
  std::vector<float> values;
  for (int i = 0; i < 200; ++i) values.push_back(float(i) / 1000);
  for (const float far : {1e6F, -1e6F, std::nanf(""), HUGE_VALF}) values.push_back(far);
  const Geometry g = geometry("LPS", size, {1, 1, 1});
  const BinaryMask none(size);
  Portrait fitting(g, none, {}), given(g, none, Window{0.001, 0.198}), constant(g, none, {});
  fitting.feed(values);
  given.feed(values);
  EXPECT_EQ(fitting.picture(none, none).pixels, given.picture(none, none).pixels);
  constant.feed(std::vector<float>(204, 7));
  EXPECT_EQ(pixel(constant.picture(none, none), 5, box / 2), black_colour);
}

TEST(Portrait, values_are_averaged_where_the_slice_is_larger_than_the_box) {
  const Size3 size{2 * box, 2 * box, 1};
  std::vector<float> values;
  for_each_voxel(size, [&](auto x, auto y, auto) { values.push_back((x + y) % 2 ? white : air); });
  const PalettePicture picture =
      portrait(geometry("LPS", size, {0.5, 0.5, 3}), values, BinaryMask(size), BinaryMask(size));
  for (int at : {0, 17, box - 1}) EXPECT_NEAR(pixel(picture, at, at)[0], 128, 4);
}

int pixels_of(const PalettePicture& picture, Colour colour) {
  int count = 0;
  for (int row = 0; row < picture.height; ++row)
    for (int column = 0; column < box; ++column) count += pixel(picture, column, row) == colour;
  return count;
}

TEST(Portrait, the_outline_is_the_inner_edge_one_pixel_wide) {
  const Size3 size{4, 4, 1};  // 48 pixels a voxel
  const BinaryMask mask = box_mask(size, {1, 1, 0}, {3, 3, 1});
  const PalettePicture picture =
      portrait(geometry("LPS", size, {1, 1, 1}), std::vector<float>(16, white), mask, mask);
  for (int i = 48; i < 144; ++i)
    for (auto [column, row] : {std::pair(i, 48), {i, 143}, {48, i}, {143, i}})
      EXPECT_EQ(pixel(picture, column, row), blue) << column << ' ' << row;
  EXPECT_EQ(pixels_of(picture, blue), 4 * 96 - 4);
  EXPECT_EQ(pixels_of(picture, orange), 0) << "where the masks agree";
}

TEST(Portrait, what_cleaning_took_away_and_what_it_filled_is_orange) {
  const Size3 size{8, 8, 1};  // 24 pixels a voxel
  const Dense cleaned = where(size, [](auto x, auto y, auto) { return x >= 3 && y >= 3; });
  Dense drawn = cleaned;
  drawn.at(0, 0, 0) = 1;  // a speck
  drawn.at(5, 5, 0) = 0;  // a hole
  const PalettePicture picture =
      portrait(geometry("LPS", size, {1, 1, 1}), std::vector<float>(64, white), to_binary(drawn),
               to_binary(cleaned));
  EXPECT_EQ(pixel(picture, 0, 0), orange);
  EXPECT_EQ(pixel(picture, 23, 23), orange);
  EXPECT_EQ(pixel(picture, 12, 12), white_colour);
  EXPECT_EQ(pixel(picture, 5 * 24, 5 * 24), orange);
  EXPECT_EQ(pixel(picture, 3 * 24, 5 * 24), blue);
  EXPECT_EQ(pixels_of(picture, orange), 2 * (4 * 24 - 4));
}

TEST(Portrait, a_speck_of_one_voxel_is_seen_in_a_large_slice) {
  const Size3 size{512, 512, 1};
  const BinaryMask speck = box_mask(size, {100, 200, 0}, {101, 201, 1});
  const PalettePicture picture =
      portrait(geometry("LPS", size, {0.7, 0.7, 5}), std::vector<float>(size.voxels(), 40), speck,
               BinaryMask(size));
  EXPECT_EQ(pixels_of(picture, orange), 1);
  EXPECT_EQ(pixel(picture, 100 * box / 512, 200 * box / 512), orange);
}

RC_GTEST_PROP(Portrait, is_the_same_however_the_values_are_cut, ()) {
  const Dense drawn = random_dense(random_size(), 1);
  const Dense noise = random_dense(drawn.size, 200);
  std::vector<float> values(noise.voxels.begin(), noise.voxels.end());
  const BinaryMask mask = to_binary(drawn);
  const Geometry g =
      geometry(*rc::gen::element<std::string>("LPS", "SRA", "PIL"), drawn.size, {1, 2, 3});
  const auto window = *rc::gen::element<std::optional<Window>>(std::nullopt, Window{10, 150});
  Portrait whole(g, mask, window), cut(g, mask, window);
  whole.feed(values);
  feed_in_pieces(values, cut);
  RC_ASSERT(whole.picture(mask, mask).pixels == cut.picture(mask, mask).pixels);
}

TEST(Portrait, the_same_picture_gives_the_same_file) {
  const Size3 size{4, 4, 4};
  const PalettePicture picture =
      portrait(geometry("RAS", size, {1, 1, 1}), std::vector<float>(size.voxels(), 40),
               BinaryMask(size), BinaryMask(size));
  EXPECT_EQ(png(picture), png(picture));
  EXPECT_EQ(png(picture).substr(1, 3), "PNG");
}

}  // namespace
}  // namespace nicohort
