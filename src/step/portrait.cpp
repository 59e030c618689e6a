#include "step/portrait.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace nicohort {
namespace {

constexpr int gap = 2;     // pixels
constexpr int greys = 62;  // with the two colours a palette of 64: what an eye tells apart
constexpr std::uint8_t orange = greys, blue = greys + 1;

std::uint8_t grey_of(float value, const Window& window) {
  const double share = (value - window.low) / (window.high - window.low);
  if (!(share > 0)) return 0;  // NaN, too
  return static_cast<std::uint8_t>(std::lround(std::min(share, 1.0) * 255));
}

std::vector<Colour> palette() {
  std::vector<Colour> colours;
  for (int i = 0; i < greys; ++i) {
    const auto level = static_cast<std::uint8_t>(i * 255 / (greys - 1));
    colours.push_back({level, level, level});
  }
  colours.push_back({0xe6, 0x9f, 0x00});
  colours.push_back({0x56, 0xb4, 0xe9});
  return colours;
}

template <class Visit>
void for_each_run(const BinaryMask& mask, Visit&& visit) {
  for (const auto& [row, runs] : mask.filled_rows())
    for (const Run& run : runs) visit(run, row % mask.size().y, row / mask.size().y);
}

// Voxels of the mask in each slice across an axis.
std::vector<std::int64_t> areas(const BinaryMask& mask, int axis, std::int64_t slices) {
  std::vector<std::int64_t> voxels(slices);
  for_each_run(mask, [&](const Run& run, std::int64_t y, std::int64_t z) {
    if (axis == 0)
      for (std::int64_t x = run.begin; x < run.end; ++x) ++voxels[x];
    else
      voxels[axis == 1 ? y : z] += run.length();
  });
  return voxels;
}

// The middle of the mask's voxels in one of these slices.
std::array<std::int64_t, 3> middle_in(const BinaryMask& mask, int axis, std::int64_t slice) {
  std::array<std::int64_t, 3> doubled{};  // twice the sums, so that they stay whole
  std::int64_t voxels = 0;
  for_each_run(mask, [&](Run run, std::int64_t y, std::int64_t z) {
    if (axis == 0) {
      if (slice < run.begin || slice >= run.end) return;
      run = {static_cast<std::uint32_t>(slice), static_cast<std::uint32_t>(slice + 1)};
    } else if (slice != (axis == 1 ? y : z)) {
      return;
    }
    const std::int64_t length = run.length();
    voxels += length;
    doubled[0] += (std::int64_t(run.begin) + run.end - 1) * length;
    doubled[1] += 2 * y * length;
    doubled[2] += 2 * z * length;
  });
  for (std::int64_t& sum : doubled) sum = (sum + voxels) / (2 * voxels);
  return doubled;
}

// The voxel that the three slices meet in.
std::array<std::int64_t, 3> meeting_point(const BinaryMask& drawn, int axial) {
  const Size3& size = drawn.size();
  const std::array<std::int64_t, 3> sizes{size.x, size.y, size.z};
  if (drawn.runs().empty()) return {size.x / 2, size.y / 2, size.z / 2};
  const auto voxels = areas(drawn, axial, sizes[axial]);
  const auto largest = std::max_element(voxels.begin(), voxels.end()) - voxels.begin();
  return middle_in(drawn, axial, largest);
}

}  // namespace

Portrait::Portrait(const Geometry& geometry, const BinaryMask& drawn,
                   const std::optional<Window>& window)
    : window_(window),
      size_{geometry.size.x, geometry.size.y, geometry.size.z},
      spacing_(geometry.spacing) {
  const auto axes = world_axes(geometry.affine);
  for (int axis = 0; axis < 3; ++axis) {
    // World coordinates grow to the right, to anterior and to superior: to the left of or up in
    // the picture.
    flipped_[axis] = !axes[axis].reversed;
  }
  const auto [x, y, z] = voxel_axes(geometry.affine);
  const auto at = meeting_point(drawn, z);
  slices_ = {make_slice(z, at[z], x, y), make_slice(y, at[y], x, z), make_slice(x, at[x], y, z)};
}

