// The step `keep_largest`: of some labels' voxels together only the largest connected part stays.
#include "mask/operations.hpp"
#include "step/changes.hpp"
#include "step/steps.hpp"

namespace nicohort {
namespace {

class KeepLargest : public Step {
 public:
  std::string name() const override { return "keep_largest"; }
  std::string main_parameter() const override { return "of"; }

  Parameters parameters() override {
    return {{.name = "of",
             .option = "",
             .place = &of_,
             .help = "Labels whose voxels are looked at together; `foreground`: all but 0"}};
  }
  std::vector<std::string> named_labels() const override { return of_; }

  StepFindings apply(MaskState& state, Values&) const override {
    const BinaryMask together = select_any(state.mask, labels_named(state.labels, of_));
    const LabelMask before = std::move(state.mask);
    state.mask = paint(before, subtract(together, largest_component(together)), 0);
    StepFindings findings;
    count_changes(before, state.mask, state.labels, findings);
    return findings;
  }

 private:
  std::vector<std::string> of_{all_but_background};
};

}  // namespace

StepPtr make_keep_largest() {
  return std::make_shared<KeepLargest>();
}

}  // namespace nicohort
