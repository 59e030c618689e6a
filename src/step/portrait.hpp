// A portrait of a sample: three slices through its mask, taken while the volume streams past.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/png.hpp"
#include "image/geometry.hpp"
#include "mask/run_mask.hpp"
#include "step/raster.hpp"
#include "step/window.hpp"

namespace nicohort {

// Keeps the values of the axial slice with the largest part of the mask and of the
// coronal and sagittal slices through the middle of that part; without a mask, of the slices in the
// middle of the volume. Which slices are axial, coronal and sagittal is said by the affine's
// closest axes. What lies outside these slices costs nothing but being passed over.
class Portrait {
 public:
  // drawn: the mask's voxels, of the geometry's size; may be empty. window: the values from black
  // to white; without one, all values of the slices are kept.
  Portrait(const Geometry& geometry, const BinaryMask& drawn, const std::optional<Window>& window);

  // The volume's values in memory order, in pieces of any size.
  void feed(std::span<const float> values);

  // The slices side by side, axial, coronal, sagittal, each as large as fits into a square box of
  // box_pixels with 2 px between, on black; voxels have the shape that the spacing gives them. The
  // patient's right is on the picture's left, anterior is up in the axial slice and left in the
  // sagittal one, superior is up. Values from the window's lowest (black) to its highest (white)
  // are averaged over each pixel; NaN is black. Without a window it is that from the 1st to the
  // 99th percentile of the finite values of the slices. The outline of the mask after cleaning is
  // blue; that of the mask before it is orange where the two masks differ.
  PalettePicture picture(const BinaryMask& before, const BinaryMask& after) const;

  static constexpr int box_pixels = 192;

 private:
  // A slice. In memory order it is `count` segments of `length` voxels that begin `stride` voxels
  // apart, the first at `first`.
  struct Slice {
    int fixed = 0;              // the voxel axis it is across
    std::int64_t index = 0;     // along that axis
    int columns = 0, rows = 0;  // the voxel axes that run along the picture's
    std::int64_t first = 0, length = 0, stride = 0, count = 0;
    Resampling picture;
    std::vector<float> values;  // without a window: the segments one behind the other
  };

  Slice make_slice(int fixed, std::int64_t index, int columns, int rows) const;
  void draw(const Slice& slice, std::int64_t at, std::span<const float> values,
            const Window& window, Resampling& picture) const;
  std::int64_t place(int axis, std::int64_t voxel) const {
    return flipped_[axis] ? size_[axis] - 1 - voxel : voxel;
  }
  Raster cut(const BinaryMask& mask, const Slice& slice) const;
  Window usual_window() const;

  std::optional<Window> window_;
  std::array<std::int64_t, 3> size_;
  std::array<double, 3> spacing_;
  std::array<bool, 3> flipped_{};  // voxel axes that the picture shows from their end
  std::vector<Slice> slices_;      // axial, coronal, sagittal
  std::int64_t next_ = 0;          // voxel, counted over the whole volume
};

}  // namespace nicohort
