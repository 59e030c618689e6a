#include "step/clean_slices.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mask/slices.hpp"
#include "step/steps.hpp"

namespace nicohort {
namespace {

constexpr std::int64_t slices_at_a_time = 16;

BinaryMask open_small(const BinaryMask& mask, double voxel_area, const SliceCleaning& parameters) {
  auto [small, large] = split_small_in_slices(mask, voxel_area, parameters.smaller_than);
  // A rectangle inside the mask lies inside one component, so opening the small regions alone
  // gives what opening the whole slice would give within them.
  return unite(large, open_slices(small, parameters.kernel_x, parameters.kernel_y));
}

// The masks of all labels; that of the background is what no label claims if it has no name.
LabelledMasks masks_of(const MaskState& state) {
  LabelledMasks masks = extract(state.mask, labels_of(state.labels));
  if (masks.front().first != 0)
    masks.insert(masks.begin(), {0, select(relabel(foreground(masks), 1), 0)});
  return masks;
}

// What became of the voxels, all together and of each label but the background.
void count_changes(const LabelledMasks& before, const LabelMask& after, const LabelNames& labels,
                   StepFindings& findings) {
  std::int64_t removed = 0, filled = 0, relabelled = 0;
  const BinaryMask was = foreground(before), is = foreground(after);
  removed = count(subtract(was, is));
  filled = count(subtract(is, was));
  relabelled = -filled;  // what labels gained came from the background or from another label
  for (const auto& [label, mask] : before) {
    if (label == 0) continue;
    const BinaryMask now = select(after, label);
    const std::int64_t gained = count(subtract(now, mask)), lost = count(subtract(mask, now));
    relabelled += gained;
    const std::string name = label_text(label, labels.at(label));
    findings.counts["gained " + name] = gained;
    findings.counts["lost " + name] = lost;
  }
  findings.counts["removed"] = removed;
  findings.counts["filled"] = filled;
  findings.counts["relabelled"] = relabelled;
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
           value + "; cleaning gave these voxels the label of their neighbourhood: add the value "
                   "to the labels, or correct the mask in the archive"});
    const auto& spacing = state.geometry.spacing;
    const LabelledMasks masks = masks_of(state);
    state.mask = {};  // masks of large volumes are let go as soon as they have served
    state.mask = clean_slices(
        masks, spacing,
        {kernel_size_[0], kernel_size_[1], filter_halfedge_, smaller_than_.in_mm(spacing),
         empty_label_.chosen == 1 ? EmptyLabel::background : EmptyLabel::neighbourhood});
    count_changes(masks, state.mask, state.labels, findings);
    return findings;
  }

 private:
  std::array<int, 2> kernel_size_{5, 5};
  int filter_halfedge_ = 3;
  SmallerThan smaller_than_{10, SmallerThan::Unit::mm, 2};
  Choice empty_label_{{"neighbourhood", "background"}};
};

}  // namespace

LabelMask clean_slices(const LabelledMasks& masks, const std::array<double, 3>& spacing,
                       const SliceCleaning& parameters) {
  const Size3& size = masks.front().second.size();
  const double voxel_area = spacing[0] * spacing[1];
  LabelMask merged(size);
  for (std::int64_t z = 0; z < size.z; z += slices_at_a_time) {
    LabelledMasks cleaned;
    for (const auto& [label, mask] : masks)
      cleaned.emplace_back(
          label, open_small(slices(mask, z, std::min(size.z, z + slices_at_a_time)), voxel_area,
                            parameters));
    append(merge(cleaned, parameters.filter_halfedge, parameters.empty_label), merged);
  }
  return merged;
}

StepPtr make_clean_slices() {
  return std::make_shared<CleanSlices>();
}

}  // namespace nicohort
