// Values of a mask that have no name.
#pragma once

#include <string>
#include <vector>

#include "cohort/label_names.hpp"
#include "mask/run_mask.hpp"

namespace nicohort {

// A sentence for each value that the label map lacks: what it is and what to do.
std::vector<std::string> unmapped_values(const LabelMask& mask, const LabelNames& names);

}  // namespace nicohort
