// What becomes of a sample that cannot be made, as the end of its problem.
#pragma once

#include <string>

#include "base/problem.hpp"

namespace nicohort {

// `; the sample is left out`, or that the dataset keeps it as it was made before.
std::string outcome_text(bool is_kept);

// The problem without it, as gen_archive_manifest has it, which knows no dataset.
Problem without_outcome(Problem problem);

}  // namespace nicohort
