// One thing that is done to a sample's mask. A command does one step, `run` those of the recipe:
// there is no other composition.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.hpp"
#include "image/geometry.hpp"
#include "mask/run_mask.hpp"
#include "step/labels.hpp"
#include "step/measure.hpp"
#include "step/parameter.hpp"
#include "step/values.hpp"

namespace nicohort {

// Which step with which parameters, as a record has it. Two samples to which the same was done have
// equal ones.
struct StepWork {
  std::string name;        // as in recipes: `clean_slices`
  std::string parameters;  // a JSON object, keys sorted
  int version = 1;         // of what the step makes of its input: raised when that changes
  bool is_spared = false;  // the step was not for this sample, by its `where`
  bool operator==(const StepWork&) const = default;
};

// What a step works on.
struct MaskState {
  LabelMask mask;
  Geometry geometry;  // of volume and mask
  LabelNames labels;  // that the mask's values have; empty: not extracted yet
  LabelGroups groups = {};
};

struct LabelRegions {
  std::uint8_t label = 0;
  std::vector<MeasuredRegion> regions;
};
// Something wrong with the sample, as a step sees it.
struct StepProblem {
  ProblemKind kind = ProblemKind::other;
  std::string what;
  bool operator==(const StepProblem&) const = default;
};
// What a step found or did, for the record.
struct StepFindings {
  std::map<std::string, std::int64_t> counts;  // of voxels
  std::vector<StepProblem> problems;
  std::vector<LabelRegions> regions;  // of every label
};

class Step {
 public:
  Step() = default;
  virtual ~Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  virtual std::string name() const = 0;
  virtual int version() const { return 1; }
  virtual Parameters parameters() = 0;  // of this very step
  // The parameter that a recipe may give without its name: `threshold: [-140, 1000]`.
  virtual std::string main_parameter() const = 0;
  // Of the volume's values that it looks at.
  virtual std::vector<Window> windows() const { return {}; }
  // What its parameters call labels that it looks at: names, numbers, `foreground`.
  virtual std::vector<std::string> named_labels() const { return {}; }
  // What they call labels that voxels get: names and numbers.
  virtual std::vector<std::string> given_labels() const { return {}; }

  // Whether it can give a label to voxels that had none.
  virtual bool adds_voxels() const { return false; }
  // Whether its labels are others than those before, which then have no voxels, rightly.
  virtual bool gives_new_labels() const { return false; }
  // Whether doing it again changes nothing as long as no step adds voxels.
  virtual bool is_lasting() const { return false; }

  // Throws BadInput, without a subject, where the sample is not fit for it.
  virtual StepFindings apply(MaskState& state, Values& values) const = 0;

  virtual StepWork work() const;
};

using StepPtr = std::shared_ptr<Step>;
using Steps = std::vector<StepPtr>;

// The step for a sample that it is not for: it does nothing, and is on the record as such.
StepPtr spared(const StepPtr& step);

// The steps there are, by name. Nothing for an unknown one.
StepPtr make_step(const std::string& name);
const std::vector<std::string>& step_names();

std::vector<StepWork> works_of(const Steps& steps);
std::vector<Window> windows_of(const Steps& steps);

// Whether they are the same but for being spared.
bool are_same_steps(const std::vector<StepWork>& one, const std::vector<StepWork>& other);

// Whether doing the step once more, after these, would change nothing: it was done, it lasts, and
// nothing behind it adds voxels.
bool is_in_effect(const StepWork& step, std::span<const StepWork> done);

// Of these, one after the other, those that would change something after what was done.
std::vector<StepWork> works_to_do(const std::vector<StepWork>& works, std::vector<StepWork> done);

// A sentence if the step names a label that there is not; else empty.
std::string unknown_label(const Step& step, const LabelNames& labels);

// Does the steps one after the other. Throws BadInput, without a subject.
std::vector<StepFindings> apply_steps(const Steps& steps, MaskState& state, Values& values);

// A sentence for each value of the mask, other than 0, that the labels lack.
std::vector<std::string> unmapped_values(const LabelMask& mask, const LabelNames& labels);

}  // namespace nicohort
