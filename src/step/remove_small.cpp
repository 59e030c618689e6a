// The step `remove_small`: small connected parts of each label become background.
#include "mask/operations.hpp"
#include "step/changes.hpp"
#include "step/steps.hpp"

namespace nicohort {
namespace {

class RemoveSmall : public Step {
 public:
  std::string name() const override { return "remove_small"; }
  std::string main_parameter() const override { return "smaller_than"; }

  Parameters parameters() override {
    return {{.name = "smaller_than",
             .option = "",
             .place = &smaller_than_,
             .help = "Parts smaller than this are removed (mm3)",
             .is_required = true},
            {.name = "of",
             .option = "",
             .place = &of_,
             .help = "Labels, each looked at alone; `foreground`: all but 0"}};
  }
  std::vector<std::string> named_labels() const override { return of_; }

  StepFindings apply(MaskState& state, Values&) const override {
    const auto& spacing = state.geometry.spacing;
    const double voxel_volume = spacing[0] * spacing[1] * spacing[2];
    const auto chosen = labels_named(state.labels, of_);
    const auto voxels = count_labels(state.mask);
    const LabelMask before = state.mask;
    for (int label = 1; label < 256; ++label) {
      if (!chosen[label] || voxels[label] == 0) continue;
      const BinaryMask small =
          split_small(select(before, std::uint8_t(label)), Connectivity::space_26, voxel_volume,
                      smaller_than_.in_mm(spacing))
              .small;
      if (!small.runs().empty()) state.mask = paint(state.mask, small, 0);
    }
    StepFindings findings;
    count_changes(before, state.mask, state.labels, findings);
    return findings;
  }

 private:
  SmallerThan smaller_than_{0, SmallerThan::Unit::mm, 3};
  std::vector<std::string> of_{all_but_background};
};

}  // namespace

StepPtr make_remove_small() {
  return std::make_shared<RemoveSmall>();
}

}  // namespace nicohort
