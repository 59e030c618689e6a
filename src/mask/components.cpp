#include "mask/components.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace nicohort {
namespace {

// A tree over the runs of a mask: the parent of run i is parent[i] <= i; a root is its own parent.
using Forest = std::vector<std::uint32_t>;

std::uint32_t root(Forest& parent, std::uint32_t i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

// The lower root stays root, so that parents always come before their children.
void join(Forest& parent, std::uint32_t i, std::uint32_t j) {
  i = root(parent, i), j = root(parent, j);
  parent[std::max(i, j)] = std::min(i, j);
}

// Joins the runs of two rows that touch: that overlap, or would if one were longer by `reach`
// voxels, so that 1 also counts corners.
void join_rows(Forest& parent, const BinaryMask& mask, std::int64_t row_a, std::int64_t row_b,
               std::uint32_t reach) {
  const Run* const runs = mask.runs().data();
  std::size_t a = mask.row_start(row_a), b = mask.row_start(row_b);
  const std::size_t end_a = mask.row_start(row_a + 1), end_b = mask.row_start(row_b + 1);
  while (a < end_a && b < end_b) {
    if (runs[a].begin < runs[b].end + reach && runs[b].begin < runs[a].end + reach) {
      join(parent, std::uint32_t(a), std::uint32_t(b));
    }
    // Runs of a row do not touch, so what ends first cannot reach the other's successor.
    runs[a].end < runs[b].end ? ++a : ++b;
  }
}

// The component of every run; components are numbered from 0 in the order of their first run.
struct Components {
  std::vector<std::uint32_t> of_run;
  std::uint32_t count = 0;
};

Components find_components(const BinaryMask& mask, Connectivity connectivity) {
  using enum Connectivity;
  const bool in_space = connectivity == space_6 || connectivity == space_26;
  const bool by_corners = connectivity == slice_8 || connectivity == space_26;
  const std::uint32_t reach = by_corners ? 1 : 0;
  Forest parent(mask.runs().size());
  std::iota(parent.begin(), parent.end(), 0u);
  const Size3& size = mask.size();
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; ++y) {
      const std::int64_t row = y + z * size.y;
      if (mask.row(row).empty()) continue;
      if (y > 0) join_rows(parent, mask, row, row - 1, reach);
      if (!in_space || z == 0) continue;
      const std::int64_t below = row - size.y;
      join_rows(parent, mask, row, below, reach);
      if (!by_corners) continue;
      if (y > 0) join_rows(parent, mask, row, below - 1, reach);
      if (y + 1 < size.y) join_rows(parent, mask, row, below + 1, reach);
    }
  }
  // From parents to component numbers, in place: a parent comes before its children, so it has its
  // number when they ask for it.
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < parent.size(); ++i) {
    parent[i] = parent[i] == i ? count++ : parent[parent[i]];
  }
  return {std::move(parent), count};
}

// Coordinates reach 2^31 and voxel counts more: sums of products need more than 64 bits.
__extension__ using Int128 = __int128;

// The components, by their numbers.
std::vector<Region> measure(const BinaryMask& mask, const Components& components) {
  constexpr auto nowhere = std::numeric_limits<std::int64_t>::max();
  std::vector<Region> regions(components.count, {.first = {nowhere, nowhere, nowhere}});
  std::vector<std::array<Int128, 3>> sums(components.count);
  const Size3& size = mask.size();
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; ++y) {
      const std::int64_t row = y + z * size.y;
      for (std::size_t i = mask.row_start(row); i < mask.row_start(row + 1); ++i) {
        const Run run = mask.runs()[i];
        const std::int64_t length = run.length();
        Region& region = regions[components.of_run[i]];
        region.voxels += length;
        region.first = std::min(region.first, {run.begin, y, z});
        std::array<Int128, 3>& sum = sums[components.of_run[i]];
        sum[0] += (std::int64_t(run.begin) + run.end - 1) * length / 2;
        sum[1] += Int128(y) * length;
        sum[2] += Int128(z) * length;
      }
    }
  }
  for (std::size_t i = 0; i < regions.size(); ++i) {
    for (int axis = 0; axis < 3; ++axis) {
      regions[i].centre[axis] = double(sums[i][axis]) / double(regions[i].voxels);
    }
  }
  return regions;
}

}  // namespace

std::vector<Region> find_regions(const BinaryMask& mask) {
  std::vector<Region> regions = measure(mask, find_components(mask, Connectivity::space_26));
  std::sort(regions.begin(), regions.end(),
            [](const Region& a, const Region& b) { return a.first < b.first; });
  return regions;
}

SmallSplit split_small(const BinaryMask& mask, Connectivity connectivity, double voxel_size,
                       double smaller_than) {
  const Components components = find_components(mask, connectivity);
  std::vector<std::int64_t> voxels(components.count);
  for (std::size_t i = 0; i < mask.runs().size(); ++i) {
    voxels[components.of_run[i]] += mask.runs()[i].length();
  }
  SmallSplit split{BinaryMask(mask.size()), BinaryMask(mask.size())};
  for (std::int64_t row = 0; row < mask.size().rows(); ++row) {
    for (std::size_t i = mask.row_start(row); i < mask.row_start(row + 1); ++i) {
      const bool small = double(voxels[components.of_run[i]]) * voxel_size < smaller_than;
      (small ? split.small : split.large).add(mask.runs()[i]);
    }
    split.small.end_row();
    split.large.end_row();
  }
  return split;
}

BinaryMask largest_component(const BinaryMask& mask) {
  const Components components = find_components(mask, Connectivity::space_6);
  const std::vector<Region> regions = measure(mask, components);
  BinaryMask largest(mask.size());
  const auto most =
      std::max_element(regions.begin(), regions.end(), [](const Region& a, const Region& b) {
        return a.voxels != b.voxels ? a.voxels < b.voxels : a.first > b.first;
      });
  for (std::int64_t row = 0; row < mask.size().rows(); ++row) {
    for (std::size_t i = mask.row_start(row); i < mask.row_start(row + 1); ++i) {
      if (components.of_run[i] == std::uint32_t(most - regions.begin())) {
        largest.add(mask.runs()[i]);
      }
    }
    largest.end_row();
  }
  return largest;
}

}  // namespace nicohort
