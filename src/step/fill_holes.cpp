// The step `fill_holes`: small holes in slices of some labels' voxels together get a label.
#include "mask/operations.hpp"
#include "mask/slices.hpp"
#include "step/changes.hpp"
#include "step/steps.hpp"

namespace nicohort {
namespace {

// The axis of the largest spacing, the last of several.
int coarsest_axis(const std::array<double, 3>& spacing) {
  int coarsest = 0;
  for (int axis = 1; axis < 3; ++axis)
    if (spacing[axis] >= spacing[coarsest]) coarsest = axis;
  return coarsest;
}

class FillHoles : public Step {
 public:
  std::string name() const override { return "fill_holes"; }
  std::string main_parameter() const override { return "smaller_than"; }
  bool adds_voxels() const override { return true; }

  Parameters parameters() override {
    return {{.name = "smaller_than",
             .option = "",
             .place = &smaller_than_,
             .help = "Holes of a slice smaller than this are filled (mm2)",
             .is_required = true},
            {.name = "with",
             .option = "",
             .place = &with_,
             .help = "The label that they get",
             .is_required = true},
            {.name = "of",
             .option = "",
             .place = &of_,
             .help = "Labels whose voxels are looked at together; `foreground`: all but 0"},
            {.name = "across",
             .option = "",
             .place = &across_,
             .help = "The axis that the slices are across: z, or the one of the largest spacing"}};
  }
  std::vector<std::string> named_labels() const override { return of_; }
  std::vector<std::string> given_labels() const override { return {with_}; }

  StepFindings apply(MaskState& state, Values&) const override {
    std::array<double, 3> spacing = state.geometry.spacing;
    const int axis = across_.word() == "z" ? 2 : coarsest_axis(spacing);
    std::swap(spacing[axis], spacing[2]);
    const BinaryMask together =
        exchange_with_z(select_any(state.mask, labels_named(state.labels, of_)), axis);
    const BinaryMask holes = by_slices(together, [&](const BinaryMask& some) {
      return split_small(complement(some), Connectivity::slice_4, spacing[0] * spacing[1],
                         smaller_than_.in_mm(spacing))
          .small;
    });
    const LabelMask before = std::move(state.mask);
    state.mask =
        paint(before, exchange_with_z(holes, axis), find_label(state.labels, with_).value());
    StepFindings findings;
    count_changes(before, state.mask, state.labels, findings);
    return findings;
  }

 private:
  SmallerThan smaller_than_{0, SmallerThan::Unit::mm, 2};
  std::string with_;
  std::vector<std::string> of_{all_but_background};
  Choice across_{{"z", "coarsest"}};
};

}  // namespace

StepPtr make_fill_holes() {
  return std::make_shared<FillHoles>();
}

}  // namespace nicohort
