// Mask kernels as a filter, so that tests in Python can compare them with scipy.ndimage:
//
//   mask_probe OPERATION ARGUMENT... < masks > result
//
// In: three int64 (voxels in x, y, z), then one image of uint8 after the other, x fastest. Out: one
// image of the same kind without the sizes; `regions` writes a line of text for each region
// instead.

#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "mask/components.hpp"
#include "mask/merge.hpp"
#include "mask/morphology.hpp"
#include "mask/scan.hpp"
#include "mask/sets.hpp"

namespace nicohort {
namespace {

std::vector<LabelMask> read_masks(std::istream& in) {
  std::int64_t dims[3];
  in.read(reinterpret_cast<char*>(dims), sizeof dims);
  const Size3 size{dims[0], dims[1], dims[2]};
  std::vector<std::uint8_t> voxels(size.voxels());
  std::vector<LabelMask> masks;
  while (in.read(reinterpret_cast<char*>(voxels.data()), std::streamsize(voxels.size()))) {
    LabelScanner scanner(size);
    scanner.feed(voxels);
    masks.push_back(scanner.finish());
  }
  if (masks.empty() || in.gcount() != 0) throw std::runtime_error("the input is not whole images");
  return masks;
}

void write_mask(const LabelMask& mask) {
  LabelPainter painter(mask);
  std::vector<std::uint8_t> voxels(mask.size().voxels());
  painter.paint(voxels);
  std::cout.write(reinterpret_cast<const char*>(voxels.data()), std::streamsize(voxels.size()));
}

void write_regions(const LabelMask& mask, std::uint8_t label) {
  for (const Region& r : find_regions(mask, label)) {
    std::cout << fmt::format("{} {} {} {} {} {} {}\n", r.voxels, r.centre[0], r.centre[1],
                             r.centre[2], r.first[0], r.first[1], r.first[2]);
  }
}

Connectivity connectivity_of(const std::string& name) {
  static const std::map<std::string, Connectivity> by_name{{"slice_4", Connectivity::slice_4},
                                                           {"slice_8", Connectivity::slice_8},
                                                           {"space_6", Connectivity::space_6},
                                                           {"space_26", Connectivity::space_26}};
  return by_name.at(name);
}

// All 256 labels, as SPEC 4 has it for the labels of an image: small regions opened, the rest kept,
// merged.
LabelMask open_small_regions(const LabelMask& mask, int kx, int ky, int halfedge,
                             double area_thresh, EmptyLabel empty) {
  const auto voxels = count_labels(mask);
  std::vector<std::pair<std::uint8_t, BinaryMask>> masks;
  for (int label = 0; label < 256; ++label) {
    if (voxels[label] == 0) continue;
    const auto [small, large] =
        split_small(select(mask, std::uint8_t(label)), Connectivity::slice_8, 1, area_thresh);
    masks.emplace_back(label, unite(large, open_slices(small, kx, ky)));
  }
  return merge(masks, halfedge, empty);
}

int run(const std::vector<std::string>& arguments) {
  const std::vector<LabelMask> in = read_masks(std::cin);
  const std::string& operation = arguments.at(0);
  const auto integer = [&](std::size_t i) { return std::stoi(arguments.at(i)); };
  const auto real = [&](std::size_t i) { return std::stod(arguments.at(i)); };
  const auto empty = [&](std::size_t i) {
    return arguments.at(i) == "background" ? EmptyLabel::background : EmptyLabel::neighbourhood;
  };

  if (operation == "copy") {
    write_mask(in[0]);
  } else if (operation == "regions") {  // LABEL
    write_regions(in[0], std::uint8_t(integer(1)));
  } else if (operation == "small") {  // CONNECTIVITY VOXEL_SIZE SMALLER_THAN
    const SmallSplit split =
        split_small(select(in[0], 1), connectivity_of(arguments.at(1)), real(2), real(3));
    write_mask(relabel(split.small, 1));
  } else if (operation == "largest") {
    write_mask(relabel(largest_component(select(in[0], 1)), 1));
  } else if (operation == "open") {  // KX KY
    write_mask(relabel(open_slices(select(in[0], 1), integer(1), integer(2)), 1));
  } else if (operation == "close") {  // KX KY
    write_mask(relabel(close_slices(select(in[0], 1), integer(1), integer(2)), 1));
  } else if (operation == "merge") {  // HALFEDGE EMPTY LABEL..., a label for each image
    std::vector<std::pair<std::uint8_t, BinaryMask>> masks;
    for (std::size_t i = 0; i < in.size(); ++i) {
      masks.emplace_back(integer(3 + i), select(in[i], 1));
    }
    write_mask(merge(masks, integer(1), empty(2)));
  } else if (operation == "open_small_regions") {  // KX KY HALFEDGE AREA_THRESH EMPTY
    write_mask(open_small_regions(in[0], integer(1), integer(2), integer(3), real(4), empty(5)));
  } else {
    throw std::runtime_error("no such operation: " + operation);
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace nicohort

int main(int argc, char** argv) {
  try {
    return nicohort::run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::cerr << "mask_probe: " << e.what() << '\n';
    return EXIT_FAILURE;
  }
}
