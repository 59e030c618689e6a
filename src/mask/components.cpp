#include "mask/components.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "mask/sets.hpp"
#include "mask/slices.hpp"

namespace nicohort {
namespace {

// Trees of numbers: the parent of i is parent_[i] <= i; a root is its own parent.
class Forest {
 public:
  std::uint32_t size() const { return static_cast<std::uint32_t>(parent_.size()); }
  // A tree of one number.
  std::uint32_t plant() {
    parent_.push_back(size());
    return parent_.back();
  }
  std::uint32_t root(std::uint32_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::uint32_t i, std::uint32_t j) {
    i = root(i), j = root(j);
    parent_[std::max(i, j)] = std::min(i, j);
  }
  void clear() { parent_.clear(); }

 private:
  std::vector<std::uint32_t> parent_;
};

constexpr auto no_tree = std::numeric_limits<std::uint32_t>::max();

// The runs of one slice, and the tree of each: those of row y are start[y] to start[y + 1].
struct LabelledSlice {
  std::vector<Run> runs;
  std::vector<std::uint32_t> trees;
  std::vector<std::uint32_t> start;

  void fill(const BinaryMask& mask, std::int64_t z) {
    runs.clear();
    start.clear();
    const std::int64_t rows = mask.size().y;
    const auto begin_rows_up_to = [&](std::int64_t y) {
      start.resize(y + 1, static_cast<std::uint32_t>(runs.size()));
    };
    for (const auto& [row, in_row] : mask.filled_rows_of_slice(z)) {
      begin_rows_up_to(row - z * rows);
      runs.insert(runs.end(), in_row.begin(), in_row.end());
    }
    begin_rows_up_to(rows);
    trees.assign(runs.size(), no_tree);
  }
};

// Gives runs of a row the trees of the runs that they touch in another row, joining those that one
// run touches. Runs touch if they overlap, or would if one were longer by `reach` voxels, so that 1
// also counts corners.
void join_rows(LabelledSlice& slice, std::int64_t y, const LabelledSlice& other,
               std::int64_t other_y, std::uint32_t reach, Forest& forest) {
  std::uint32_t a = slice.start[y], b = other.start[other_y];
  const std::uint32_t end_a = slice.start[y + 1], end_b = other.start[other_y + 1];
  while (a < end_a && b < end_b) {
    const Run &run_a = slice.runs[a], &run_b = other.runs[b];
    if (run_a.begin < run_b.end + reach && run_b.begin < run_a.end + reach) {
      std::uint32_t& tree = slice.trees[a];
      if (tree == no_tree)
        tree = other.trees[b];
      else if (tree != other.trees[b])
        forest.join(tree, other.trees[b]);
    }
    // Runs of a row do not touch, so what ends first cannot reach the other's successor.
    const bool a_ends_first = run_a.end < run_b.end;
    a += a_ends_first;
    b += !a_ends_first;
  }
}

// Which runs of other rows are looked at.
struct Neighbours {
  explicit Neighbours(Connectivity connectivity)
      : in_space(connectivity == Connectivity::space_6 || connectivity == Connectivity::space_26),
        by_corners(connectivity == Connectivity::slice_8 ||
                   connectivity == Connectivity::space_26) {}
  std::uint32_t reach() const { return by_corners ? 1 : 0; }

  bool in_space, by_corners;
};

// Joins the runs of a row with those that touch them in the slice below.
void join_below(LabelledSlice& slice, std::int64_t y, const LabelledSlice& below,
                Neighbours neighbours, Forest& forest) {
  const std::int64_t rows = std::ssize(slice.start) - 1;
  const std::int64_t first = neighbours.by_corners ? std::max<std::int64_t>(0, y - 1) : y;
  const std::int64_t last = neighbours.by_corners ? std::min(rows - 1, y + 1) : y;
  for (std::int64_t other = first; other <= last; ++other)
    join_rows(slice, y, below, other, neighbours.reach(), forest);
}

// Gives every run of a slice a tree. below: if it touches.
void label(LabelledSlice& slice, const LabelledSlice* below, Neighbours neighbours,
           Forest& forest) {
  for (std::int64_t y = 0; y + 1 < std::ssize(slice.start); ++y) {
    if (slice.start[y] == slice.start[y + 1]) continue;
    if (y > 0) join_rows(slice, y, slice, y - 1, neighbours.reach(), forest);
    if (below) join_below(slice, y, *below, neighbours, forest);
    for (std::uint32_t i = slice.start[y]; i < slice.start[y + 1]; ++i)
      if (slice.trees[i] == no_tree) slice.trees[i] = forest.plant();
  }
}

// Labels the runs of one slice of a mask after the other, and shows it: see(z, slice).
template <class See>
void label_slices(const BinaryMask& mask, Neighbours neighbours, Forest& forest, See&& see) {
  LabelledSlice slice, below;
  for (std::int64_t z = 0; z < mask.size().z; ++z) {
    slice.fill(mask, z);
    label(slice, neighbours.in_space && z > 0 ? &below : nullptr, neighbours, forest);
    see(z, slice);
    std::swap(slice, below);
  }
}

// Coordinates reach 2^31 and voxel counts more: sums of products need more than 64 bits.
__extension__ using Int128 = __int128;

// What is known of a component, or of a part of one.
struct Extent {
  std::int64_t voxels = 0;
  std::array<Int128, 3> sums{};  // of the coordinates
  std::array<std::uint32_t, 3> first{no_tree, no_tree, no_tree};

