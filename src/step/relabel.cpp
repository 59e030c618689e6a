// The step `relabel`: values of the mask become other labels, all at once.
#include <algorithm>
#include <numeric>

#include "mask/sets.hpp"
#include "step/changes.hpp"
#include "step/steps.hpp"

namespace nicohort {
namespace {

class Relabel : public Step {
 public:
  std::string name() const override { return "relabel"; }
  std::string main_parameter() const override { return "values"; }
  // It turns values into others; it gives none to the background, unless it is told to.
  bool adds_voxels() const override { return to_.contains(0); }
  bool gives_new_labels() const override { return true; }

  Parameters parameters() override {
    return {{.name = "values",
             .option = "",
             .place = &to_,
             .help = "A value of the mask, and the label that it becomes, by name or number",
             .is_required = true,
             .highest = 255}};
  }
  std::vector<std::string> given_labels() const override {
    std::vector<std::string> names;
    for (const auto& [value, label] : to_) names.push_back(label);
    return names;
  }

  StepFindings apply(MaskState& state, Values&) const override {
    std::array<std::uint8_t, 256> table{};
    std::iota(table.begin(), table.end(), std::uint8_t{0});
    for (const auto& [value, label] : to_) table[value] = find_label(state.labels, label).value();
    const LabelMask before = std::move(state.mask);
    state.mask = map_labels(before, table);
    if (table[0] != 0) state.mask = paint(state.mask, select(before, 0), table[0]);
    StepFindings findings;
    count_changes(before, state.mask, state.labels, findings);
    return findings;
  }

 private:
  std::map<int, std::string> to_;
};

}  // namespace

StepPtr make_relabel() {
  return std::make_shared<Relabel>();
}

}  // namespace nicohort
