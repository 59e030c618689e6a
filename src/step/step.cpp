#include "step/step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/near_miss.hpp"
#include "base/wording.hpp"
#include "mask/sets.hpp"
#include "step/steps.hpp"

namespace nicohort {
namespace {

struct Known {
  std::string name;
  StepPtr (*make)();
};
const Known known_steps[] = {
    {"threshold", make_threshold},       {"relabel", make_relabel},
    {"list_small", make_list_small},     {"clean_slices", make_clean_slices},
    {"fill_holes", make_fill_holes},     {"keep_largest", make_keep_largest},
    {"remove_small", make_remove_small},
};

class Spared : public Step {
 public:
  explicit Spared(StepPtr step) : step_(std::move(step)) {}

  std::string name() const override { return step_->name(); }
  Parameters parameters() override { return step_->parameters(); }
  std::string main_parameter() const override { return step_->main_parameter(); }
  StepFindings apply(MaskState&, Values&) const override { return {}; }
  StepWork work() const override {
    StepWork work = step_->work();
    work.is_spared = true;
    return work;
  }

 private:
  StepPtr step_;
};

}  // namespace

StepWork Step::work() const {
  // parameters() gives places to set, which is not done here.
  std::map<std::string, std::string> values;
  for (const Parameter& parameter : const_cast<Step*>(this)->parameters())  // NOLINT
    if (parameter.is_recorded) values[parameter.name] = json_of(parameter);
  std::string text;
  for (const auto& [name, value] : values)
    text += fmt::format("{}\"{}\":{}", text.empty() ? "" : ",", name, value);
  return {name(), "{" + text + "}", version()};
}

StepPtr spared(const StepPtr& step) {
  return std::make_shared<Spared>(step);
}

StepPtr make_step(const std::string& name) {
  for (const Known& known : known_steps)
    if (known.name == name) return known.make();
  return nullptr;
}

const std::vector<std::string>& step_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Known& known : known_steps) all.push_back(known.name);
    return all;
  }();
  return names;
}

std::vector<Window> windows_of(const Steps& steps) {
  std::vector<Window> windows;
  for (const StepPtr& step : steps)
    for (const Window& window : step->windows()) windows.push_back(window);
  return windows;
}

std::vector<StepWork> works_of(const Steps& steps) {
  std::vector<StepWork> works;
  for (const StepPtr& step : steps) works.push_back(step->work());
  return works;
}

bool are_same_steps(const std::vector<StepWork>& one, const std::vector<StepWork>& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](StepWork a, StepWork b) {
    a.is_spared = b.is_spared = false;
    return a == b;
  });
}

bool is_in_effect(const StepWork& step, std::span<const StepWork> done) {
  const StepPtr known = make_step(step.name);
  if (!known || !known->is_lasting()) return false;
  for (auto earlier = done.rbegin(); earlier != done.rend(); ++earlier) {
    if (*earlier == step) return true;
    if (earlier->is_spared) continue;
    const StepPtr other = make_step(earlier->name);
    if (!other || other->adds_voxels()) return false;
  }
  return false;
}

std::vector<StepWork> works_to_do(const std::vector<StepWork>& works, std::vector<StepWork> done) {
  std::vector<StepWork> to_do;
  for (const StepWork& work : works) {
    if (is_in_effect(work, done)) continue;
    to_do.push_back(work);
    done.push_back(work);
  }
  return to_do;
}

std::string unknown_label(const Step& step, const LabelNames& labels) {
  std::vector<std::string> names;
  for (const auto& [label, name] : labels) names.push_back(name);
  std::vector<std::string> named = step.given_labels();
  for (const std::string& name : step.named_labels())
    if (name != all_but_background) named.push_back(name);
  for (const std::string& name : named)
    if (labels.empty() && !find_label(labels, name))
      return fmt::format(
          "`{}` names the label `{}`, but the mask's labels have no names yet; run "
          "extract_binary_masks first",
          step.name(), name);
    else if (!find_label(labels, name))
      return fmt::format("`{}` names the label `{}`, which is not among the labels; {}",
                         step.name(), name, did_you_mean(name, names));
  return "";
}

std::vector<StepFindings> apply_steps(const Steps& steps, MaskState& state, Values& values) {
  std::vector<StepFindings> findings;
  for (const StepPtr& step : steps) {
    if (const std::string what = unknown_label(*step, state.labels); !what.empty())
      throw BadInput(ProblemKind::unmapped_label, what);
    findings.push_back(step->apply(state, values));
  }
  return findings;
}

std::vector<std::string> unmapped_values(const LabelMask& mask, const LabelNames& labels) {
  std::vector<std::string> sentences;
  const auto voxels = count_labels(mask);
  for (std::size_t value = 1; value < voxels.size(); ++value)
    if (voxels[value] > 0 && !labels.contains(static_cast<std::uint8_t>(value)))
      sentences.push_back(fmt::format("has {} of value {}, which is not in the label map",
                                      counted(voxels[value], "voxel"), value));
  return sentences;
}

}  // namespace nicohort
