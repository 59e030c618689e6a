#include "mask/merge.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <span>

namespace nicohort {
namespace {

using LabelledMask = std::pair<std::uint8_t, BinaryMask>;

// A run of one of the masks.
struct Claim {
  std::uint32_t begin, end;
  const LabelledMask* mask;
};

// Rows y - halfedge to y + halfedge of slice z, as far as there are such rows.
struct RowWindow {
  std::int64_t z, first_y, last_y, halfedge;
};

// For the voxels from `begin` on: counts[i] = voxels of the mask with x in begin + i ± halfedge, in
// the window's rows.
void count_in_window(const BinaryMask& mask, const RowWindow& window, std::int64_t begin,
                     std::span<std::int64_t> counts) {
  const auto size = std::int64_t(counts.size());
  const std::int64_t h = window.halfedge;
  std::fill(counts.begin(), counts.end(), 0);
  const std::int64_t slice = window.z * mask.size().y;
  for (const auto& [row, runs] :
       mask.filled_rows(slice + window.first_y, slice + window.last_y + 1)) {
    auto run = std::partition_point(runs.begin(), runs.end(),
                                    [&](const Run& r) { return r.end <= begin - h; });
    for (; run != runs.end() && run->begin < begin + size + h; ++run) {
      const std::int64_t run_begin = run->begin - begin, run_end = run->end - begin;
      const std::int64_t reach = std::min(size, run_end + h);
      for (std::int64_t i = std::max<std::int64_t>(0, run_begin - h); i < reach; ++i) {
        counts[i] += std::min(run_end, i + h + 1) - std::max(run_begin, i - h);
      }
    }
  }
}

// Gives each voxel begin <= x < end the label among `candidates` (ascending labels) whose mask has
// most voxels in the window around it.
void add_majority(std::span<const LabelledMask* const> candidates, const RowWindow& window,
                  std::int64_t begin, std::int64_t end, LabelMask& out) {
  constexpr std::int64_t piece = 256;  // a gap can be as long as the row
  for (; begin < end; begin += piece) {
    const std::int64_t size = std::min(end - begin, piece);
    std::array<std::int64_t, piece> counts{}, most{};
    std::array<std::uint8_t, piece> label{};
    for (const LabelledMask* candidate : candidates) {
      count_in_window(candidate->second, window, begin, std::span(counts).first(size));
      for (std::int64_t i = 0; i < size; ++i) {
        if (counts[i] <= most[i]) continue;
        most[i] = counts[i];
        label[i] = candidate->first;
      }
    }
    for (std::int64_t i = 0; i < size; ++i) {
      const auto x = std::uint32_t(begin + i);
      if (label[i] != 0) out.add({x, x + 1, label[i]});
    }
  }
}

std::vector<const LabelledMask*> masks_in_rows(std::span<const LabelledMask* const> masks,
                                               std::int64_t first_row, std::int64_t last_row) {
  std::vector<const LabelledMask*> present;
  for (const LabelledMask* mask : masks) {
    const BinaryMask& runs = mask->second;
    if (runs.filled_from(first_row) != runs.filled_from(last_row + 1)) present.push_back(mask);
  }
  return present;
}

// Adds one row: sweeps along x over stretches that the same masks claim.
void merge_row(std::span<const Claim> claims, std::span<const LabelledMask* const> masks,
               const RowWindow& window, EmptyLabel empty, BackgroundClaim background,
               LabelMask& out) {
  std::vector<Claim> open;
  std::vector<const LabelledMask*> candidates;
  auto next = claims.begin();
  const auto width = std::uint32_t(out.size().x);
  for (std::uint32_t x = 0; x < width;) {
    std::erase_if(open, [&](const Claim& claim) { return claim.end <= x; });
    while (next != claims.end() && next->begin == x) open.push_back(*next++);
    std::uint32_t end = next == claims.end() ? width : next->begin;
    for (const Claim& claim : open) end = std::min(end, claim.end);

    if (open.size() == 1) {
      const std::uint8_t label = open.front().mask->first;
      if (label != 0) out.add({x, end, label});
    } else if (open.size() > 1) {
      candidates.clear();
      for (const Claim& claim : open)
        if (claim.mask->first != 0 || background == BackgroundClaim::equal)
          candidates.push_back(claim.mask);
      // Ascending labels: all point into one vector that has them so.
      std::sort(candidates.begin(), candidates.end());
      add_majority(candidates, window, x, end, out);
    } else if (empty == EmptyLabel::neighbourhood) {
      const std::int64_t first_row = window.first_y + window.z * out.size().y;
      const std::int64_t last_row = window.last_y + window.z * out.size().y;
      add_majority(masks_in_rows(masks, first_row, last_row), window, x, end, out);
    }
    x = end;
  }
}

}  // namespace

LabelMask merge(const std::vector<std::pair<std::uint8_t, BinaryMask>>& masks, int halfedge,
                EmptyLabel empty, BackgroundClaim background) {
  assert(!masks.empty() && halfedge >= 0);
  const Size3 size = masks.front().second.size();
  std::vector<const LabelledMask*> all;
  for (const LabelledMask& mask : masks) all.push_back(&mask);

  LabelMask merged(size);
  std::vector<Claim> claims;
  std::vector<RowsInTurn<Run>> rows;  // of each mask
  for (std::int64_t z = 0; z < size.z; ++z) {
    const auto present = masks_in_rows(all, z * size.y, (z + 1) * size.y - 1);
    rows.clear();
    for (const LabelledMask* mask : present) rows.emplace_back(mask->second, z * size.y);
    for (std::int64_t y = 0; y < size.y; ++y) {
      claims.clear();
      for (std::size_t i = 0; i < present.size(); ++i)
        for (const Run& run : rows[i].row(y + z * size.y))
          claims.push_back({run.begin, run.end, present[i]});
      std::sort(claims.begin(), claims.end(),
                [](const Claim& a, const Claim& b) { return a.begin < b.begin; });
      const RowWindow window{z, std::max<std::int64_t>(0, y - halfedge),
                             std::min<std::int64_t>(size.y - 1, y + halfedge), halfedge};
      merge_row(claims, present, window, empty, background, merged);
      merged.end_row();
    }
  }
  return merged;
}

}  // namespace nicohort