  void add(const Run& run, std::int64_t y, std::int64_t z) {
    const std::int64_t length = run.length();
    voxels += length;
    sums[0] += (Int128(run.begin) + run.end - 1) * length / 2;
    sums[1] += Int128(y) * length;
    sums[2] += Int128(z) * length;
    first = std::min(first, {run.begin, std::uint32_t(y), std::uint32_t(z)});
  }
  void add(const Extent& other) {
    voxels += other.voxels;
    for (int axis = 0; axis < 3; ++axis) sums[axis] += other.sums[axis];
    first = std::min(first, other.first);
  }
};

// Adds the runs of a slice to the extents of their trees.
void add_extents(std::int64_t z, const LabelledSlice& slice, const Forest& forest,
                 std::vector<Extent>& extents) {
  extents.resize(forest.size());
  for (std::int64_t y = 0; y + 1 < std::ssize(slice.start); ++y)
    for (std::uint32_t i = slice.start[y]; i < slice.start[y + 1]; ++i)
      extents[slice.trees[i]].add(slice.runs[i], y, z);
}

// By number: of a whole tree for its root, and without voxels for all others.
std::vector<Extent> of_roots(std::vector<Extent> extents, Forest& forest) {
  for (std::uint32_t i = 0; i < extents.size(); ++i)
    if (const std::uint32_t root = forest.root(i); root != i)
      extents[root].add(std::exchange(extents[i], {}));
  return extents;
}

Region region_of(const Extent& extent) {
  Region region{extent.voxels, {}, {extent.first[0], extent.first[1], extent.first[2]}};
  for (int axis = 0; axis < 3; ++axis)
    region.centre[axis] = double(extent.sums[axis]) / double(extent.voxels);
  return region;
}

// A part of a mask, and what the next part touches.
struct Slab {
  std::vector<Extent> extents;  // of its components
  LabelledSlice first, last;    // slices, with the numbers of the components for trees
};

// mask: the part, which begins with slice first_z of the whole.
Slab label_slab(const BinaryMask& mask, std::int64_t first_z) {
  Slab slab;
  Forest forest;
  std::vector<Extent> extents;
  label_slices(mask, Neighbours(Connectivity::space_26), forest,
               [&](std::int64_t z, const LabelledSlice& slice) {
                 add_extents(first_z + z, slice, forest, extents);
                 if (z == 0) slab.first = slice;
                 if (z + 1 == mask.size().z) slab.last = slice;
               });
  std::vector<std::uint32_t> number(forest.size());
  extents = of_roots(std::move(extents), forest);
  for (std::size_t tree = 0; tree < extents.size(); ++tree) {
    if (extents[tree].voxels == 0) continue;
    number[tree] = static_cast<std::uint32_t>(slab.extents.size());
    slab.extents.push_back(extents[tree]);
  }
  for (LabelledSlice* slice : {&slab.first, &slab.last})
    for (std::uint32_t& tree : slice->trees) tree = number[forest.root(tree)];
  return slab;
}

// The components of the whole that the slabs are parts of, one behind the other.
std::vector<Extent> join_slabs(std::vector<Slab>& slabs) {
  Forest forest;
  std::vector<Extent> extents;
  std::size_t components = 0;
  for (const Slab& slab : slabs) components += slab.extents.size();
  extents.reserve(components);
  const Neighbours neighbours(Connectivity::space_26);
  for (std::size_t i = 0; i < slabs.size(); ++i) {
    Slab& slab = slabs[i];
    const std::uint32_t before = forest.size();
    for (const Extent& extent : slab.extents) {
      forest.plant();
      extents.push_back(extent);
    }
    slab.extents = std::vector<Extent>();
    for (LabelledSlice* slice : {&slab.first, &slab.last})
      for (std::uint32_t& tree : slice->trees) tree += before;
    if (i == 0) continue;
    for (std::int64_t y = 0; y + 1 < std::ssize(slab.first.start); ++y)
      join_below(slab.first, y, slabs[i - 1].last, neighbours, forest);
    slabs[i - 1] = {};
  }
  return of_roots(std::move(extents), forest);
}

}  // namespace

std::vector<Region> find_regions(const LabelMask& mask, std::uint8_t label) {
  std::vector<Slab> slabs = map_slices(mask, [&](const LabelMask& part, std::int64_t first_z) {
    return label_slab(select(part, label), first_z);
  });
  const std::vector<Extent> extents = join_slabs(slabs);
  std::vector<Region> regions;
  regions.reserve(extents.size());
  for (const Extent& extent : extents)
    if (extent.voxels > 0) regions.push_back(region_of(extent));
  std::sort(regions.begin(), regions.end(),
            [](const Region& a, const Region& b) { return a.first < b.first; });
  return regions;
}

SmallSplit split_small(const BinaryMask& mask, Connectivity connectivity, double voxel_size,
                       double smaller_than) {
  const Neighbours neighbours(connectivity);
  SmallSplit split{BinaryMask(mask.size()), BinaryMask(mask.size())};
  Forest forest;
  std::vector<std::int64_t> voxels;  // by tree
  const auto count_voxels = [&](const LabelledSlice& slice) {
    voxels.resize(forest.size());
    for (std::size_t i = 0; i < slice.runs.size(); ++i)
      voxels[slice.trees[i]] += slice.runs[i].length();
  };
  const auto find_roots = [&] {
    for (std::uint32_t tree = 0; tree < forest.size(); ++tree)
      if (const std::uint32_t root = forest.root(tree); root != tree) voxels[root] += voxels[tree];
  };
  const auto add = [&](std::int64_t row, const Run& run, std::uint32_t tree) {
    const bool is_small = double(voxels[forest.root(tree)]) * voxel_size < smaller_than;
    BinaryMask& part = is_small ? split.small : split.large;
    part.go_to(row);
    part.add(run);
  };
  if (!neighbours.in_space) {
    label_slices(mask, neighbours, forest, [&](std::int64_t z, const LabelledSlice& slice) {
      count_voxels(slice);
      find_roots();
      for (std::int64_t y = 0; y < mask.size().y; ++y)
        for (std::uint32_t i = slice.start[y]; i < slice.start[y + 1]; ++i)
          add(y + z * mask.size().y, slice.runs[i], slice.trees[i]);
      forest.clear();
      voxels.clear();
    });
    return split;
  }
  std::vector<std::uint32_t> trees;  // of all runs
  label_slices(mask, neighbours, forest, [&](std::int64_t, const LabelledSlice& slice) {
    count_voxels(slice);
    trees.insert(trees.end(), slice.trees.begin(), slice.trees.end());
  });
  find_roots();
  auto tree = trees.begin();
  for (const auto& [row, runs] : mask.filled_rows())
    for (const Run& run : runs) add(row, run, *tree++);
  return split;
}

BinaryMask largest_component(const BinaryMask& mask) {
  Forest forest;
  std::vector<Extent> extents;
  std::vector<std::uint32_t> trees;  // of all runs
  label_slices(mask, Neighbours(Connectivity::space_6), forest,
               [&](std::int64_t z, const LabelledSlice& slice) {
                 add_extents(z, slice, forest, extents);
                 trees.insert(trees.end(), slice.trees.begin(), slice.trees.end());
               });
  extents = of_roots(std::move(extents), forest);
  const auto most =
      std::max_element(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
        return a.voxels != b.voxels ? a.voxels < b.voxels : a.first > b.first;
      });
  BinaryMask largest(mask.size());
  auto tree = trees.begin();
  for (const auto& [row, runs] : mask.filled_rows()) {
    largest.go_to(row);
    for (const Run& run : runs)
      if (forest.root(*tree++) == std::uint32_t(most - extents.begin())) largest.add(run);
  }
  return largest;
}

}  // namespace nicohort
