#include "step/clean_slices.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mask/slices.hpp"
#include "step/changes.hpp"
#include "step/steps.hpp"

namespace nicohort {
namespace {

BinaryMask open_small(const BinaryMask& mask, double voxel_area, const SliceCleaning& parameters) {
  auto [small, large] =
      split_small(mask, Connectivity::slice_8, voxel_area, parameters.smaller_than);
  // A rectangle inside the mask lies inside one component, so opening the small regions alone
  // gives what opening the whole slice would give within them.
  return unite(large, open_slices(small, parameters.kernel_x, parameters.kernel_y));
}

BinaryMask close_small(const BinaryMask& mask, double voxel_area, const SliceCleaning& parameters) {
  const BinaryMask small =
      split_small(complement(mask), Connectivity::slice_8, voxel_area, parameters.smaller_than)
          .small;
  if (small.runs().empty()) return mask;
  return unite(mask,
               intersect(small, close_slices(mask, parameters.kernel_x, parameters.kernel_y)));
}

// The masks of all labels; that of the background is what no label claims if it has no name.
LabelledMasks masks_of(const LabelMask& mask, const LabelNames& labels) {
  LabelledMasks masks = extract(mask, labels_of(labels));
  if (masks.front().first != 0) masks.insert(masks.begin(), {0, complement(foreground(masks))});
  return masks;
}

class CleanSlices : public Step {
 public:
  std::string name() const override { return "clean_slices"; }
  std::string main_parameter() const override { return "smaller_than"; }

  bool adds_voxels() const override { return true; }

  Parameters parameters() override {
    return {{.name = "kernel_size",
             .option = "--kernel_size",
             .place = &kernel_size_,
             .help = "Rectangle of the opening along x and y (voxels)",
             .is_required = true,
             .lowest = 1,
             .highest = 1000},
            {.name = "filter_halfedge",
             .option = "--filter_halfedge",
             .place = &filter_halfedge_,
             .help = "Half the edge length of the neighbourhood that decides voxels in several "
                     "masks or none (voxels)",
             .highest = 1000},
            {.name = "smaller_than",
             .option = "--region_area_thresh",
             .place = &smaller_than_,
             .help = "Regions of a slice smaller than this are opened (mm2)",
             .is_required = true},
            {.name = "what",
             .option = "",
             .place = &what_,
             .help = "Small regions of each label, which are opened, or its small holes, which are "
                     "closed"},
            {.name = "empty_label",
             .option = "--empty_label",
             .place = &empty_label_,
             .help = "Label of voxels in no mask"}};
  }

  StepFindings apply(MaskState& state, Values&) const override {
    if (state.labels.empty())
      throw BadInput(ProblemKind::incomplete,
                     "has no binary masks; run extract_binary_masks first");
    StepFindings findings;
    for (const std::string& value : unmapped_values(state.mask, state.labels))
      findings.problems.push_back(
          {ProblemKind::unmapped_label,
           value + "; cleaning treated these voxels as voxels in no mask: add the value to the "
                   "labels, or correct the mask in the archive"});
    const auto& spacing = state.geometry.spacing;
    const SliceCleaning cleaning{
        kernel_size_[0],
        kernel_size_[1],
        filter_halfedge_,
        smaller_than_.in_mm(spacing),
        empty_label_.chosen == 1 ? EmptyLabel::background : EmptyLabel::neighbourhood,
        what_.chosen == 1 ? CleanWhat::holes : CleanWhat::regions};
    const LabelMask before = std::move(state.mask);
    state.mask = by_slices(before, [&](const LabelMask& some) {
      return clean_slices(masks_of(some, state.labels), spacing, cleaning);
    });
    count_changes(before, state.mask, state.labels, findings);
    return findings;
  }

 private:
  std::array<int, 2> kernel_size_{5, 5};
  int filter_halfedge_ = 3;
  SmallerThan smaller_than_{10, SmallerThan::Unit::mm, 2};
  Choice what_{{"regions", "holes"}};
  Choice empty_label_{{"neighbourhood", "background"}};
};

}  // namespace

LabelMask clean_slices(const LabelledMasks& masks, const std::array<double, 3>& spacing,
                       const SliceCleaning& parameters) {
  const double voxel_area = spacing[0] * spacing[1];
  const bool closes = parameters.what == CleanWhat::holes;
  LabelledMasks cleaned;
  for (const auto& [label, mask] : masks) {
    if (!closes)
      cleaned.emplace_back(label, open_small(mask, voxel_area, parameters));
    else  // the background stays as it was drawn
      cleaned.emplace_back(label, label == 0 ? mask : close_small(mask, voxel_area, parameters));
  }
  return merge(cleaned, parameters.filter_halfedge, parameters.empty_label,
               closes ? BackgroundClaim::yields : BackgroundClaim::equal);
}

StepPtr make_clean_slices() {
  return std::make_shared<CleanSlices>();
}

}  // namespace nicohort
