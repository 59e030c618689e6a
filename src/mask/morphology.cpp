#include "mask/morphology.hpp"

#include <algorithm>
#include <cassert>

#include "mask/row_sets.hpp"
#include "mask/slices.hpp"

namespace nicohort {
namespace {

// A rectangle is a row segment swept along y, so opening and closing have four one-dimensional
// steps. A fit is the rectangle's corner of lowest x and y. Slices are masks with one z.

// Where a segment of kx voxels fits into the rows of slice z.
BinaryMask fit_along_x(const BinaryMask& mask, std::int64_t z, std::uint32_t kx) {
  const Size3 size{mask.size().x, mask.size().y, 1};
  BinaryMask fits(size);
  for (const auto& [row, runs] : mask.filled_rows_of_slice(z)) {
    fits.go_to(row - z * size.y);
    for (const Run& run : runs)
      if (run.length() >= kx) fits.add({run.begin, run.end - kx + 1});
  }
  return fits;
}

// Every row combined with the row `step` further on, which is empty outside the slice.
template <class AddRow>
BinaryMask combine_shifted(const BinaryMask& slice, std::int64_t step, AddRow add_row) {
  BinaryMask result(slice.size());
  RowsInTurn<Run> rows(slice, 0), others(slice, step);
  for (std::int64_t y = 0; y < slice.size().y; ++y) {
    add_row(rows.row(y), others.row(y + step), result);
    result.end_row();
  }
  return result;
}

// Every row combined with the ky - 1 rows that follow it in one direction (+1 or -1). Rows that
// already stand for several are combined, so the passes grow with the logarithm of ky.
template <class AddRow>
BinaryMask combine_window(BinaryMask slice, std::int64_t ky, int direction, AddRow add_row) {
  for (std::int64_t done = 1; done < ky;) {
    const std::int64_t step = std::min(done, ky - done);
    slice = combine_shifted(slice, direction * step, add_row);
    done += step;
  }
  return slice;
}

// The segments of kx voxels that begin at the fits.
void add_segments(std::span<const Run> fits, std::uint32_t kx, BinaryMask& out) {
  for (const Run& run : fits) out.add({run.begin, run.end + kx - 1});
}

// The slice with empty rows before its own.
BinaryMask moved_down(const BinaryMask& slice, std::int64_t rows) {
  BinaryMask moved({slice.size().x, slice.size().y + rows, 1});
  moved.go_to(rows);
  append(slice, moved);
  return moved;
}

// Each run with this many voxels more before and after it, as far as the row goes.
BinaryMask dilate_along_x(const BinaryMask& mask, std::int64_t z, std::int64_t before,
                          std::int64_t after) {
  const Size3 size{mask.size().x, mask.size().y, 1};
  BinaryMask dilated(size);
  for (const auto& [row, runs] : mask.filled_rows_of_slice(z)) {
    dilated.go_to(row - z * size.y);
    for (const Run& run : runs)
      dilated.add({std::uint32_t(std::max<std::int64_t>(0, run.begin - before)),
                   std::uint32_t(std::min(size.x, run.end + after))});
  }
  return dilated;
}

}  // namespace

BinaryMask open_slices(const BinaryMask& mask, int kx, int ky) {
  assert(kx >= 1 && ky >= 1);
  BinaryMask opened(mask.size());
  const std::int64_t rows = mask.size().y;
  for (std::int64_t z = 0; z < mask.size().z; ++z) {
    // Most slices of a mask of small regions are empty, and most others have no fit.
    BinaryMask fits = fit_along_x(mask, z, kx);
    if (!fits.runs().empty()) fits = combine_window(std::move(fits), ky, +1, add_intersection);
    if (fits.runs().empty()) continue;
    const BinaryMask covered = combine_window(std::move(fits), ky, -1, add_union);
    for (const auto& [y, runs] : covered.filled_rows()) {
      opened.go_to(y + z * rows);
      add_segments(runs, kx, opened);
    }
  }
  return opened;
}

BinaryMask close_slices(const BinaryMask& mask, int kx, int ky) {
  assert(kx >= 1 && ky >= 1);
  // The rectangle reaches this far to both sides of its centre, by scipy's choice.
  const std::int64_t lower_x = kx / 2, upper_x = kx - 1 - lower_x;
  const std::int64_t lower_y = ky / 2, upper_y = ky - 1 - lower_y;
  BinaryMask closed(mask.size());
  const std::int64_t rows = mask.size().y;
  for (std::int64_t z = 0; z < mask.size().z; ++z) {
    if (mask.filled_rows_of_slice(z).empty()) continue;
    // A row of the dilated slice is the union of the rows up to upper_y before it and lower_y
    // behind it; one of the closed slice the intersection of those lower_y before and upper_y
    // behind.
    const BinaryMask wide = dilate_along_x(mask, z, lower_x, upper_x);
    BinaryMask swept = combine_window(moved_down(wide, upper_y), ky, +1, add_union);
    BinaryMask dilated(wide.size());
    for (const auto& [y, runs] : swept.filled_rows(0, rows)) {
      dilated.go_to(y);
      dilated.add(runs);
    }
    const BinaryMask kept = combine_window(moved_down(dilated, lower_y), ky, +1, add_intersection);
    for (const auto& [y, runs] : kept.filled_rows(0, rows)) {
      closed.go_to(y + z * rows);
      for (const Run& run : runs)
        if (run.length() >= std::uint32_t(kx))
          closed.add({std::uint32_t(run.begin + lower_x), std::uint32_t(run.end - upper_x)});
    }
  }
  return closed;
}

}  // namespace nicohort
