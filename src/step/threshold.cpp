// The step `threshold`: foreground whose value in the volume is out of a window becomes background.
#include <fmt/format.h>

#include "mask/sets.hpp"
#include "step/extract.hpp"
#include "step/steps.hpp"

namespace nicohort {
namespace {

class Threshold : public Step {
 public:
  std::string name() const override { return "threshold"; }
  std::string main_parameter() const override { return "window"; }

  Parameters parameters() override {
    return {{.name = "window",
             .option = "--thresh",
             .place = &window_,
             .help = "Lowest and highest value of the foreground, in the unit of the volume",
             .is_required = true}};
  }

  bool is_lasting() const override { return true; }
  std::vector<Window> windows() const override { return {window_}; }

  StepFindings apply(MaskState& state, Values& values) const override {
    const BinaryMask before = foreground(state.mask), outside = values.outside(before, window_);
    const std::int64_t removed = count(outside), all = count(before);
    if (removed > 0) state.mask = paint(state.mask, outside, 0);
    StepFindings findings;
    findings.counts["removed"] = removed;
    if (removed > all / 2.0)
      findings.problems.push_back(
          {ProblemKind::image_content,
           fmt::format("lost {} of the {} voxels of its mask, where the volume is outside [{}, "
                       "{}]; check the values of the volume (is a CT 1024 too high?), the position "
                       "of the mask, and the range",
                       removed, all, window_.low, window_.high)});
    return findings;
  }

 private:
  Window window_;
};

}  // namespace

StepPtr make_threshold() {
  return std::make_shared<Threshold>();
}

}  // namespace nicohort