Portrait::Slice Portrait::make_slice(int fixed, std::int64_t index, int columns, int rows) const {
  const auto [nx, ny, nz] = size_;
  const std::int64_t step = std::array<std::int64_t, 3>{1, nx, nx * ny}[fixed];  // in memory
  const std::int64_t stride = step * size_[fixed];
  const double width = size_[columns] * spacing_[columns],  // mm
      height = size_[rows] * spacing_[rows];
  const auto pixels = [&](double mm) {
    const double exact = box_pixels * (mm / std::max(width, height));
    return exact > 1 ? std::min<std::int64_t>(std::lround(exact), box_pixels) : 1;
  };
  Slice slice{fixed,
              index,
              columns,
              rows,
              index * step,
              step,
              stride,
              nx * ny * nz / stride,
              Resampling({size_[columns], size_[rows]}, {pixels(width), pixels(height)}),
              {}};
  if (!window_) slice.values.resize(slice.length * slice.count);
  return slice;
}

void Portrait::feed(std::span<const float> values) {
  const std::int64_t end = next_ + std::ssize(values);
  for (Slice& slice : slices_) {
    const std::int64_t passed = next_ - slice.first - slice.length;  // negative: none yet
    for (std::int64_t i = passed < 0 ? 0 : passed / slice.stride + 1; i < slice.count; ++i) {
      const std::int64_t segment = slice.first + i * slice.stride;
      if (segment >= end) break;
      const std::int64_t from = std::max(segment, next_),
                         to = std::min(segment + slice.length, end);
      const auto part = values.subspan(from - next_, to - from);
      const std::int64_t at = i * slice.length + from - segment;
      if (window_)
        draw(slice, at, part, *window_, slice.picture);
      else
        std::copy(part.begin(), part.end(), slice.values.begin() + at);
    }
  }
  next_ = end;
}

// Draws voxels of a slice, from the one at this place in memory order.
void Portrait::draw(const Slice& slice, std::int64_t at, std::span<const float> values,
                    const Window& window, Resampling& picture) const {
  const bool columns_are_fast = slice.columns < slice.rows;  // in memory
  const std::int64_t length = size_[std::min(slice.columns, slice.rows)];
  std::int64_t fast = at % length, slow = at / length;
  for (const float value : values) {
    picture.add(place(slice.columns, columns_are_fast ? fast : slow),
                place(slice.rows, columns_are_fast ? slow : fast), grey_of(value, window));
    if (++fast < length) continue;
    fast = 0;
    ++slow;
  }
}

// A mask's voxels in a slice, as the picture shows it.
Raster Portrait::cut(const BinaryMask& mask, const Slice& slice) const {
  Raster image(size_[slice.columns], size_[slice.rows]);
  for_each_run(mask, [&](const Run& run, std::int64_t y, std::int64_t z) {
    for (std::int64_t x = run.begin; x < run.end; ++x) {
      const std::array<std::int64_t, 3> voxel{x, y, z};
      if (voxel[slice.fixed] == slice.index)
        image.at(place(slice.columns, voxel[slice.columns]), place(slice.rows, voxel[slice.rows])) =
            1;
    }
  });
  return image;
}

Window Portrait::usual_window() const {
  std::vector<float> values;
  for (const Slice& slice : slices_)
    std::copy_if(slice.values.begin(), slice.values.end(), std::back_inserter(values),
                 [](float value) { return std::isfinite(value); });
  if (values.empty()) return {0, 1};
  const auto at = [&](double share) {
    const auto place = values.begin() + std::lround(share * double(values.size() - 1));
    std::nth_element(values.begin(), place, values.end());
    return double(*place);
  };
  const double low = at(0.01), high = at(0.99);
  return {low, high > low ? high : std::nextafter(low, HUGE_VAL)};
}

PalettePicture Portrait::picture(const BinaryMask& before, const BinaryMask& after) const {
  PalettePicture picture{3 * box_pixels + 2 * gap, box_pixels, {}, palette()};
  picture.pixels.resize(picture.width * picture.height);
  const Window usual = window_ ? *window_ : usual_window();
  std::int64_t box = 0;  // its left edge
  for (const Slice& slice : slices_) {
    Resampling greys_of_slice = slice.picture;
    if (!window_) draw(slice, 0, slice.values, usual, greys_of_slice);
    Raster part = greys_of_slice.picture(greys - 1);
    draw_outlines(cut(before, slice), cut(after, slice), {orange, blue}, part);
    const std::int64_t left = box + (box_pixels - part.width) / 2,
                       top = (box_pixels - part.height) / 2;
    for (std::int64_t row = 0; row < part.height; ++row)
      std::copy_n(part.values.begin() + row * part.width, part.width,
                  picture.pixels.begin() + left + (top + row) * picture.width);
    box += box_pixels + gap;
  }
  return picture;
}

}  // namespace nicohort
