// What a step did to a mask, for the record and the user.
#pragma once

#include "mask/run_mask.hpp"
#include "step/step.hpp"

namespace nicohort {

// Enters how many voxels became background (`removed`), were background (`filled`) or have another
// label now (`relabelled`), and what each label of the mask gained and lost.
void count_changes(const LabelMask& before, const LabelMask& after, const LabelNames& labels,
                   StepFindings& findings);

}  // namespace nicohort
