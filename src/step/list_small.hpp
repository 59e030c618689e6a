// The step `list_small`: lists the small connected regions of labels, by default of all, the
// background's too.
#pragma once

#include <string>

#include "step/step.hpp"

namespace nicohort {

class ListSmall : public Step {
 public:
  std::string name() const override { return "list_small"; }
  std::string main_parameter() const override { return "smaller_than"; }
  Parameters parameters() override;
  std::vector<std::string> named_labels() const override { return of_; }
  StepFindings apply(MaskState& state, Values& values) const override;

  const SmallerThan& smaller_than() const { return smaller_than_; }
  const std::string& output() const { return output_; }  // the table's file; may be empty

 private:
  SmallerThan smaller_than_{300, SmallerThan::Unit::mm, 3};
  std::vector<std::string> of_;  // empty: all, the background included
  std::string output_;
};

}  // namespace nicohort
