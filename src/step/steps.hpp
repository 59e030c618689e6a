// The steps there are, each in a file of its name.
#pragma once

#include "step/step.hpp"

namespace nicohort {

StepPtr make_threshold();
StepPtr make_relabel();
StepPtr make_list_small();
StepPtr make_clean_slices();
StepPtr make_fill_holes();
StepPtr make_keep_largest();
StepPtr make_remove_small();

}  // namespace nicohort
